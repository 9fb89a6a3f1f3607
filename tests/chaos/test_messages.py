"""The drill's hands in Celery's lists touch one job's messages, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from random import Random

import pytest
import redis

from jobs.config import Settings
from jobs.drill.messages import Messages, job_of
from jobs.drill.redis_server import impatient
from jobs.queue import Queue


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    """Six messages of ours, and one of somebody else's in their middle."""
    config = Settings(redis_url=redis_url, redis_prefix="test:")
    with closing(Queue(config)) as queue:
        for chunk in range(6):
            queue.render("ours", chunk, 1, queue="gpu")
            if chunk == 2:
                queue.render("theirs", 0, 1, queue="gpu")
    with impatient(redis_url) as made:
        yield made


def owners(client: redis.Redis) -> list[str]:
    return [job_of(text) for text in client.lrange("test:gpu", 0, -1)]  # type: ignore[union-attr]


def test_messages_name_their_job(client: redis.Redis) -> None:
    assert owners(client) == ["ours"] * 3 + ["theirs"] + ["ours"] * 3
    assert job_of("{}") == job_of("no message") == ""


def test_another_order_leaves_others_where_they_are(client: redis.Redis) -> None:
    before = client.lrange("test:gpu", 0, -1)
    assert Messages(client, "test:", "ours").shuffle("gpu", Random(1)) == 6
    after = client.lrange("test:gpu", 0, -1)
    assert before != after
    assert sorted(before) == sorted(after)  # type: ignore[type-var]
    assert owners(client)[3] == "theirs"


def test_messages_that_are_taken_away_can_be_put_back(client: redis.Redis) -> None:
    messages = Messages(client, "test:", "ours")
    away = messages.take_away()
    assert (len(away), owners(client)) == (6, ["theirs"])
    for queue, text in away:
        messages.put(queue, text)
    assert len(messages.everywhere()) == 6


def test_one_message_alone_has_no_other_order(client: redis.Redis) -> None:
    assert Messages(client, "test:", "theirs").shuffle("gpu", Random(1)) == 0
