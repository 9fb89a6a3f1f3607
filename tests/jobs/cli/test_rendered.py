"""What is told about frames that were rendered, from receipts and results as workers write them."""

from __future__ import annotations

import pytest

from jobs.cli import guard
from jobs.records import Blob
from tests.jobs.cli.conftest import Shell
from tests.jobs.cli.finished import finish
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan, make_receipt, make_result

TIMES = {"submitted_at": "2026-01-01T12:00:00Z", "finished_at": "2026-01-01T12:01:05Z"}


def test_a_finished_job_shows_what_was_made_and_where(cluster: Shell, deployment: Deployment) -> None:
    finish(deployment, make_plan(output=str(cluster.folder)))
    cluster.folder.joinpath("png").mkdir()
    told = cluster("watch", "film-1").stdout
    assert "film-1 is finished: 40 frames in 1:05 from submission to result" in told
    assert f"png  1.2 MB in 40 files  {cluster.folder}/png/\n" in told
    assert "odd size, padded" in told


def test_posters_that_were_left_out_are_not_counted_as_made(cluster: Shell, deployment: Deployment) -> None:
    plan = make_plan("posters-1", kind="posters", chunks=1, size=16).model_copy(update={"on_error": "skip"})
    deployment.accept(plan)
    bad = {3: "no such font", 7: "no such font"}
    deployment.truth.put_result(make_result(plan).model_copy(update={"bad": bad, **TIMES}))
    told = cluster("watch", "posters-1").stdout
    assert "posters-1 is finished: 14 posters in 1:05 from submission to result, 2 left out" in told


def test_deliverables_that_were_removed_are_said_to_be_gone(cluster: Shell, deployment: Deployment) -> None:
    finish(deployment, make_plan(output="/nowhere"))
    assert "(not there any more)" in cluster("status", "film-1").stdout


def test_explain_knows_who_rendered_a_frame_and_where_it_lies(cluster: Shell, deployment: Deployment) -> None:
    finish(deployment, make_plan())
    told = cluster("explain", "film-1", "15").stdout
    assert "a (cpu) rendered the chunk's 10 frames in 2.0 s (5.0 frames/s)" in told
    assert f"{deployment.truth.store.url}/jobs/film-1/14.png" in told
    assert "/out/png/film.0015.png" in told
    assert told.index("wall") < told.index("model")


@pytest.mark.parametrize(
    ("on_error", "what"),
    [
        ("hold-last-frame", "a neighbour stands in for it: out of luck."),
        ("skip", "a neighbour stands in for it in movies; its picture is not delivered: out of luck."),
    ],
)
def test_explain_names_a_frame_that_could_not_be_painted(
    cluster: Shell, deployment: Deployment, on_error: str, what: str
) -> None:
    plan = make_plan(first=1001).model_copy(update={"on_error": on_error})
    deployment.accept(plan)
    blobs = tuple(Blob(key=f"{frame}.png", size=1, sha256="0") for frame in range(10))
    receipt = make_receipt(plan, 1).model_copy(update={"bad": {14: "out of luck"}, "frames": blobs})
    deployment.truth.put_receipt(receipt)
    assert f"The frame itself could not be painted, and {what}" in cluster("explain", "film-1", "1015").stdout
    assert "could not be painted" not in cluster("explain", "film-1", "1016").stdout
    assert "Frame 1015 could not be painted: out of luck." in cluster("explain", "film-1").stdout


def test_explain_of_a_finished_job_names_some_frames_that_could_not_be_painted(
    cluster: Shell, deployment: Deployment
) -> None:
    plan = make_plan()
    deployment.accept(plan)
    bad = dict.fromkeys(range(40, 10, -1), "out of luck")
    deployment.truth.put_result(make_result(plan).model_copy(update={"bad": bad, **TIMES}))
    told = cluster("explain", "film-1").stdout
    assert [f"Frame {number} could not be painted" in told for number in (10, 11, 30, 31)] == [False, True, True, False]
    assert "10 more frames could not be painted; `result.json` of the finished job names all." in told


def test_explain_says_why_a_frame_was_done_again(cluster: Shell, deployment: Deployment) -> None:
    finish(deployment, make_plan())
    assert cluster("redo", "film-1", "--frames", "15").exit_code == 0
    assert "ordered again in generation 2: redo of frames 15-15" in cluster("explain", "film-1", "15").stdout
    assert "generation 2" not in cluster("explain", "film-1", "25").stdout
    assert "Generation 2 renders 1 chunk again" in cluster("explain", "film-1").stdout


def test_redo_publishes_only_the_chunks_of_its_frames(cluster: Shell, deployment: Deployment) -> None:
    finish(deployment, make_plan())
    deployment.take()
    result = cluster("redo", "film-1", "--frames", "8-12,40")
    assert "3 chunks of 4 will be rendered again" in result.stderr
    assert sorted(chunk for _, chunk, generation in deployment.take() if generation == 2) in ([0, 1], [0, 1, 3])
    assert deployment.seen().state == "running"


@pytest.mark.parametrize(
    ("frames", "reason"),
    [("0-3", "leaves film-1"), ("9-7", "write 7-9"), ("x", "is no range"), ("1-999999999", "leaves film-1")],
)
def test_redo_refuses_frames_that_are_not_there(
    cluster: Shell, deployment: Deployment, frames: str, reason: str
) -> None:
    finish(deployment, make_plan())
    result = cluster("redo", "film-1", "--frames", frames)
    assert result.exit_code == guard.BAD_INPUT
    assert reason in result.stderr


def test_places_with_brackets_and_spaces_are_told_whole(cluster: Shell, deployment: Deployment) -> None:
    finish(deployment, make_plan(output="/out/[bold] a ]b"))
    assert "/out/[bold] a ]b/png/" in cluster("status", "film-1").stdout
