"""Which frames stand for a job, and the arithmetic from them to hours: on renderings of which everything is known."""

from __future__ import annotations

import pytest

from jobs.estimate import choose, project
from jobs.estimate.choose import Part
from jobs.estimate.neighbours import Clock, taken_by_others
from jobs.records import Blob, Plan, Receipt, Rehearsal, Rehearsed
from tests.jobs.making import make_plan

OVERHEAD_S, FRAME_S = 3.0, 0.5


def receipt(plan: Plan, start: int, stop: int, *, share: float = 1.0, segments: bool = False) -> Receipt:
    """A rendering that took 3 s and half a second a frame; its frames cost `share` of what others do."""
    count = stop - start
    painted = count + choose.lead_in(plan, start)
    blobs = tuple(Blob(key=f"{frame}", size=1000, sha256="") for frame in range(start, stop))
    return Receipt(
        job=plan.job,
        chunk=0,
        generation=1,
        start=start,
        stop=stop,
        token=1,
        worker="a",
        device="cpu",
        frames=blobs,
        segments={"h264": Blob(key="s", size=10 * count, sha256="")} if segments else {},
        timings={"wall_s": OVERHEAD_S + FRAME_S * painted * share, "model_s": FRAME_S * painted * share, "decode_s": 9},
    )


def estimate(plan: Plan, shares: tuple[float, ...] = (1.0,) * 9) -> project.Estimate:
    (part,) = choose.parts(plan)
    alone = [receipt(plan, *span, share=share) for span, share in zip(choose.spots(plan), shares, strict=True)]
    pace = project.pace(part, plan, alone, [receipt(plan, *plan.chunks[0])])
    return project.Estimate(plan, (pace,), 10.0, 20.0, {}, {}, "cpu", 0, 0, 0, is_whole=False)


def test_nine_frames_are_spread_over_the_job() -> None:
    plan = make_plan(chunks=10, size=9)
    assert choose.spots(plan) == [(frame, frame + 1) for frame in (5, 15, 25, 35, 45, 55, 65, 75, 85)]


def test_of_a_short_job_fewer_are_rendered_alone() -> None:
    assert choose.spots(make_plan(chunks=4, size=5)) == [(2, 3), (6, 7), (10, 11), (14, 15), (18, 19)]


def test_all_of_a_small_job_is_rendered_in_its_own_chunks() -> None:
    plan = make_plan(chunks=3, size=3)
    assert choose.is_small(plan)
    assert choose.spots(plan) == [(0, 3), (3, 6), (6, 9)]


def test_pictures_and_their_film_are_told_apart() -> None:
    plan = make_plan(chunks=10, size=100).model_copy(update={"film_begins": 100})
    assert choose.parts(plan) == [Part(0, 100), Part(100, 1000)]
    assert [start < 100 for start, _ in choose.spots(plan)] == [True] * 3 + [False] * 6


def test_a_run_is_a_chunk_of_the_job() -> None:
    plan = make_plan(chunks=10, size=48)
    assert choose.runs(plan, Part(0, 480), [50, 200], frame_s=0.1, most=1) == [(48, 96)]


def test_a_run_of_slow_frames_is_short() -> None:
    plan = make_plan(chunks=10, size=48)
    assert choose.runs(plan, Part(0, 480), [50], frame_s=3.0, most=1) == [(48, 64)]
    assert choose.runs(plan, Part(0, 480), [50], frame_s=300.0, most=1) == [(48, 56)]


def test_of_short_and_long_chunks_a_long_one_is_run() -> None:
    plan = make_plan(chunks=1, size=480).model_copy(update={"chunks": ((0, 2), (2, 50), (50, 480))})
    assert choose.runs(plan, Part(0, 480), [1, 3], frame_s=0.1, most=1) == [(2, 50)]


def test_nothing_leads_in_to_a_shots_beginning() -> None:
    plan = make_plan().model_copy(update={"lead_in": 15, "inputs": {"shots": [0, 20]}})
    assert [choose.lead_in(plan, start) for start in (0, 5, 19, 20, 24, 39)] == [0, 5, 15, 0, 4, 15]


@pytest.mark.parametrize("lead_in", [0, 15])
def test_what_a_chunk_takes_is_told_from_what_a_frame_takes(lead_in: int) -> None:
    plan = make_plan(chunks=10, size=48).model_copy(update={"lead_in": lead_in})
    (pace,) = estimate(plan).paces
    assert pace.overhead_s == pytest.approx(OVERHEAD_S)
    assert pace.frame_s == pytest.approx(FRAME_S)


def test_workers_share_the_chunks_and_one_stitches() -> None:
    made = estimate(make_plan(chunks=10, size=48))
    chunk_s = OVERHEAD_S + 48 * FRAME_S
    assert 3600 * made.hours(1) == pytest.approx(10 + 10 * chunk_s + 20)
    assert 3600 * made.hours(4) == pytest.approx(10 + 3 * chunk_s + 20)
    assert made.hours(64) == made.hours(10)
    assert made.price(7.2) == pytest.approx(7.2 * made.hours(1))


def test_equal_frames_leave_what_a_machine_varies() -> None:
    assert estimate(make_plan(chunks=10, size=48)).margin == pytest.approx(0.10)


def test_frames_that_differ_widen_the_range() -> None:
    made = estimate(make_plan(chunks=10, size=48), shares=(1, 1, 1, 1, 1, 2, 2, 2, 2))
    assert made.margin > 0.2
    assert made.paces[0].mean_s == pytest.approx(FRAME_S * 13 / 9)


def test_stitching_grows_with_the_frames_and_not_with_what_is_done_once() -> None:
    plan = make_plan(chunks=10, size=10)
    rehearsal = Rehearsal(rows=(Rehearsed(name="h264", frames=10, seconds=2, fixed_s=5, size=100),), chunk_s=0.1)
    assert project.stitch_s(plan, rehearsal) == pytest.approx(10 * 0.1 + 5 + 100 * 0.2)
    assert project.delivered(plan, rehearsal, {})["h264"] == project.Bytes(1000, 1)


def test_segments_are_measured_on_runs_and_frames_on_those_alone() -> None:
    plan = make_plan(chunks=10, size=10)
    (part,) = choose.parts(plan)
    alone = [receipt(plan, *span, segments=True) for span in choose.spots(plan)]
    runs = [receipt(plan, 0, 10, segments=True)]
    found = project.stored(plan, part, alone, runs)
    assert found == {"frames": project.Bytes(100_000, 100), "segments": project.Bytes(1000, 10)}


def test_what_others_took_of_the_machine_is_told_from_what_we_did() -> None:
    before, after = Clock(all=100, busy=50, ours=10), Clock(all=200, busy=130, ours=60)
    assert taken_by_others(before, after) == pytest.approx(0.3)
    assert taken_by_others(before, before) is None
    assert taken_by_others(None, after) is None


def test_the_processors_clock_goes_on() -> None:
    first = Clock.now()
    sum(range(2_000_000))
    second = Clock.now()
    assert first is not None
    assert second is not None
    assert second.ours > first.ours
    assert second.all >= second.busy > 0
