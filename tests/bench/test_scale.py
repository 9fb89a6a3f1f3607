"""The arithmetic of bench/scale.py, and one small farm that sleeps."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

from bench import scale
from bench.proc import stat
from bench.scale_farm import Used, sleeping_plan
from bench.scale_plot import Axis, draw, points
from bench.scale_sums import Diaries, Window, pace, shares, steps, tally, worst_share
from bench.sleeping_worker import NOTE_BYTES, Note, read_notes


def note(job: int, chunk: int, *, begun: int = 1, counted: int = 1, at: float = 1.0) -> Note:
    """A chunk that was asked for 0.5 s before it was completed, and painted for 0.3 s of them."""
    return Note(
        job, chunk, begun, counted, asked=at - 0.5, leased=at - 0.4, started=at - 0.4, painted=at - 0.1, completed=at
    )


def fair(counts: dict[int, int]) -> Diaries:
    """One worker that completes the jobs' chunks evenly in 100 s."""
    done = [(100 * (chunk + 1) / count, job, chunk) for job, count in counts.items() for chunk in range(count)]
    return {"1": [note(job, chunk, at=at) for at, job, chunk in sorted(done)]}


def test_shares_end_when_the_first_job_does() -> None:
    seen = shares(fair({0: 25, 1: 50, 2: 100}), {0: 4, 1: 5, 2: 6}, 100)
    assert [share.chunks for share in seen[-3:]] == [25, 50, 100]
    # 0.3 s each.
    assert [share.mean for share in seen[-3:]] == pytest.approx([7.5, 15, 30])
    assert steps(seen) == pytest.approx([2, 2])


def test_shares_are_of_time_and_not_of_chunks() -> None:
    short = [note(0, chunk, at=(chunk + 1) / 2) for chunk in range(40)]
    long = [note(1, chunk, at=chunk + 1.0)._replace(started=chunk + 0.3) for chunk in range(20)]
    assert shares({"1": short, "2": long}, {0: 5, 1: 5}, 100)[-1].off == pytest.approx(0, abs=0.01)


def test_share_is_as_unfair_as_its_job_furthest_off() -> None:
    seen = shares(fair({0: 100, 1: 80}), {0: 5, 1: 5}, 100, moments=2)
    assert seen[-1].off == pytest.approx(10 / 90)
    assert worst_share(seen) == pytest.approx(10 / 90, abs=0.01)


def test_shares_of_less_than_twenty_chunks_say_nothing() -> None:
    assert worst_share(shares(fair({0: 10, 1: 5}), {0: 5, 1: 5}, 10)) == 0


def test_job_that_got_nothing_counts() -> None:
    assert shares(fair({0: 50}), {0: 5, 1: 5}, 50)[-1].off == pytest.approx(1)


def test_pace_counts_what_was_completed_in_the_window() -> None:
    diaries = {"1": [note(0, chunk, at=float(chunk + 1)) for chunk in range(10)]}
    found = pace(diaries, Window(2.0, 7.0), workers=1)
    assert (found.chunks, found.per_second) == (5, 1.0)
    assert found.painting == pytest.approx(0.3)
    assert found.wait_ms == pytest.approx(600)
    assert found.asking_ms == pytest.approx(100)
    assert found.storing_ms == pytest.approx(100)


def test_nobody_waits_for_another_workers_chunk() -> None:
    diaries = {"1": [note(0, 0, at=1.0)], "2": [note(0, 1, at=9.0)]}
    assert pace(diaries, Window(0.0, 10.0), workers=2).wait_ms == 0


def test_tally_finds_what_is_lost_doubled_and_repeated() -> None:
    receipts = Counter({(0, 0): 1, (0, 1): 1})
    diaries = {"1": [note(0, 0, begun=1), note(0, 1, begun=3)], "2": [note(0, 1), note(0, 0, begun=1, counted=0)]}
    found = tally(receipts, diaries, jobs=1, chunks=3)
    assert (found.lost, found.doubled, found.begun, found.repeated) == (1, 1, 4, 1)


