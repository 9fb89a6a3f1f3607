"""What workers, their supervisor and the reconciler say: one format, as much as ATELIER_LOG asks for."""

from __future__ import annotations

import logging

from jobs.config import log_level

FORMAT = "%(asctime)s %(levelname)-7s %(processName)s %(name)s: %(message)s"


def set_up() -> None:
    """Write this process's log to standard error. Raises: ConfigError if ATELIER_LOG is no level."""
    logging.basicConfig(level=log_level(), format=FORMAT)
    # Celery's own talk about every message is noise beside ours.
    logging.getLogger("celery").setLevel(logging.WARNING)
    logging.getLogger("kombu").setLevel(logging.WARNING)
