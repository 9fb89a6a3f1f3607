"""Clips go the way of pictures: from the painter through receipts to the output, named, certified and redone."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from jobs import naming
from jobs.certificate import read
from jobs.kinds import KINDS
from jobs.records import Generation, Receipt
from jobs.verify import verify_folder
from pipeline.errors import IntegrityError, ModelError
from pipeline.film.decode import read_frames
from pipeline.film.probe import probe
from pipeline.images import decode_image
from pipeline.provenance import GENERATED, Marks, tell
from pipeline.provenance.label import Label, stamp
from tests.workers.clipped import ENTRY
from tests.workers.stitching import Job, Unhurried
from workers.lease import Lease
from workers.render import Renderer
from workers.stitch import MissingReceipt


class Held(Unhurried):
    """The lease of one attempt, which nobody wants."""

    def __init__(self, token: int) -> None:
        self.token = token

    def follow(self, watch: object) -> None:
        """Look on."""

    def finishing(self) -> None:
        """Go on."""


class Clipped(Job):
    """Six frames in three chunks, with clips, that a worker's renderer paints in this process."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        fields = {
            "kind": "clipped",
            "deliver": ("png", "jpeg", "h264", "webp"),
            "clips": ("h264", "webp"),
            "names": tuple(f"poster-{letter}" for letter in "abcdef"),
            "rate": None,
            "inputs": {"clips": ["h264", "webp"]},
        }
        super().__init__(folder, settings={"device": "cpu", "threads": "1"}, **fields | changes)

    def render(
        self, chunk: int, *, generation: int = 1, token: int = 1, bad: dict[int, str] | None = None, shift: int = 0
    ) -> Receipt:
        """Do a worker's part."""
        renderer = Renderer(self.truth, self.config, "a")
        return renderer.render(self.plan, chunk, generation, cast(Lease, Held(token)), (), bad=bad or {})


