"""Boards as deliverables: made by the stitcher of finished frames, certified, and made anew by a redo."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jobs.naming import delivered_names
from jobs.records import Generation, ModelRef, Plan
from jobs.spec import JobSpecProblems, parse
from pipeline import provenance
from pipeline.board.brief import BoardBrief, BoardStrip
from pipeline.storage import open_store
from tests.board.boards import texts
from tests.servers import S3Server
from tests.workers.stitching import Job

BRIEF = BoardBrief(
    title="Lofts",
    subtitle="four of them",
    proposals=(0, 1, 2, 3),
    strips=(BoardStrip(attribute="warmth", of="film.0001", frames=(4, 0, 5), amounts=(-1.0, 0.0, 1.0)),),
)
MODELS = (ModelRef(name="lofts-256", entry="m:load", weights="models/x.safetensors", sha256="ab" * 32),)


def test_a_plan_with_a_board_gets_both_files_certified(tmp_path: Path) -> None:
    job = Job(tmp_path, board=BRIEF, models=MODELS)
    result = job.stitch()
    assert [Path(row.url).name for row in result.deliverables if row.name.startswith("board")] == [
        "film-board.pdf",
        "film-board.png",
    ]
    (text,) = texts((job.output / "film-board.pdf").read_bytes())
    assert all(words in text for words in ("Lofts", "film.0001", "film.0004", "Warmth", "lofts-256 (abababababab)"))
    facts = provenance.read((job.output / "film-board.png").read_bytes())
    assert facts is not None
    assert facts["designs"] == "film.0001 film.0002 film.0003 film.0004"
    (job.output / "film-board.pdf").write_bytes(b"%PDF")
    damaged = [damage for damage in job.verify().damages if damage.where.startswith(str(job.output))]
    assert [Path(damage.where).name for damage in damaged] == ["film-board.pdf"]


def test_a_plan_without_a_board_gets_none(tmp_path: Path) -> None:
    job = Job(tmp_path)
    job.stitch()
    assert not list(job.output.glob("*board*"))
    assert not any("board" in name for name in delivered_names(job.plan))


def test_names_of_a_board_are_known_at_planning(tmp_path: Path) -> None:
    names = set(delivered_names(Job(tmp_path, board=BRIEF).plan))
    assert {"film-board.pdf", "film-board.png"} <= names


def test_a_redo_makes_the_board_anew(tmp_path: Path) -> None:
    job = Job(tmp_path, board=BRIEF)
    job.stitch()
    before = (job.output / "film-board.pdf").read_bytes()
    job.truth.add_generation("film-1", Generation(number=2, chunks=(0,), reason="redo"))
    job.render(0, generation=2, token=2, shift=60)
    job.stitch(generation=2)
    assert (job.output / "film-board.pdf").read_bytes() != before
    assert job.verify().is_whole


def test_two_stitches_make_the_same_board(tmp_path: Path) -> None:
    made = [Job(tmp_path / name, board=BRIEF) for name in "ab"]
    for job in made:
        job.stitch()
    one, other = ((job.output / "film-board.pdf").read_bytes() for job in made)
    assert one == other


def test_a_bad_frame_is_not_shown_as_its_neighbour(tmp_path: Path) -> None:
    job = Job(tmp_path, board=BRIEF, on_error="hold-last-frame")
    job.truth.drop_receipt("film-1", 1)
    job.render(1, token=2, bad={3: "its latent is damaged"})
    job.stitch()
    (text,) = texts((job.output / "film-board.pdf").read_bytes())
    assert text.count("could not be painted") == 1


def test_a_board_in_a_bucket_is_whole(moto_s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = moto_s3.with_bucket()
    s3.use(monkeypatch)
    settings = {"store": f"{s3.url}/farm", "s3_endpoint": s3.endpoint, "s3_addressing": "path"}
    job = Job(tmp_path, settings=settings, output=f"{s3.url}/out", board=BRIEF)
    result = job.stitch()
    assert job.verify().is_whole
    (row,) = [row for row in result.deliverables if row.name == "board-png"]
    assert row.url == f"{s3.url}/out/film-board.png"
    data = open_store(f"{s3.url}/out", s3.options).get("film-board.png")
    with Image.open(io.BytesIO(data)) as image:
        assert np.asarray(image).std() > 1


def test_a_plan_survives_its_json_with_its_board(tmp_path: Path) -> None:
    plan = Job(tmp_path, board=BRIEF).plan
    assert Plan.model_validate_json(plan.model_dump_json()).board == BRIEF


@pytest.mark.parametrize(
    "kind", ["film", "artwork", "portraits", "projection", "train-style", "train-gan", "train-vae"]
)
def test_kinds_without_designs_refuse_a_board_in_a_sentence(tmp_path: Path, kind: str) -> None:
    with pytest.raises(JobSpecProblems) as caught:
        parse(f"kind: {kind}\noutput: out\ndeliver: [board]\n", path="job.yaml", folder=tmp_path)
    said = [line for line in str(caught.value).splitlines() if "board" in line]
    assert said == [
        "job.yaml:3: deliver: a board shows interior designs, which only `kind: interiors` makes; leave it out"
    ]
