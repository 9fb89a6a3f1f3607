"""The process that serves the dashboard: `python -m jobs.web.serve`, which `atelier web` becomes."""

from __future__ import annotations

import sys

import uvicorn

from jobs.config import settings
from jobs.web.app import make_app
from pipeline.errors import AtelierError

_GRACE_S = 3
"""How long requests may take to end when the process is told to stop. Viewers' streams are then cut."""


def main() -> int:
    """Serve until SIGTERM or Ctrl-C. The exit code."""
    try:
        config = settings()
        app = make_app(config)
    except AtelierError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    uvicorn.run(
        app,
        host=config.web_host,
        port=config.web_port,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
        log_level="warning",
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
