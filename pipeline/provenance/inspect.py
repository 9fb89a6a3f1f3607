"""All that a file carries, and what it is worth: what it tells, and whether a signature on it holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import ConfigError
from pipeline.provenance.embed import tell
from pipeline.provenance.latents import LATENT, without_latent
from pipeline.provenance.manifest import Manifest, read_manifest
from pipeline.provenance.marks import Told


@dataclass(frozen=True)
class Inspection:
    """What a file was found to carry."""

    told: Told
    manifest: Manifest | None
    """Its C2PA manifest; None if it has none, or nobody can read it here."""
    is_unread: bool = False
    """Whether it has one that nobody can read here, for want of the library."""

    @property
    def is_broken(self) -> bool:
        """Whether it is signed, and not as it was signed."""
        return self.manifest is not None and self.manifest.is_broken

    def as_json(self) -> dict[str, Any]:
        """For scripts."""
        told, found = self.told, self.manifest
        return {
            "format": told.format,
            "silent": told.is_silent,
            "source_type": told.source_type,
            "software": told.software,
            "facts": without_latent(told.facts),
            "latent": LATENT in told.facts,
            "aigc": None if told.aigc is None else dict(told.aigc),
            "aigc_problem": told.aigc_problem,
            "c2pa": _as_json(found) if found is not None else {"state": "unread"} if self.is_unread else None,
        }


def inspect(path: Path, *, anchors: bytes | None = None) -> Inspection:
    """Look at a local file; one that is signed is read to its end. `anchors`: authorities to trust, as PEM.

    Raises: MediaError if it is no file that could carry marks, or is damaged; ConfigError if the anchors are none.
    """
    told = tell(path)
    # The library sees only files that say they have something for it.
    if not told.has_c2pa:
        return Inspection(told, None)
    try:
        with path.open("rb") as file:
            return Inspection(told, read_manifest(file, told.mime, anchors=anchors))
    except ConfigError:
        if anchors is not None:
            raise
        return Inspection(told, None, is_unread=True)


def _as_json(found: Manifest) -> dict[str, Any]:
    return {
        "state": found.state,
        "problems": list(found.problems),
        "signer": found.signer,
        "algorithm": found.algorithm,
        "signed_at": found.signed_at,
        "title": found.title,
        "software": found.software,
        "source_types": list(found.source_types),
    }
