"""Where a process' log goes: to standard error, as text or JSON, as much as ATELIER_LOG asks for."""

from __future__ import annotations

import logging

from jobs.config import log_level, settings
from jobs.logs.formats import TEXT, Json
from jobs.metrics.tally import count

_NOISY = ("celery", "kombu", "amqp", "redis", "tornado", "uvicorn")
"""Their talk about every message is noise beside ours."""

_INDISCREET = ("boto3", "botocore", "s3transfer", "urllib3")
"""They write each request's headers down, and with them the store's credentials."""


class _Counted(logging.Handler):
    """Counts warnings and errors, and writes nothing."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Count it."""
        count("atelier_log_messages_total", level=record.levelname.lower())


def set_up_logs(worker: str = "") -> None:
    """Write this process's log to standard error. `worker`: its slot, if it has one.

    Raises: ConfigError if ATELIER_LOG is no level, or another setting is wrong.
    """
    level = log_level()
    writer = logging.StreamHandler()
    writer.setFormatter(Json(worker) if settings().log_format == "json" else logging.Formatter(TEXT))
    logging.basicConfig(level=level, handlers=[writer, _Counted()])
    for name in (*_NOISY, *_INDISCREET):
        logging.getLogger(name).setLevel(logging.WARNING)
