"""C2PA manifests in files: whose they are, and whether file and manifest are as they were signed.

Nothing is fetched. Source: C2PA Technical Specification 2.2, 15 (validation) and its table of status codes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from pipeline.errors import ConfigError
from pipeline.provenance.signing import LIMITS, library

_WORDS = {
    "assertion.dataHash.mismatch": "the content was altered after it was signed",
    "assertion.bmffHash.mismatch": "the content was altered after it was signed",
    "assertion.boxesHash.mismatch": "the content was altered after it was signed",
    "assertion.collectionHash.mismatch": "the content was altered after it was signed",
    "assertion.hashedURI.mismatch": "what was signed about the file was altered",
    "claimSignature.mismatch": "the signature does not fit what it signs",
    "claimSignature.missing": "the signature is missing",
    "claimSignature.outsideValidity": "the certificate was not valid when it was used",
    "signingCredential.expired": "the certificate has expired",
    "signingCredential.invalid": "the certificate is none for signing content",
    "signingCredential.revoked": "the certificate was revoked",
}

_UNTRUSTED = "signingCredential.untrusted"
_MOST_CHARACTERS = 200


@dataclass(frozen=True)
class Manifest:
    """What a file's manifest says and is worth."""

    state: Literal["trusted", "valid", "broken", "elsewhere"]
    """`valid`: whole, and the signer is not among those trusted here. `elsewhere`: it is not in the file."""
    problems: tuple[str, ...] = ()
    """Why it is broken, in words."""
    signer: str = ""
    algorithm: str = ""
    signed_at: str = ""
    """As an authority vouches for it; empty without one."""
    title: str = ""
    software: str = ""
    source_types: tuple[str, ...] = ()
    """IPTC's terms, as its actions name them."""

    @property
    def is_broken(self) -> bool:
        """Whether the file is not what was signed."""
        return self.state == "broken"


def read_manifest(file: BinaryIO, mime: str, *, anchors: bytes | None) -> Manifest | None:
    """The manifest of a file, which is read to its end; None if there is none. `anchors`: authorities to trust, as PEM.

    Raises: ConfigError if the library is not installed, or the anchors are none.
    """
    c2pa = library()
    settings: dict[str, Any] = dict(LIMITS)
    if anchors is not None:
        settings["trust"] = {"trust_anchors": anchors.decode("ascii", "replace")}
    file.seek(0)
    try:
        context = c2pa.Context.from_dict(settings)
    except c2pa.C2paError as error:
        raise ConfigError("c2pa_trust: holds no certificates; give PEM") from error
    try:
        with context, c2pa.Reader(mime, file, context=context) as reader:
            return _understood(json.loads(reader.json()))
    except c2pa.C2paError.ManifestNotFound:
        return None
    except c2pa.C2paError.RemoteManifest:
        return Manifest("elsewhere")
    except (c2pa.C2paError, ValueError) as error:
        return Manifest("broken", (f"it cannot be read: {' '.join(str(error).split())[:_MOST_CHARACTERS]}",))


def _understood(told: dict[str, Any]) -> Manifest:
    active = told.get("manifests", {}).get(told.get("active_manifest"), {})
    codes = [str(status.get("code", "")) for status in told.get("validation_status", ())]
    failed = [code for code in codes if code != _UNTRUSTED]
    state = told.get("validation_state")
    is_broken = state == "Invalid" or bool(failed)
    signature = active.get("signature_info", {})
    names = (signature.get("common_name"), signature.get("issuer"))
    agents = active.get("claim_generator_info") or [{}]
    return Manifest(
        state="broken" if is_broken else "trusted" if state == "Trusted" else "valid",
        problems=tuple(dict.fromkeys(_WORDS.get(code, code) for code in failed)) if is_broken else (),
        signer=", ".join(dict.fromkeys(_shown(name) for name in names if name)),
        algorithm=_shown(signature.get("alg", "")),
        signed_at=_shown(signature.get("time") or ""),
        title=_shown(active.get("title") or ""),
        software=" ".join(_shown(agents[0].get(key, "")) for key in ("name", "version")).strip(),
        source_types=tuple(_source_types(active)),
    )


def _source_types(active: dict[str, Any]) -> list[str]:
    rows = active.get("assertions", ())
    actions = [
        action
        for row in rows
        if str(row.get("label", "")).startswith("c2pa.actions")
        for action in row.get("data", {}).get("actions", ())
    ]
    return [_shown(action["digitalSourceType"]) for action in actions if action.get("digitalSourceType")]


def _shown(text: object) -> str:
    """As it may be printed: what is in a manifest, others wrote."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(text))[:_MOST_CHARACTERS]
