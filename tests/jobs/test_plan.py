"""Planning: deterministic, complete, and the same job has the same id."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from tests.jobs.files import job_text, write_checkpoint, write_sequence
from tests.jobs.making import make_plan
from tests.media import write_film


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sequence of 25 frames, 1001-1025, and a style."""
    write_sequence(tmp_path / "shots", 25)
    write_checkpoint(tmp_path / "my.safetensors")
    return tmp_path


def _plan(folder: Path, *, token: str = "", max_frames: int = 2_000_000, **changes: object) -> Plan:
    spec, located = parse(job_text(**changes), path="film.yaml", folder=folder)
    return plan_job(spec, located, Settings(chunk_frames=10, max_frames=max_frames), token=token)


def _problem(folder: Path, **changes: object) -> str:
    with pytest.raises(JobSpecProblems) as caught:
        _plan(folder, **changes)  # type: ignore[arg-type]
    [problem] = caught.value.problems
    return problem


def test_plan_is_deterministic(folder: Path) -> None:
    assert _plan(folder) == _plan(folder)


def test_plan_survives_being_written_down(folder: Path) -> None:
    plan = _plan(folder, frames="1003-1009")
    assert Plan.model_validate_json(plan.model_dump_json()) == plan


@pytest.mark.parametrize("size", [1, 7, 10, 24, 25, 100])
def test_chunks_cover_every_frame_once(folder: Path, size: int) -> None:
    plan = _plan(folder, chunk=size)
    covered = [frame for start, stop in plan.chunks for frame in range(start, stop)]
    assert covered == list(range(25)) == list(range(plan.frames))
    assert all(stop - start == size for start, stop in plan.chunks[:-1])
    last = len(plan.chunks) - 1
    assert [plan.chunk_of(frame) for frame in range(25)] == [min(frame // size, last) for frame in range(25)]


def test_last_frame_is_not_left_alone(folder: Path) -> None:
    """A film that breaks off ends in a bad frame, which needs another to stand in for it."""
    assert _plan(folder, chunk=24).chunks == ((0, 25),)
    assert _plan(folder, chunk=12).chunks == ((0, 12), (12, 25))
    assert len(_plan(folder, chunk=1).chunks) == 25


def test_range_is_cut_out_of_the_source(folder: Path) -> None:
    plan = _plan(folder, frames="1003-1014")
    assert (plan.frames, plan.first, plan.inputs["offset"], plan.chunks) == (12, 1003, 2, ((0, 10), (10, 12)))
    assert (plan.number(11), plan.frame_name(0)) == (1014, "shot.1003")


def test_single_frame_is_a_job(folder: Path) -> None:
    plan = _plan(folder, frames=1025)
    assert (plan.frames, plan.first, plan.chunks) == (1, 1025, ((0, 1),))


def test_plan_holds_what_workers_need(folder: Path) -> None:
    plan = _plan(folder, strength=0.5, size=640, deliver="[png, jpeg]", priority=7)
    assert (plan.kind, plan.queue, plan.priority, plan.deliver) == ("film", "gpu", 7, ("png", "jpeg"))
    assert (plan.inputs["strength"], plan.inputs["size"], plan.rate) == (0.5, 640, "24")
    assert [model.entry for model in plan.models] == ["pipeline.models.style:load"]
    assert plan.style == "my.safetensors"


def test_pictures_of_a_folder_keep_their_names(folder: Path) -> None:
    plan = _plan(folder, source="shots/", deliver="[png]", frames="3-4")
    assert plan.names == ("shot.1003", "shot.1004")
    assert [plan.frame_name(frame) for frame in (0, 1)] == ["shot.1003", "shot.1004"]
    assert plan.rate is None


def test_same_spec_and_token_is_the_same_job(folder: Path) -> None:
    assert _plan(folder).job == _plan(folder, strength="1.0", priority=5).job
    assert _plan(folder, token="a").job == _plan(folder, token="a").job
    assert _plan(folder).job.startswith("film-")
    assert len(_plan(folder).job) == len("film-") + 10


def test_another_token_spec_source_or_model_is_another_job(folder: Path) -> None:
    jobs = [_plan(folder).job, _plan(folder, token="again").job, _plan(folder, strength=0.5).job]
    write_checkpoint(folder / "my.safetensors", fill=1.0)
    jobs.append(_plan(folder).job)
    write_sequence(folder / "shots", 26)
    jobs.append(_plan(folder, frames="1001-1025").job)
    jobs.append(_plan(folder).job)
    assert len(set(jobs)) == len(jobs)


def test_source_written_anew_is_another_job(folder: Path) -> None:
    before = _plan(folder).job
    picture = folder / "shots" / "shot.1007.png"
    picture.write_bytes((folder / "shots" / "shot.1008.png").read_bytes())
    assert _plan(folder).job != before


@pytest.mark.parametrize("frames", ["1000-1010", "1020-1026", "1-10", "1026-1026"])
def test_frames_outside_the_source_are_refused(folder: Path, frames: str) -> None:
    says = f"film.yaml:5: frames: {frames} leaves the source, which has frames 1001-1025"
    assert _problem(folder, frames=frames) == says


def test_too_many_frames_are_refused(folder: Path) -> None:
    assert _problem(folder, max_frames=24) == (
        "film.yaml:2: source: the job has 25 frames; at most 24 are allowed (ATELIER_MAX_FRAMES)"
    )
    assert _problem(folder, max_frames=9, frames="1001-1010").startswith("film.yaml:5: frames: the job has 10 frames")


def test_movie_of_a_folder_is_refused(folder: Path) -> None:
    assert _problem(folder, source="shots/", deliver="[png, h264, gif]") == (
        "film.yaml:5: deliver: h264, gif cannot be made of a folder of pictures; ask for png or jpeg"
    )


def test_movie_of_a_picture_is_refused(folder: Path) -> None:
    assert "cannot be made of a picture" in _problem(folder, source="shots/shot.1001.png", deliver="[h264]")


def test_source_that_is_no_film_is_refused_at_its_line(folder: Path) -> None:
    (folder / "text.mp4").write_text("no film")
    assert _problem(folder, source="text.mp4").startswith("film.yaml:2: ")
    (folder / "shots" / "shot.1005.png").unlink()
    assert "1005" in _problem(folder)


def test_plan_of_a_hundred_thousand_frames_finds_its_chunks() -> None:
    plan = make_plan(chunks=100_000 // 40, size=40)
    assert [plan.chunk_of(frame) for frame in (0, 39, 40, 99_999)] == [0, 0, 1, 2499]


def test_frame_names_grow_with_their_numbers() -> None:
    assert make_plan(chunks=1, size=1).frame_name(0) == "film.0001"
    assert make_plan(chunks=1, size=20, first=9_990).frame_name(0) == "film.09990"


def test_pictures_that_differ_in_their_ending_alone_keep_it(folder: Path) -> None:
    (folder / "shots" / "shot.1003.jpg").write_bytes((folder / "shots" / "shot.1003.png").read_bytes())
    plan = _plan(folder, source="shots/", deliver="[png]", frames="2-5")
    assert plan.names == ("shot.1002", "shot.1003.jpg", "shot.1003.png", "shot.1004")


def test_pictures_never_share_a_name(folder: Path) -> None:
    picture = (folder / "shots" / "shot.1001.png").read_bytes()
    (folder / "mixed").mkdir()
    for name in ("a.jpg", "a.png", "a.png.png", "b.png"):
        (folder / "mixed" / name).write_bytes(picture)
    assert _plan(folder, source="mixed/", deliver="[png]").names == ("a.jpg", "a.png", "a.png.png", "b.png")


def test_film_may_be_called_like_a_sequence(folder: Path) -> None:
    write_film(folder / "take#1.mp4", 3)
    plan = _plan(folder, source="take#1.mp4")
    assert (plan.frames, plan.stem) == (3, "take#1")
