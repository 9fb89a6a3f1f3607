"""Found shots of long films are kept, and what is kept is believed only if it is whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs import cuts
from jobs.cuts import reported, shots_of
from pipeline.film.probe import probe
from pipeline.film.source import Source
from tests.jobs.files import write_sequence
from tests.media import write_film


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where shots are kept, of short films too."""
    monkeypatch.setattr(cuts, "FOLDER", tmp_path / "cuts")
    monkeypatch.setattr(cuts, "KEPT_FROM", 5)
    return tmp_path / "cuts"


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return probe(str(write_film(tmp_path / "clip.mp4", 12)))


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The ranges that were looked at. A cut is found in the middle of each."""
    taken: list[tuple[int, int]] = []

    def find(source: Source, start: int, stop: int, *, options: Any, report: Any) -> tuple[int, ...]:
        taken.append((start, stop))
        report(stop - start)
        return (start, (start + stop) // 2)

    monkeypatch.setattr(cuts, "find_shots", find)
    return taken


def test_shots_are_counted_from_the_range(folder: Path, source: Source, looks: list[tuple[int, int]]) -> None:
    assert shots_of(source, 2, 12) == (0, 5)
    assert looks == [(2, 12)]


def test_film_is_looked_at_once(folder: Path, source: Source, looks: list[tuple[int, int]]) -> None:
    assert shots_of(source, 0, 12) == shots_of(source, 0, 12) == (0, 6)
    assert len(looks) == 1
    shots_of(source, 0, 11)
    assert len(looks) == 2


def test_changed_film_is_looked_at_again(
    folder: Path, source: Source, looks: list[tuple[int, int]], tmp_path: Path
) -> None:
    shots_of(source, 0, 12)
    shots_of(probe(str(write_film(tmp_path / "clip.mp4", 12, size=(32, 32)))), 0, 12)
    assert len(looks) == 2


@pytest.mark.parametrize("damage", ["", "{}", "[]", "[0, 99]", "[1, 2]", "[0, 5, 3]", '["a"]', "[0, 4"])
def test_damaged_memory_is_looked_at_again(
    folder: Path, source: Source, looks: list[tuple[int, int]], damage: str
) -> None:
    shots_of(source, 0, 12)
    [kept] = folder.iterdir()
    kept.write_text(damage)
    assert shots_of(source, 0, 12) == (0, 6)
    assert len(looks) == 2
    assert shots_of(source, 0, 12) == (0, 6)
    assert len(looks) == 2


def test_short_films_and_folders_leave_nothing_behind(
    folder: Path, source: Source, looks: list[tuple[int, int]], tmp_path: Path
) -> None:
    shots_of(source, 0, 4)
    write_sequence(tmp_path / "shots", 12)
    shots_of(probe(str(tmp_path / "shots")), 0, 12)
    assert not folder.exists()


def test_home_that_cannot_be_written_costs_nothing_but_time(
    folder: Path, source: Source, looks: list[tuple[int, int]]
) -> None:
    folder.write_text("a file")
    assert shots_of(source, 0, 12) == shots_of(source, 0, 12) == (0, 6)
    assert len(looks) == 2


def test_who_waits_is_told_how_far_the_look_has_come(
    folder: Path, source: Source, looks: list[tuple[int, int]]
) -> None:
    told: list[tuple[int, int]] = []
    with reported(lambda done, total: told.append((done, total))):
        shots_of(source, 2, 12)
    shots_of(source, 2, 11)
    assert told == [(10, 10)]


def test_real_films_are_looked_at(folder: Path, source: Source) -> None:
    assert shots_of(source, 0, 12)[0] == 0
    assert len(list(folder.iterdir())) == 1
