"""C2PA manifests: signing files, if a certificate is configured. Reading and verifying them is manifest.py's.

Needs the extra `c2pa`, which is imported when something is signed. A signature holds random numbers, and the time if
an authority tells it, so no two signings give the same bytes.

Source: C2PA Technical Specification 2.2, 10 (claims), 14 (trust), 18.16 (actions).
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, BinaryIO

from pipeline.errors import ConfigError, MediaError, TransientError
from pipeline.provenance.marks import GENERATED, SOFTWARE

LIMITS: Mapping[str, Any] = {
    # What a file names is not fetched: neither a manifest elsewhere, nor whether a certificate was revoked.
    "verify": {"verify_after_sign": False, "remote_manifest_fetch": False, "ocsp_fetch": False},
    "builder": {"thumbnail": {"enabled": False}},
}
"""Settings of the library, for all that we do with it."""

_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_RSA_BITS = 2048

_TRIAL_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a4944415478da63f80f00010101001cb08c99"
    "0000000049454e44ae426082"
)
"""One white pixel."""


@dataclass(frozen=True)
class Signing:
    """With what files are signed. Holds names of files, and no key."""

    certificate: Path
    """PEM: the signer's certificate, then those that lead to its authority."""
    key: Path
    """PEM: the signer's private key, without a passphrase."""
    timestamp: str | None = None
    """Address of an RFC 3161 authority that vouches for the time; none is asked without it."""

    def check(self) -> str:
        """Who signs, as people read it, after one signature was made and verified.

        Raises: ConfigError if certificate and key are no pair that C2PA takes, or the library is not installed.
        """
        from pipeline.provenance.manifest import read_manifest

        credentials = self._credentials()
        signed = io.BytesIO()
        try:
            Signing(self.certificate, self.key).sign(
                io.BytesIO(_TRIAL_PNG), signed, mime="image/png", title="trial", source_type=GENERATED
            )
        except MediaError as error:
            raise ConfigError(f"{self.certificate}: nothing can be signed with it: {error}") from error
        found = read_manifest(signed, "image/png", anchors=None)
        if found is None or found.is_broken:
            why = "; ".join(found.problems) if found is not None else "it left no signature"
            raise ConfigError(f"{self.certificate}: C2PA does not take it for signing: {why}")
        return credentials.name

    def sign(self, source: BinaryIO, target: BinaryIO, *, mime: str, title: str, source_type: str) -> None:
        """Copy a file, signed. `target` can be read as well; `source_type`: a term of IPTC's.

        Raises: ConfigError; MediaError if such a file cannot be signed; TransientError if the authority is away.
        """
        c2pa = library()
        credentials = self._credentials()
        url = None if self.timestamp is None else self.timestamp.encode()
        info = c2pa.C2paSignerInfo(credentials.algorithm, credentials.chain, credentials.key, url)
        try:
            with (
                c2pa.Context.from_dict(dict(LIMITS)) as context,
                c2pa.Signer.from_info(info) as signer,
                c2pa.Builder.from_json(_manifest(title, source_type), context) as builder,
            ):
                builder.sign(signer, mime, source, target)
        except c2pa.C2paError as error:
            said = " ".join(str(error).split())
            if self.timestamp is not None and "http resolver" in said:
                raise TransientError(
                    f"{self.timestamp}: the timestamp authority does not answer, so {title} cannot be signed"
                ) from error
            raise MediaError(f"{title}: cannot be signed: {said}") from error

    def _credentials(self) -> _Credentials:
        # Renewed files are noticed: a worker lives for weeks.
        return _read(self.certificate, self.key, _stamp(self.certificate), _stamp(self.key))


def library() -> Any:
    """The library. Raises: ConfigError if it is not installed."""
    try:
        import c2pa
        import cryptography
    except ImportError as error:
        raise ConfigError("C2PA needs two more packages; install atelier[c2pa]") from error
    return c2pa if cryptography else None


def _manifest(title: str, source_type: str) -> dict[str, Any]:
    agent = {"name": SOFTWARE, "version": _version()}
    created = {"action": "c2pa.created", "digitalSourceType": source_type, "softwareAgent": agent}
    return {
        "claim_generator_info": [agent],
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [created]}}],
    }


def _version() -> str:
    try:
        return version("atelier")
    except PackageNotFoundError:
        return "unknown"


# Certificate and key


@dataclass(frozen=True, repr=False)
class _Credentials:
    name: str
    algorithm: str
    """As C2PA calls it."""
    chain: bytes
    key: bytes
    """PEM of PKCS#8, the only form that the library reads."""


def _stamp(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read for signing: {error.strerror}") from error


@lru_cache(maxsize=2)
def _read(certificate: Path, key: Path, *_stamps: float) -> _Credentials:
    """Certificate and key. What is wrong with a key is said without a byte of it."""
    library()
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
        load_pem_private_key,
    )

    chain = _content(certificate)
    try:
        first = x509.load_pem_x509_certificates(chain)[0]
    except ValueError as error:
        raise ConfigError(f"{certificate}: holds no certificate; give PEM, the signer's own first") from error
    try:
        private: Any = load_pem_private_key(_content(key), password=None)
    except TypeError as error:
        raise ConfigError(
            f"{key}: is encrypted; give a key without a passphrase that only the worker may read"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{key}: holds no private key; give PEM") from error
    spki = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if private.public_key().public_bytes(*spki) != first.public_key().public_bytes(*spki):
        raise ConfigError(f"{key}: is not the key of {certificate}; give the pair that belongs together")
    if first.not_valid_after_utc < datetime.now(UTC):
        raise ConfigError(f"{certificate}: expired on {first.not_valid_after_utc:%Y-%m-%d}; renew it")
    return _Credentials(
        name=_said(first),
        algorithm=_algorithm(private, certificate),
        chain=chain,
        key=private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _said(certificate: Any) -> str:
    """Whose it is, as people read it."""
    from cryptography.x509.oid import NameOID

    parts = (
        certificate.subject.get_attributes_for_oid(kind) for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    )
    names = [str(part.value) for found in parts for part in found]
    return ", ".join(dict.fromkeys(names)) or certificate.subject.rfc4514_string()


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read for signing: {error.strerror}") from error


def _algorithm(key: Any, certificate: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    if isinstance(key, Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name in _CURVES:
        return _CURVES[key.curve.name]
    if isinstance(key, RSAPrivateKey) and key.key_size >= _RSA_BITS:
        return "ps256"
    raise ConfigError(
        f"{certificate}: C2PA signs with EC keys on P-256, P-384 or P-521, with Ed25519, or with RSA of "
        f"{_RSA_BITS} bits or more; get another certificate"
    )
