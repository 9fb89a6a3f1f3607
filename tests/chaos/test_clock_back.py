"""Redis' clock is put back: nobody waits for the time that it came from."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jobs.drill.clock import WrongClock, wrong_clock
from jobs.drill.redis_server import RedisServer
from jobs.ledger import Ledger, Overdue
from tests.jobs.making import make_plan


@pytest.fixture
def rewound() -> Iterator[tuple[Ledger, WrongClock]]:
    """A ledger with a job of which two chunks are published, on a Redis whose clock can be put wrong."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        clock = wrong_clock(Path(folder))
        if clock is None:
            pytest.skip("there is no C compiler")
        with closing(RedisServer(Path(folder), clock)) as server, closing(Ledger(server.url)) as ledger:
            plan = make_plan()
            ledger.create(plan, generation=1, done=[False] * len(plan.chunks), submitted=time.time())
            ledger.reserve("gpu", window=2, limit=2)
            yield ledger, clock


def overdue(ledger: Ledger) -> list[Overdue]:
    return ledger.overdue(0.05, longest_lease_s=0.1)


def test_a_dead_workers_lease_is_cut(rewound: tuple[Ledger, WrongClock]) -> None:
    ledger, clock = rewound
    job = make_plan().job
    assert ledger.acquire(job, 0, 1, slot="dead", lease_s=0.1)[1] == "ok"
    clock.jump(-3600)
    assert [item for item in overdue(ledger) if item.cause == "died"] == []
    time.sleep(0.15)
    assert Overdue(job, 0, 1, "died") in overdue(ledger)


def test_patience_with_a_message_begins_anew(rewound: tuple[Ledger, WrongClock]) -> None:
    ledger, clock = rewound
    clock.jump(-3600)
    assert overdue(ledger) == []
    time.sleep(0.1)
    assert overdue(ledger) == [Overdue(make_plan().job, chunk, 1, "lost") for chunk in (0, 1)]
