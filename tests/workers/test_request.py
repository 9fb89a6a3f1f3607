"""What a worker's parent process does with a message when Redis is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import kombu
import pytest
from celery import Celery

from jobs.queue import make_app
from tests.workers.farm import Farm
from workers.health import Presence
from workers.request import Request


def render(job: str, chunk: int, generation: int) -> None:
    """Stands for the task."""


@contextmanager
def taken(farm: Farm) -> Iterator[tuple[Celery, Request]]:
    """The only message in the queue, taken by a consumer that has room for one."""
    app = make_app(farm.config)
    with app.connection_for_read() as connection:
        app.send_task("atelier.render", args=["film-1", 0, 1], queue="gpu")
        channel = connection.default_channel
        channel.basic_qos(0, 1, False)
        message = kombu.Queue("gpu", channel=channel).get()
        assert message is not None
        yield (
            app,
            Request(
                message,
                app=app,
                task=app.task(name="atelier.render")(render),
                on_ack=message.ack_log_error,
                on_reject=message.reject_log_error,
                connection_errors=connection.connection_errors,
            ),
        )
    app.close()


@pytest.mark.parametrize("way", ["acknowledge", "reject"])
def test_a_message_whose_end_redis_does_not_hear_of_makes_room_for_the_next(lone_farm: Farm, way: str) -> None:
    with taken(lone_farm) as (_, request):
        qos = request.message.channel.qos
        assert not qos.can_consume()
        lone_farm.kill_redis()
        getattr(request, way)()
        lone_farm.start_redis()
        assert qos.can_consume(), "the worker would take no message again"


def test_a_message_that_was_dealt_with_leaves_redis(lone_farm: Farm) -> None:
    with taken(lone_farm) as (_, request):
        channel = request.message.channel
        assert channel.client.hlen("unacked") == 1
        request.acknowledge()
        assert channel.client.hlen("unacked") == 0
        assert channel.qos.can_consume()


def test_a_worker_whose_work_breaks_off_is_waiting_again() -> None:
    def break_off() -> None:
        with Presence.at("film-1 chunk 0"):
            assert Presence.doing == "film-1 chunk 0"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert Presence.doing == "waiting"
