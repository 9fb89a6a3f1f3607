"""Whether a model had a hand in what is retouched: what says so of itself before must say so afterwards."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from jobs.records import FileRef
from pipeline.errors import MediaError
from pipeline.film import access
from pipeline.film.source import Source
from pipeline.provenance import COMPOSED, GENERATED, Origin, told_by
from pipeline.storage import StoreOptions

_LOOKED_AT = 64
"""Pictures of a sequence or folder; marks are mostly in all or in none."""


def origin_of(source: Source, files: Sequence[FileRef], options: StoreOptions) -> Origin | None:
    """`composed` if the film, or any of the pictures that are looked at, says that a model made or changed it; or if
    a file that is added to it does, as a narration."""
    urls = [*_urls(source), *(file.key for file in files)]
    return "composed" if any(is_told(url, options) for url in urls) else None


def _urls(source: Source) -> list[str]:
    if not source.names:
        return [source.url]
    folder = source.url if source.kind == "folder" else access.parent(source.url)
    places = np.linspace(0, len(source.names) - 1, min(_LOOKED_AT, len(source.names)))
    return [f"{folder}/{source.names[int(place)]}" for place in places]


def is_told(url: str, options: StoreOptions) -> bool:
    """Whether a file says that a model made or changed it, or a program spoke it. Raises: as `access.open_bytes`."""
    try:
        with access.open_bytes(url, options) as file:
            told = told_by(file, access.size(url, options), url)
    except MediaError:
        # Of a kind that carries no marks, or damaged: whoever reads its pixels says so.
        return False
    # Cameras say what they made, too.
    return told.source_type in (GENERATED, COMPOSED) or told.aigc is not None
