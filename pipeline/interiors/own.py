"""Whether a picture is a design of a model, and which latent it tells then. Torch-free: planning asks, too."""

from __future__ import annotations

import numpy as np

from pipeline import provenance
from pipeline.errors import MediaError, ModelError


def latent_told(data: bytes, where: str, *, latent: int, sha256: str) -> np.ndarray | None:
    """The latent `(latent,)` float32 that a picture file says it was designed from; None if it tells none.

    `latent` and `sha256`: numbers in a latent of the model, and its digest.
    Raises: ModelError if the picture is a design of another model; MediaError if its latent is damaged, or it is a page
    of several pictures.
    """
    facts = _facts(data)
    try:
        told = provenance.latent_of(facts)
    except MediaError as error:
        raise MediaError(f"{where}: {error}") from error
    if told is None:
        if provenance.PAGE in facts:
            raise MediaError(f"{where}: is a page that shows several pictures; give one of the designs on it")
        return None
    theirs = facts.get("modelSha256", "")
    if theirs != sha256:
        of = f"{facts.get('model', 'a model')} ({theirs[:12] or 'no digest'})"
        right = "name that model, or save the picture without its metadata to start from what it shows"
        raise ModelError(f"{where}: its latent is of {of}, and the model is {sha256[:12]}; {right}")
    if told.shape != (latent,):
        has = ",".join(map(str, told.shape))
        raise ModelError(f"{where}: its latent has {has} numbers, not {latent}; take another copy")
    return told


def _facts(data: bytes) -> dict[str, str]:
    """What a picture says of itself in our words. What others wrote into it is no reason to refuse it."""
    try:
        return provenance.read(data) or {}
    except MediaError:
        return {}
