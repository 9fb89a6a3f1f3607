"""Says whether this container does its work: ends with 0, or with 1 and a sentence. Docker asks every 30 s.

python health.py worker gpu     a worker of this host that serves the queue `gpu` reported itself within 15 s
python health.py reconciler     Redis and the store answer, and no lost message has been overlooked for long
python health.py scheduler      a scheduler of this host reported itself within `lease_s`, and the store answers
python health.py web            the dashboard on this host says that it is ready: Redis and the store answer it
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from http.client import HTTPConnection, HTTPException

from jobs.config import Settings, host_name, settings
from jobs.ledger import QUEUES, Ledger, Overdue, WorkerInfo
from pipeline.errors import AtelierError
from pipeline.storage import open_store

ROUNDS = 3
"""Looks of the reconciler after which a lost message must have been published again."""

WEB_S = 8.0
"""How long the dashboard may take to say that it is ready."""


def worker_problem(workers: Iterable[WorkerInfo], *, host: str, queue: str) -> str:
    """What is wrong with this host's workers; empty if one serves the queue."""
    if any(worker.host == host and queue in worker.queues for worker in workers):
        return ""
    return f"no worker of {host} that serves the queue {queue!r} has reported itself to Redis lately"


def scheduler_problem(schedulers: Iterable[str], *, host: str) -> str:
    """What is wrong with this host's scheduler; empty if it is alive."""
    if any(name.startswith(f"{host}:") for name in schedulers):
        return ""
    return f"no scheduler of {host} has reported itself to Redis lately"


def reconciler_problem(overdue: Iterable[Overdue], *, patience_s: float) -> str:
    """What the reconciler has overlooked; empty if nothing."""
    # A worker that died a second ago is no neglect yet, and the ledger does not say when it died.
    lost = [f"{item.job} chunk {item.chunk}" for item in overdue if item.cause == "lost"]
    return f"lost for more than {patience_s:.0f} s and not published again: {', '.join(lost)}" if lost else ""


def web_problem(port: int) -> str:
    """What is wrong with this host's dashboard; empty if it is ready."""
    connection = HTTPConnection("127.0.0.1", port, timeout=WEB_S)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = answer.read(1000).decode("utf-8", "replace")
    except (OSError, HTTPException) as error:
        return f"the dashboard on port {port} does not answer: {error}"
    finally:
        connection.close()
    return "" if answer.status == 200 else f"the dashboard on port {port} is not ready: {answer.status} {said}"


def problem(role: str, queue: str, config: Settings) -> str:
    """What is wrong; empty if nothing is. Raises: AtelierError if Redis or the store does not answer."""
    if role == "web":
        return web_problem(config.web_port)
    ledger = Ledger(config.authenticated_redis_url(), prefix=config.redis_prefix)
    try:
        if role == "worker":
            return worker_problem(ledger.workers(), host=host_name(), queue=queue)
        open_store(config.store, config.store_options()).exists("health")
        if role == "scheduler":
            return scheduler_problem(ledger.schedulers(), host=host_name())
        patience_s = config.published_s + ROUNDS * config.reconcile_s
        return reconciler_problem(ledger.overdue(patience_s), patience_s=patience_s)
    finally:
        ledger.close()


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description="Says whether this container does its work.")
    roles = parser.add_subparsers(dest="role", required=True)
    roles.add_parser("worker").add_argument("queue", choices=QUEUES)
    for role in ("reconciler", "scheduler", "web"):
        roles.add_parser(role).set_defaults(queue="")
    arguments = parser.parse_args()
    try:
        found = problem(arguments.role, arguments.queue, settings())
    except AtelierError as error:
        found = str(error)
    sys.exit(found or 0)


if __name__ == "__main__":
    main()
