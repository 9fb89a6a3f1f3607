from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from jobs.cli import show
from jobs.cli.views import LiveView, PlainView, view_for
from jobs.snapshot import STITCH, Running, Snapshot
from tests.jobs.making import make_plan

PLAN = make_plan(chunks=4)
SNAPSHOT = Snapshot(
    job="film-1",
    kind="film",
    state="running",
    generation=1,
    priority=5,
    chunks=4,
    chunks_done=1,
    frames=40,
    frames_done=13,
    compute_s=2.0,
    rate=3.25,
    eta_s=75.0,
    started=None,
    finished=None,
    error="",
    output="/out",
    running=(Running(1, 3, "gpu-0@a"),),
)


def terminal(**options: object) -> tuple[Console, io.StringIO]:
    text = io.StringIO()
    return Console(file=text, force_terminal=True, width=120, **options), text  # type: ignore[arg-type]


def test_a_terminal_shows_a_bar_for_the_job_and_each_chunk() -> None:
    console, text = terminal()
    with LiveView(PLAN, console, advice="Ctrl-C leaves") as view:
        view.show(SNAPSHOT, workers=2)
    told = text.getvalue()
    for part in ("32 %", "13/40 frames", "3.2 frames/s", "ETA 1:15", "chunk 1", "3/10", "gpu-0@a", "2 workers"):
        assert part in told
    assert "Ctrl-C leaves" in told


def test_a_stitch_has_its_own_bar() -> None:
    console, text = terminal()
    with LiveView(PLAN, console) as view:
        view.show(replace(SNAPSHOT, state="stitching", running=(Running(STITCH, 20, "cpu-0@a"),)), workers=1)
    assert "stitch  " in text.getvalue()
    assert "20/40" in text.getvalue()


def test_more_chunks_than_fit_are_counted() -> None:
    console, text = terminal()
    plan = make_plan(chunks=30)
    many = tuple(Running(chunk, 1, "a") for chunk in range(30))
    with LiveView(plan, console) as view:
        view.show(replace(SNAPSHOT, frames=300, running=many), workers=30)
    assert "and 18 more chunks" in text.getvalue()


def test_a_log_gets_a_line_only_when_there_is_news() -> None:
    text = io.StringIO()
    view = view_for(PLAN, Console(file=text, width=200))
    assert isinstance(view, PlainView)
    for done in (13, 13, 13, 16):
        view.show(replace(SNAPSHOT, frames_done=done), workers=2)
    assert text.getvalue().splitlines() == [
        "film-1  running  32 %  13/40 frames  3.2 frames/s  ETA 1:15  2 workers",
        "film-1  running  40 %  16/40 frames  3.2 frames/s  ETA 1:15  2 workers",
    ]


def test_a_dumb_terminal_is_treated_as_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(view_for(PLAN, terminal()[0]), PlainView)


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    console, text = terminal()
    console.print(show.state("done"))
    assert text.getvalue() == "done\n"


@pytest.mark.parametrize(
    ("seconds", "told"), [(None, "-"), (0.4, "0:00"), (37, "0:37"), (3723, "1:02:03"), (183845, "2 d 03:04:05")]
)
def test_durations_are_clocks(seconds: float | None, told: str) -> None:
    assert show.duration(seconds) == told


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (654_171, "654 kB"), (999_600, "1.0 MB")]
)
def test_sizes_have_three_digits_at_most(count: int, told: str) -> None:
    assert show.size(count) == told
