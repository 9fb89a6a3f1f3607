"""What workers, their supervisor and the reconciler say: one format, as much as ATELIER_LOG asks for."""

from __future__ import annotations

import logging

from jobs.config import log_level

FORMAT = "%(asctime)s %(levelname)-7s %(processName)s %(name)s: %(message)s"

_NOISY = ("celery", "kombu", "amqp", "redis")
"""Their talk about every message is noise beside ours."""

_INDISCREET = ("boto3", "botocore", "s3transfer", "urllib3")
"""They write each request's headers down, and with them the store's credentials."""


def set_up() -> None:
    """Write this process's log to standard error. Raises: ConfigError if ATELIER_LOG is no level."""
    logging.basicConfig(level=log_level(), format=FORMAT)
    for name in (*_NOISY, *_INDISCREET):
        logging.getLogger(name).setLevel(logging.WARNING)
