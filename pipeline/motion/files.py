"""Files of motion capture on disk: read whole, unless they are too large to be any."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import AccessDenied, MediaError, SourceMissing

MOST_BYTES = 500_000_000
"""An hour and a half of a whole body at 120 frames a second."""


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises: SourceMissing, AccessDenied, or MediaError if it is too large or cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise SourceMissing(f"{path}: no such file") from error
    except PermissionError as error:
        raise AccessDenied(f"{path}: may not be read; change its permissions") from error
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise MediaError(f"{path}: is larger than {MOST_BYTES // 1_000_000:,} MB; cut it into several")
    return data
