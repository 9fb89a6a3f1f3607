"""What is published, when, and what a message holds."""

from __future__ import annotations

import base64
import json

import pytest

from jobs.config import Settings
from jobs.dispatch import dispatch, send_stitch
from jobs.ledger import WorkerInfo
from jobs.queue import Queue, make_app
from pipeline.errors import ConfigError, QueueUnavailable
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan


def _worker(slot: str, *queues: str) -> WorkerInfo:
    return WorkerInfo(slot=slot, host="host", pid=1, device="cpu", queues=queues, doing="waiting")


def test_a_little_is_published_before_the_first_worker_comes(deployment: Deployment) -> None:
    deployment.accept(make_plan(chunks=10))
    assert deployment.take() == [["film-1", 0, 1], ["film-1", 1, 1]]


def test_window_grows_with_the_workers_of_a_queue(deployment: Deployment) -> None:
    for worker in (_worker("a", "gpu"), _worker("b", "gpu", "cpu"), _worker("c", "cpu")):
        deployment.ledger.report_worker(worker)
    deployment.accept(make_plan(chunks=10))
    assert len(deployment.take()) == 2 * 2


def test_nothing_more_is_published_until_a_chunk_is_finished(deployment: Deployment) -> None:
    plan = make_plan(chunks=10)
    deployment.accept(plan)
    deployment.take()
    assert dispatch(deployment.ledger, deployment.queue, ahead=2) == 0
    deployment.finish(plan, 1)
    assert dispatch(deployment.ledger, deployment.queue, ahead=2) == 1
    assert deployment.take() == [["film-1", 2, 1]]


def test_every_chunk_is_published_once_until_the_job_is_rendered(deployment: Deployment) -> None:
    plan = make_plan(chunks=30)
    deployment.accept(plan)
    published: list[int] = []
    while messages := deployment.take():
        for _, chunk, _ in messages:
            published.append(chunk)
            deployment.finish(plan, chunk)
        dispatch(deployment.ledger, deployment.queue, ahead=2)
    assert published == list(range(30))
    assert deployment.seen().state == "stitching"


def test_wide_window_is_filled_in_one_call(deployment: Deployment) -> None:
    deployment.accept(make_plan(chunks=300))
    assert dispatch(deployment.ledger, deployment.queue, ahead=200) == 198


def test_messages_are_json_and_hold_only_keys(deployment: Deployment) -> None:
    deployment.accept(make_plan())
    message = deployment.messages()[0]
    args, kwargs, _ = json.loads(base64.b64decode(message["body"]))
    assert (message["content-type"], message["content-encoding"]) == ("application/json", "utf-8")
    assert (args, kwargs) == (["film-1", 0, 1], {})
    assert message["headers"]["task"] == "atelier.render"
    assert len(json.dumps(message)) < 1500


def test_stitch_is_sent_once_to_the_cpu_queue(deployment: Deployment) -> None:
    deployment.accept(make_plan())
    assert send_stitch(deployment.ledger, deployment.queue, "film-1", 3)
    assert not send_stitch(deployment.ledger, deployment.queue, "film-1", 3)
    assert deployment.messages("cpu")[0]["headers"]["task"] == "atelier.stitch"
    assert deployment.take("cpu") == [["film-1", 3]]


def test_no_key_in_redis_is_outside_the_prefix(deployment: Deployment) -> None:
    plan = make_plan()
    deployment.accept(plan)
    deployment.finish(plan, 0)
    assert [key for key in deployment.ledger.redis.scan_iter() if not key.startswith("test:")] == []


def test_queue_without_redis_says_so(settings: Settings) -> None:
    queue = Queue(settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}))
    # Else it tries for six seconds.
    queue._app.conf.broker_transport_options["max_retries"] = 1
    with pytest.raises(QueueUnavailable, match="Redis does not take messages"):
        queue.render("film-1", 0, 1, queue="gpu")
    queue.close()


def test_application_without_a_redis_is_refused() -> None:
    with pytest.raises(ConfigError, match="no Redis is configured: set ATELIER_REDIS_URL"):
        make_app(Settings())


def test_application_keeps_what_was_measured(settings: Settings) -> None:
    conf = make_app(settings).conf
    assert (conf.task_acks_late, conf.task_reject_on_worker_lost, conf.worker_prefetch_multiplier) == (True, True, 1)
    assert (conf.accept_content, conf.task_serializer, conf.result_backend) == (["json"], "json", None)
    assert conf.broker_transport_options["unacked_restore_interval"] == 2
    assert conf.broker_transport_options["unacked_restore_throttle"] == 1
    assert conf.broker_transport_options["visibility_timeout"] == settings.visibility_s
