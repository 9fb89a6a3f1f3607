"""What `celery -A workers.app worker` runs: the application with its tasks, set up for one process a device.

The parent process never imports torch: the model is loaded in the child, where the work is done.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import warnings
from importlib import import_module

from celery import signals
from celery.platforms import SecurityWarning

from jobs import tracing
from jobs.config import settings
from jobs.logs import lines
from jobs.logs.setup import set_up_logs
from jobs.metrics.flush import flush_quietly
from jobs.metrics.storage import count_storage
from jobs.orphans import die_with_parent
from jobs.queue import connect, make_app
from pipeline.errors import QueueUnavailable
from workers import acks, postman, slot, stages

# Celery warns of root because of pickle; we take JSON only. In our image the worker is not root anyway.
warnings.filterwarnings("ignore", category=SecurityWarning)

acks.install()

app = make_app(settings())
app.conf.imports = ["workers.tasks"]
app.conf.beat_scheduler = "workers.scheduler:Campaigns"


_PARENT = os.getpid()
"""Celery's own process, which imports this and is then forked."""


@signals.setup_logging.connect
def _set_up_logging(**_: object) -> None:
    set_up_logs(slot.this().name)


@signals.worker_ready.connect
def _listen(**_: object) -> None:
    # What is said when a child dies: deaths.py.
    lines.keep(slot.this().name)
    stages.listen()


@signals.worker_shutting_down.connect
def _drain(**_: object) -> None:
    stages.end()


@signals.worker_process_init.connect
def _start_heartbeat(**_: object) -> None:
    from workers.health import Presence

    die_with_parent(signal.SIGKILL, _PARENT)
    count_storage()
    lines.keep(slot.this().name)
    Presence(slot.this()).start()
    # PyTorch takes seconds to import: begin before the first chunk comes, without holding Celery up.
    threading.Thread(target=import_module, args=["workers.render"], name="warm-up", daemon=True).start()


@signals.worker_process_shutdown.connect
def _finish_telling(**_: object) -> None:
    from workers.health import Presence

    postman.wait()
    Presence.count_seconds()
    flush_quietly(lambda: connect()[0])
    tracing.flush()


@signals.worker_shutdown.connect
def _leave(**_: object) -> None:
    try:
        connect()[0].forget_worker(slot.this().name)
    except QueueUnavailable as error:
        logging.getLogger(__name__).warning("leaving unannounced: %s", error)
