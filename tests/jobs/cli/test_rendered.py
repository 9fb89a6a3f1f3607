"""What is told about frames that were rendered, from receipts and results as workers write them."""

from __future__ import annotations

import pytest

from jobs.cli import guard
from tests.jobs.cli.conftest import Shell
from tests.jobs.cli.finished import finish
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan


def test_a_finished_job_shows_what_was_made_and_where(cluster: Shell, deployment: Deployment) -> None:
    finish(deployment, make_plan(output=str(cluster.folder)))
    cluster.folder.joinpath("png").mkdir()
    told = cluster("watch", "film-1").stdout
    assert "film-1 is finished: 40 frames in 1:05 from submission to result" in told
    assert f"png  1.2 MB in 40 files  {cluster.folder}/png/\n" in told
    assert "odd size, padded" in told


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
