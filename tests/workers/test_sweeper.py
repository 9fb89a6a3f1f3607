"""The reconciler's sweeps: in time, beside its looks, one for all."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from jobs.config import Settings
from jobs.truth import Truth
from pipeline.storage import Entry, StoreOptions, open_store
from pipeline.storage.local import LocalStore
from tests.jobs.making import make_plan
from tests.jobs.rubbish import attempt, keys, win
from workers.sweeper import LAST, Sweeper


def littered(folder: Path) -> Truth:
    """Records with an attempt that lost."""
    truth, plan = Truth(open_store(str(folder / "store"))), make_plan(chunks=1)
    truth.accept(plan, {})
    win(truth, plan, 0, 7)
    attempt(truth, plan, 0, 6)
    return truth


def swept(truth: Truth, **settings: float) -> int:
    """How many files of attempts are left after a tick of a new sweeper."""
    sweeper = Sweeper(truth, Settings(**settings))  # type: ignore[arg-type]
    sweeper.tick()
    sweeper.join()
    return len(keys(truth, "jobs/film-1/attempts/"))


def test_a_store_is_swept_once_in_its_time_however_many_sweepers_there_are(tmp_path: Path) -> None:
    truth = littered(tmp_path)
    assert swept(truth) == 3
    assert json.loads(truth.store.get(LAST))["swept"]["attempts"] == {"objects": 3, "bytes": 9}
    attempt(truth, make_plan(), 0, 6)
    assert swept(truth) == 6
    for age_s in (7 * 3600, -3600):  # long ago; or by a clock that was wrong
        attempt(truth, make_plan(), 0, 6)
        os.utime(Path(truth.store.url) / LAST, (time.time() - age_s,) * 2)
        assert swept(truth) == 3


def test_never_is_never(tmp_path: Path) -> None:
    truth = littered(tmp_path)
    assert swept(truth, sweep_every_h=0) == 6
    assert not truth.store.exists(LAST)


def test_settings_say_what_is_kept(tmp_path: Path) -> None:
    assert swept(littered(tmp_path), sweep_after_h=100) == 6


class Slow(LocalStore):
    """A store that lists no jobs before it may."""

    may = threading.Event()

    def list(self, prefix: str = "") -> Iterator[Entry]:
        if prefix == "jobs/":
            self.may.wait()
        return super().list(prefix)


def test_a_tick_does_not_wait_for_the_sweep(tmp_path: Path) -> None:
    littered(tmp_path)
    truth = Truth(Slow(str(tmp_path / "store"), StoreOptions()))
    sweeper = Sweeper(truth, Settings())
    sweeper.tick()
    sweeper.tick()
    assert "ended" not in json.loads(truth.store.get(LAST))
    Slow.may.set()
    sweeper.join()
    assert "ended" in json.loads(truth.store.get(LAST))
