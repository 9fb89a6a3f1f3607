"""An authority of the tests' own, and certificates that it vouches for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pipeline.provenance.signing import Signing

KEYS: dict[str, Any] = {
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
}
"""Kind of key → a new one."""


@dataclass(frozen=True)
class Authority:
    """Who vouches for certificates."""

    key: Any
    certificate: x509.Certificate

    @classmethod
    def made(cls) -> Authority:
        """A new one."""
        key = KEYS["P-256"]()
        name = _name("The tests' authority")
        made = _builder(name, name, key, days=3650)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        made = made.add_extension(x509.BasicConstraints(True, None), True).add_extension(usage, True)
        return cls(key, made.sign(key, hashes.SHA256()))

    @property
    def pem(self) -> bytes:
        """Its certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def signing(
        self, folder: Path, *, kind: str = "P-256", days: int = 30, password: bytes | None = None, sec1: bool = False
    ) -> Signing:
        """A certificate and its key as files in a folder. `days`: how long it is valid; below 0, it has expired."""
        key = KEYS[kind]()
        made = _builder(_name("Studio"), self.certificate.subject, key, days=days)
        usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
        made = (
            made.add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(usage, True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        )
        certificate = made.sign(self.key, hashes.SHA256())
        files = folder / "certificate.pem", folder / "key.pem"
        files[0].write_bytes(certificate.public_bytes(Encoding.PEM) + self.pem)
        lock = NoEncryption() if password is None else BestAvailableEncryption(password)
        form = PrivateFormat.TraditionalOpenSSL if sec1 else PrivateFormat.PKCS8
        files[1].write_bytes(key.private_bytes(Encoding.PEM, form, lock))
        return Signing(*files)


def _name(common: str) -> x509.Name:
    parts = (NameOID.ORGANIZATION_NAME, "Studio Ltd"), (NameOID.COMMON_NAME, common)
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts])


def _builder(subject: x509.Name, issuer: x509.Name, key: Any, *, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=60))
        .not_valid_after(now + timedelta(days=days))
    )
