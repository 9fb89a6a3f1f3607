"""The Celery application: how work travels. What the tasks do is in `workers`; here they are only names.

Settings follow docs/architecture.md's table of measured facts. Messages carry keys, never pixels.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jobs.config import Settings, settings
from jobs.ledger import Ledger
from jobs.refusals import distrusted, is_refusal, refused
from jobs.tls import tls_options
from pipeline.errors import ConfigError, QueueUnavailable

if TYPE_CHECKING:
    from celery import Celery

RENDER = "atelier.render"
"""Task: render one chunk. Arguments: job, chunk, generation."""

STITCH_TASK = "atelier.stitch"
"""Task: make a job's deliverables. Arguments: job, generation."""


def make_app(config: Settings) -> Celery:
    """A Celery application for these settings. Raises: ConfigError without a Redis."""
    # Celery takes half a second to import; whoever only looks at jobs does not wait for it.
    from celery import Celery

    app = Celery("atelier", broker=_broker(config.authenticated_redis_url()))
    if tls := tls_options(config):
        app.conf.broker_use_ssl = tls
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        result_backend=None,
        task_ignore_result=True,
        # A message leaves Redis when its chunk is done, not when it is taken.
        task_acks_late=True,
        task_acks_on_failure_or_timeout=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=config.soft_shutdown_s,
        worker_enable_soft_shutdown_on_idle=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_send_task_events=config.events == "on",
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": config.visibility_s,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
            "global_keyprefix": config.redis_prefix,
            "socket_timeout": 30,
            "socket_connect_timeout": 5,
        },
        task_default_queue="gpu",
        task_create_missing_queues=True,
    )
    return app


def _broker(url: str) -> str:
    return url.replace("unix://", "redis+socket://", 1) if url.startswith("unix://") else url


class Queue:
    """Sends tasks by name."""

    def __init__(self, config: Settings) -> None:
        self._app = make_app(config)

    def render(self, job: str, chunk: int, generation: int, *, queue: str) -> None:
        """Publish a chunk."""
        self._send(RENDER, [job, chunk, generation], queue)

    def stitch(self, job: str, generation: int) -> None:
        """Publish a stitch."""
        self._send(STITCH_TASK, [job, generation], "cpu")

    def _send(self, task: str, args: list[object], queue: str) -> None:
        from kombu.exceptions import OperationalError

        try:
            self._app.send_task(task, args=args, queue=queue, retry=False)
        except OperationalError as error:
            if is_refusal(error):
                raise ConfigError(refused(error)) from error
            if (why := distrusted(error)) is not None:
                raise ConfigError(why) from error
            raise QueueUnavailable(f"Redis does not take messages: {error}") from error

    def close(self) -> None:
        """Give the connections back."""
        self._app.close()


def make_ledger(config: Settings, *, timeout_s: float = 5.0, patient: bool = True) -> Ledger:
    """The ledger of these settings. Raises: ConfigError without a Redis."""
    url, tls = config.authenticated_redis_url(), tls_options(config)
    return Ledger(url, prefix=config.redis_prefix, timeout_s=timeout_s, patient=patient, tls=tls)


@cache
def connect() -> tuple[Ledger, Queue]:
    """This process's ledger and queue. Raises: ConfigError without a Redis."""
    config = settings()
    return make_ledger(config), Queue(config)
