"""How a line of the log is written: for people, or as JSON for machines that collect it."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from jobs.logs.work import current

TEXT = "%(asctime)s %(levelname)-7s %(processName)s %(name)s: %(message)s"


class Json(logging.Formatter):
    """One object a line: time (UTC), level, logger, message, process, pid; worker, job, chunk and attempt where they
    are known; `error`, a traceback, where there was an exception."""

    def __init__(self, worker: str = "") -> None:
        """`worker`: the slot of this process, if it is one."""
        super().__init__()
        self._worker = worker

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.processName,
            "pid": record.process,
        }
        if self._worker:
            line["worker"] = self._worker
        work = current()
        if work is not None:
            told = {"job": work.job, "chunk": work.chunk, "attempt": work.attempt}
            line |= {name: value for name, value in told.items() if value is not None}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
