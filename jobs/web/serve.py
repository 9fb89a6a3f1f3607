"""The process that serves the dashboard: `python -m jobs.web.serve`, which `atelier web` becomes."""

from __future__ import annotations

import sys

import uvicorn

from jobs import tracing
from jobs.config import settings
from jobs.logs.setup import set_up_logs
from jobs.metrics.flush import Flusher
from jobs.metrics.storage import count_storage
from jobs.web.app import make_app
from pipeline.errors import AtelierError

_GRACE_S = 3
"""How long requests may take to end when the process is told to stop. Viewers' streams are then cut."""


def main() -> int:
    """Serve until SIGTERM or Ctrl-C. The exit code."""
    try:
        config = settings()
        set_up_logs("web")
        count_storage()
        app = make_app(config)
    except AtelierError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    with Flusher(lambda: app.state.farm.ledger):
        uvicorn.run(
            app,
            host=config.web_host,
            port=config.web_port,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_GRACE_S,
            log_config=None,
        )
    tracing.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