@pytest.fixture(autouse=True)
def _kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "clipped", ENTRY)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Clipped:
    """A finished job, for tests that leave it as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KINDS, "clipped", ENTRY)
        job = Clipped(tmp_path_factory.mktemp("clipped"))
        job.stitch()
        return job


def files(job: Job) -> set[str]:
    """Everything in the output."""
    return {str(path.relative_to(job.output)) for path in job.output.rglob("*") if path.is_file()}


def test_each_frames_clips_are_delivered_under_its_name(done: Clipped) -> None:
    assert files(done) == set(naming.delivered_names(done.plan))
    assert {"h264/poster-a.mp4", "webp/poster-f.webp", "jpeg/poster-b.jpg", "png/poster-c.png"} <= files(done)
    for frame, letter in enumerate("abcdef"):
        film = probe(str(done.output / "h264" / f"poster-{letter}.mp4"))
        assert (film.frames, film.width, film.height) == (frame + 2, 96 + 10 * frame, 64)


def test_result_counts_clips_and_the_certificate_vouches_for_them(done: Clipped) -> None:
    result = done.truth.result(done.plan.job, 1)
    assert result is not None
    assert {made.name: made.files for made in result.deliverables} == {
        **dict.fromkeys(("png", "jpeg", "h264", "webp"), 6),
        "contact-sheet": 1,
    }
    certificate = read((done.output / "certificate.json").read_bytes(), "c")
    assert {f"webp/poster-{letter}.webp" for letter in "abcdef"} < {name for name, _, _ in certificate.files}


def test_nothing_of_a_clip_is_left_beside_what_receipts_name(done: Clipped) -> None:
    named = {blob.key for receipt in done.truth.receipts(done.plan) if receipt for blob in receipt.blobs()}
    assert {entry.key for entry in done.truth.store.list(f"jobs/{done.plan.job}/attempts/")} == named


def test_clips_say_what_pictures_say_and_begin_with_the_label(tmp_path: Path) -> None:
    label = Label(text="AI", seconds=0.04)
    inputs = {"clips": ["h264", "webp"], "silent": [1]}
    job = Clipped(
        tmp_path, inputs=inputs, origin="generated", marks=Marks(origin="generated", producer="Studio-1"), label=label
    )
    job.stitch()
    files = [path for path in job.output.rglob("*.*") if path.suffix != ".json"]
    said = [tell(path) for path in files if path.stem != "poster-b"]
    assert len(said) == 4 * 5 + 1
    assert {(told.source_type, told.aigc and told.aigc["ContentProducer"]) for told in said} == {
        (GENERATED, "Studio-1")
    }
    assert all(tell(path).is_silent for path in files if path.stem == "poster-b")
    film = probe(str(job.output / "h264/poster-f.mp4"))
    shown = [np.abs(stamp(pixels, label).astype(int) - pixels).mean() < 1 for pixels in read_frames(film, 0, 7)]
    # At 30 frames a second, two of them begin within 0.04 s.
    assert shown == [True] * 2 + [False] * 5
    cover = decode_image((job.output / "png/poster-f.png").read_bytes())
    assert (stamp(cover, label) == cover).all()


def test_damaged_clip_is_found_where_it_is_delivered_and_where_it_is_kept(tmp_path: Path) -> None:
    job = Clipped(tmp_path)
    job.stitch()
    delivered, (kept,) = (
        job.output / "webp" / "poster-b.webp",
        tmp_path.glob("store/jobs/*/attempts/000001/1/h264-*2.mp4"),
    )
    for path in (delivered, kept):
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert [damage.what for damage in verify_folder(str(job.output), job.config).damages] == ["delivered file"]
    assert {damage.what for damage in job.verify().damages} == {"delivered file", "h264 of frame 3"}
    job.truth.add_generation(job.plan.job, Generation(number=2, chunks=(1,), reason="redo"))
    job.render(1, generation=2, token=2)
    job.stitch(generation=2)
    assert job.verify().is_whole


def test_bad_frame_takes_its_neighbours_clips_as_it_takes_its_picture(tmp_path: Path) -> None:
    job = Clipped(tmp_path, on_error="hold-last-frame")
    for chunk, bad in ((0, 0), (1, 3)):
        job.truth.drop_receipt(job.plan.job, chunk)
        job.render(chunk, token=2, bad={bad: "out of luck"})
    job.stitch()
    for bad, stands_in in (("a", "b"), ("d", "c")):
        for name in ("webp/poster-{}.webp", "h264/poster-{}.mp4", "png/poster-{}.png"):
            assert (job.output / name.format(bad)).read_bytes() == (job.output / name.format(stands_in)).read_bytes()
    assert job.verify().is_whole


def test_skipped_frame_has_no_clips(tmp_path: Path) -> None:
    job = Clipped(tmp_path, on_error="skip")
    job.truth.drop_receipt(job.plan.job, 1)
    job.render(1, token=2, bad={3: "out of luck"})
    job.stitch()
    assert set(naming.delivered_names(job.plan)) - files(job) == {
        f"{name}/poster-d{suffix}"
        for name, suffix in (("png", ".png"), ("jpeg", ".jpg"), ("h264", ".mp4"), ("webp", ".webp"))
    }


def test_clip_that_the_painter_forgot_is_told_and_gives_no_receipt(tmp_path: Path) -> None:
    with pytest.raises(IntegrityError, match="its painter gave no webp of frame 2"):
        Clipped(tmp_path, inputs={"clips": ["h264", "webp"], "forgotten": [[1, "webp"]]})
    assert not list(tmp_path.glob("store/jobs/*/receipts/*"))


def test_clip_that_the_plan_does_not_know_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="its plan knows no clip 'webp'"):
        Clipped(tmp_path, deliver=("png", "h264"), clips=("h264",))


def test_receipt_without_its_clips_names_its_chunk(tmp_path: Path) -> None:
    job = Clipped(tmp_path)
    receipt = job.truth.receipt(job.plan.job, 1, 1)
    assert receipt is not None
    job.truth.drop_receipt(job.plan.job, 1)
    job.truth.put_receipt(receipt.model_copy(update={"extra": {**receipt.extra, "webp": receipt.extra["webp"][:1]}}))
    with pytest.raises(MissingReceipt, match="its receipt lacks some webp") as caught:
        job.stitch()
    assert caught.value.chunk == 1
