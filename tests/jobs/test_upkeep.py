"""What `atelier up` keeps alive: started again when it dies, given up when it dies again and again, and stopped."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import upkeep
from jobs.upkeep import Child, Upkeep, announced, running_up
from pipeline.errors import AtelierError
from tests.jobs.test_local import until


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A short one, and no pauses between a death and the next start."""
    monkeypatch.setattr(upkeep, "_LONGEST_PAUSE_S", 0.0)
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        monkeypatch.setattr("jobs.local.HOME", Path(folder))
        yield Path(folder)


def child(code: str, folder: Path) -> Child:
    """A process that runs some Python."""
    (folder / "work_of_a_test.py").write_text(code)
    return Child("the test", ["work_of_a_test"], os.environ | {"PYTHONPATH": str(folder)})


def pid_of(one: Child) -> int | None:
    return one.process.pid if one.process is not None else None


def test_who_dies_is_started_again_and_stopped_in_the_end(home: Path) -> None:
    said: list[str] = []
    one = child("import time; time.sleep(60)", home)
    with Upkeep([one], home / "up.log", said.append) as kept:
        kept.look()
        first = one.process
        assert first is not None
        first.kill()
        until(lambda: (kept.look() or pid_of(one)) not in (None, first.pid))
        second = one.process
        assert said == ["the test ended with code -9; it is started again"]
    assert second is not None
    assert second.returncode == -signal.SIGTERM


def test_who_dies_again_and_again_is_given_up_with_his_last_words(home: Path) -> None:
    one = child("raise SystemExit('nothing is right here')", home)
    with Upkeep([one], home / "up.log", lambda text: None) as kept, pytest.raises(AtelierError) as caught:
        until(lambda: bool(kept.look()))
    assert "the test ended with code 1, 5 times in a row" in str(caught.value)
    assert "nothing is right here" in str(caught.value)


def test_one_up_a_store_and_others_hear_where_it_is(home: Path) -> None:
    assert running_up() is None
    with announced("http://127.0.0.1:8642") as is_ours:
        assert is_ours
        assert running_up() == "http://127.0.0.1:8642"
        with announced("http://127.0.0.1:8643") as is_other:
            assert not is_other
        assert running_up() == "http://127.0.0.1:8642"
    assert running_up() is None
