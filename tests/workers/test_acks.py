"""What a worker's parent process does with a message when Redis is away."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import kombu
import pytest
from kombu.message import Message
from kombu.transport import redis

from jobs.queue import make_app
from tests.workers.farm import Farm
from workers.acks import ForgivingQoS
from workers.health import Presence

log = logging.getLogger(__name__)


@pytest.fixture(autouse=True)
def forgiving(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels as workers have them."""
    monkeypatch.setattr(redis.Channel, "QoS", ForgivingQoS)


@contextmanager
def taken(farm: Farm) -> Iterator[tuple[Message, tuple[type[Exception], ...]]]:
    """The only message in the queue, taken by a consumer that has room for one; and what a lost connection raises."""
    app = make_app(farm.config)
    with app.connection_for_read() as connection:
        app.send_task("atelier.render", args=["film-1", 0, 1], queue="gpu")
        channel = connection.default_channel
        channel.basic_qos(0, 1, False)
        message = kombu.Queue("gpu", channel=channel).get()
        assert message is not None
        yield message, connection.connection_errors
    app.close()


@pytest.mark.parametrize("way", ["ack_log_error", "reject_log_error"])
def test_a_message_whose_end_redis_does_not_hear_of_makes_room_for_the_next(lone_farm: Farm, way: str) -> None:
    with taken(lone_farm) as (message, errors):
        assert not message.channel.qos.can_consume()
        lone_farm.kill_redis()
        getattr(message, way)(log, errors)
        lone_farm.start_redis()
        assert message.channel.qos.can_consume(), "the worker would take no message again"


@pytest.mark.parametrize("way", ["ack_log_error", "reject_log_error"])
def test_a_message_that_was_dealt_with_leaves_redis(lone_farm: Farm, way: str) -> None:
    with taken(lone_farm) as (message, errors):
        assert message.channel.client.hlen("unacked") == 1
        getattr(message, way)(log, errors)
        assert message.channel.client.hlen("unacked") == 0
        assert message.channel.qos.can_consume()


def test_a_worker_forgives(lone_farm: Farm) -> None:
    code = "import workers.app; from kombu.transport import redis; print(redis.Channel.QoS.__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code], env=lone_farm.environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "ForgivingQoS"


def test_a_worker_whose_work_breaks_off_is_waiting_again() -> None:
    def break_off() -> None:
        with Presence.at("film-1", 0):
            assert Presence.doing == "film-1 chunk 0"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert Presence.doing == "waiting"
