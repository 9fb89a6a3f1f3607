"""A job never delivers over its own source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.config import Settings
from jobs.kinds.overwriting import overwritten
from jobs.naming import delivered_names
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.film.source import Source
from tests.jobs.files import job_text, write_checkpoint, write_sequence
from tests.jobs.making import make_plan
from tests.media import write_film


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sequence called as deliverables are, a film, and a style."""
    write_sequence(tmp_path / "png", 3)
    write_film(tmp_path / "clip.mp4", 3)
    write_checkpoint(tmp_path / "my.safetensors")
    return tmp_path


def _plan(folder: Path, **changes: object) -> Plan:
    spec, located = parse(job_text(**{"deliver": "[png]", **changes}), path="film.yaml", folder=folder)
    return plan_job(spec, located, Settings())


@pytest.mark.parametrize(
    ("replaced", "changes"),
    [
        ("png/shot.1001.png", {"source": "png/shot.####.png"}),
        ("png/shot.1001.png", {"source": "png/"}),
        ("png/shot.1001.png", {"source": "png/", "output": "linked/"}),
        ("png/shot.1001.png", {"source": "linked/png/shot.####.png"}),
        ("clip.gif", {"source": "clip.gif", "deliver": "[h264, gif]"}),
        ("clip-h264.mp4", {"source": "links/clip.mp4", "deliver": "[h264]"}),
        ("contact-sheet.jpg", {"source": "contact-sheet.jpg", "deliver": "[png]"}),
    ],
)
def test_output_over_the_source_is_refused(folder: Path, replaced: str, changes: dict[str, Any]) -> None:
    (folder / "linked").symlink_to(folder, target_is_directory=True)
    (folder / "links").mkdir()
    (folder / "links" / "clip.mp4").symlink_to(folder / "clip-h264.mp4")
    for copy in ("clip.gif", "clip-h264.mp4"):
        (folder / copy).write_bytes((folder / "clip.mp4").read_bytes())
    (folder / "contact-sheet.jpg").write_bytes((folder / "png" / "shot.1001.png").read_bytes())
    with pytest.raises(JobSpecProblems) as caught:
        _plan(folder, **{"output": "./", **changes})
    [problem] = caught.value.problems
    path = folder / str(changes.get("output", "")) / replaced
    assert problem.endswith(f": output: {path} is part of the source and would be replaced; choose another")
    assert problem.startswith("film.yaml:4: ")


def test_frames_that_a_range_leaves_out_are_kept_too(folder: Path) -> None:
    # A folder's pictures are numbered from 1, but delivered under their names.
    (folder / "png" / "contact-sheet.jpg").write_bytes((folder / "png" / "shot.1001.png").read_bytes())
    with pytest.raises(JobSpecProblems, match=r"contact-sheet\.jpg is part of the source"):
        _plan(folder, source="png/", output="png/", deliver="[jpeg]", frames="3-4")


@pytest.mark.parametrize("changes", [{"output": "out/"}, {"output": "./", "deliver": "[jpeg]"}, {"output": "png/"}])
def test_output_beside_the_source_is_fine(folder: Path, changes: dict[str, Any]) -> None:
    assert _plan(folder, **{"source": "png/shot.####.png", **changes}).frames == 3


@pytest.mark.parametrize("output", ["s3://films/out", "s3://films/out/", "s3://films//out"])
def test_addresses_in_a_store_are_compared(output: str) -> None:
    source = Source(
        kind="film", url="s3://films/out/film.gif", fingerprint="", stem="film", width=8, height=8, frames=40
    )
    plan = make_plan(output=output).model_copy(update={"deliver": ("gif",)})
    assert overwritten(plan, source) == "s3://films/out/film.gif"
    assert overwritten(plan.model_copy(update={"output": "/films/out"}), source) is None


def test_every_deliverable_has_a_name() -> None:
    plan = make_plan(chunks=1, size=2).model_copy(update={"deliver": ("h264", "gif", "tiff")})
    assert list(delivered_names(plan)) == [
        "film-h264.mp4",
        "film.gif",
        "tiff/film.0001.tif",
        "tiff/film.0002.tif",
        "contact-sheet.jpg",
        "certificate.json",
        "result.json",
    ]