def test_receipt_of_a_chunk_that_is_in_no_plan_is_one_too_many() -> None:
    assert tally(Counter({(0, 0): 1, (0, 7): 1}), {}, jobs=1, chunks=1).doubled == 1


def test_cost_of_the_reconciler_is_that_of_its_default_interval() -> None:
    used = Used(at=10.0, workers=5.0, redis=1.0, reconciler=0.6, looks=10)
    paid = scale.cost(used, chunks=1_000, per_second=100.0)
    assert (paid["workers_ms"], paid["redis_ms"]) == (5, 1)
    # 60 ms a look, one look in 30 s, 3,000 chunks.
    assert paid["reconciler_ms"] == pytest.approx(0.02)


def test_small_farms_are_measured_more_often() -> None:
    assert [scale.rounds(chunks) for chunks in (1_000, 5_000, 20_000, 200_000)] == [5, 4, 1, 1]


def test_notes_that_are_being_written_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "1").write_bytes(b"\0" * (2 * NOTE_BYTES + 12))
    assert len(list(read_notes(tmp_path / "1"))) == 2


def test_process_with_brackets_in_its_name_is_read() -> None:
    fields = " ".join(["S", "7", *["0"] * 9, "100", "50", "25", "25", "20"])
    seen = stat(f"42 (a) b) {fields}")
    assert (seen.pid, seen.parent) == (42, 7)
    assert seen.cpu_s == pytest.approx(2.0, rel=0.5)


def test_axis_gives_powers_of_ten_equal_room() -> None:
    axis = Axis(0.1, 10.0, 0.0, 100.0)
    assert [axis(value) for value in (0.1, 1.0, 10.0)] == pytest.approx([0, 50, 100])
    assert axis.ticks == pytest.approx([0.1, 1.0, 10.0])


def run(chunks: int, workers_ms: float) -> dict:
    """What the plot reads of a run."""
    return {
        "chunks": chunks,
        "pace": {"wait_ms": 4.0},
        "cost": {"workers_ms": workers_ms, "redis_ms": 0.8, "reconciler_ms": 0.0},
    }


def test_plot_takes_medians_and_draws_a_line_of_nothing(tmp_path: Path) -> None:
    measured = {"runs": [run(1_000, 5.0), run(1_000, 7.0), run(1_000, 5.5), run(200_000, 5.0)]}
    assert points(measured)["workers"] == [(1_000, 5.5), (200_000, 5.0)]
    (tmp_path / "f.json").write_text(json.dumps(measured))
    assert scale.main(["--plot", str(tmp_path / "f.json"), str(tmp_path / "p.png")]) == 0
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.size == (960, 540)


def test_one_size_can_be_drawn(tmp_path: Path) -> None:
    draw({"runs": [run(1_000, 5.0)]}, tmp_path / "p.png")
    assert (tmp_path / "p.png").exists()


def test_plan_has_every_frame_once() -> None:
    plan = sleeping_plan(4, 3)
    assert plan.chunks == ((0, 10), (10, 20), (20, 30))
    assert (plan.frames, plan.priority) == (30, 5)


def test_small_farm_loses_nothing(tmp_path: Path) -> None:
    found = tmp_path / "f.json"
    few = ["--workers", "2", "--jobs", "3", "--chunks", "14", "--sleep", "0.01"]
    assert scale.main([*few, "--reconcile", "1", "--store", str(tmp_path), "--json", str(found)]) == 0
    (measured,) = json.loads(found.read_text())["runs"]
    assert measured["tally"] == {"chunks": 42, "receipts": 42, "lost": 0, "doubled": 0, "begun": 42, "repeated": 0}
    assert measured["cost"]["workers_ms"] > 0
    assert [path.name for path in tmp_path.iterdir()] == ["f.json"]
