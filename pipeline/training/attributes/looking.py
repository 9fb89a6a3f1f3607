"""A labelled picture, looked at without decoding it: a design, a photograph, or of no use. Torch-free."""

from __future__ import annotations

import io

import numpy as np

from pipeline.film.limits import DEFAULT_LIMITS
from pipeline.images import read_header
from pipeline.interiors.own import latent_told
from pipeline.portraits.projection.face import check_photograph


def looked_at(data: bytes, where: str, *, latent: int, sha256: str) -> np.ndarray | None:
    """The latent that the picture tells, `(latent,)` float32, or None if it is taken for a photograph.

    Raises: MediaError if it is not usable; ModelError if it is a design of another model.
    """
    header = read_header(io.BytesIO(data), where=where)
    DEFAULT_LIMITS.check_size(header.width, header.height, where)
    told = latent_told(data, where, latent=latent, sha256=sha256)
    if told is None:
        check_photograph(header.width, header.height, where=where)
    return told
