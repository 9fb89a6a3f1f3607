"""An error as a label: one of a few words, for every error there is."""

from __future__ import annotations

from pipeline.errors import (
    AccessDenied,
    AtelierError,
    ConfigError,
    HandedBack,
    InputError,
    IntegrityError,
    JobHalted,
    LeaseLost,
    MediaError,
    ModelError,
    ObjectNotFound,
    QueueUnavailable,
    ServiceUnavailable,
    StorageFull,
    StorageUnavailable,
    TransientError,
)

_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (AccessDenied, "access_denied"),
    (ConfigError, "configuration"),
    (MediaError, "media"),
    (ModelError, "model"),
    (InputError, "input"),
    (StorageUnavailable, "storage_unavailable"),
    (StorageFull, "storage_full"),
    (QueueUnavailable, "redis_unavailable"),
    (ServiceUnavailable, "service_unavailable"),
    (TransientError, "transient"),
    (ObjectNotFound, "object_missing"),
    (IntegrityError, "integrity"),
    (LeaseLost, "lease_lost"),
    (JobHalted, "job_halted"),
    (HandedBack, "handed_back"),
    (AtelierError, "other"),
    (MemoryError, "out_of_memory"),
)
"""The first that fits."""


def cause(error: BaseException) -> str:
    """What an error is called among metrics; `bug` for what nobody raised on purpose."""
    if type(error).__name__ == "OutOfMemoryError":
        # PyTorch's, whose class is not here to be compared with.
        return "out_of_memory"
    return next((word for kind, word in _WORDS if isinstance(error, kind)), "bug")
