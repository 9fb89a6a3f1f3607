"""What is published was read back, is certified, and is the same whoever publishes it, and how often."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jobs.certificate import read
from jobs.examine import Findings
from jobs.expected import kept
from jobs.records import Generation, Result
from jobs.truth import Truth
from jobs.verify import verify_folder
from pipeline.errors import IntegrityError, StorageUnavailable
from pipeline.storage import open_store
from pipeline.storage.local import LocalStore
from tests.servers import S3Server
from tests.workers.stitching import Job
from workers.stitch import MissingReceipt


class Dying(Truth):
    """Records of a stitcher that dies before its result is published."""

    def put_result(self, result: Result) -> bool:
        raise StorageUnavailable("the plug was pulled")


def test_stitched_job_is_whole(tmp_path: Path) -> None:
    job = Job(tmp_path)
    result = job.stitch()
    assert job.verify().damages == ()
    assert (result.bad, result.notes) == ({}, ())
    assert read((job.output / "certificate.json").read_bytes(), "c").seeds == {"seed": 7}


@pytest.mark.parametrize("attempt", range(3))
def test_two_stitchers_at_once_publish_one_certificate(tmp_path: Path, attempt: int) -> None:
    job = Job(tmp_path)
    stitchers = [job.stitcher() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda stitcher: stitcher.stitch(), stitchers))
    assert len({result.model_dump_json() for result in results}) == 1
    assert job.verify().damages == ()


def test_stitcher_after_one_that_died_goes_on_with_its_certificate(tmp_path: Path) -> None:
    job = Job(tmp_path)
    with pytest.raises(StorageUnavailable):
        job.stitcher(truth=Dying(job.truth.store)).stitch()
    before = job.truth.certificate("film-1", 1)
    job.stitch()
    assert job.truth.certificate("film-1", 1) == before
    assert job.verify().is_whole


def test_certificate_of_other_deliverables_is_replaced(tmp_path: Path) -> None:
    job = Job(tmp_path)
    with pytest.raises(StorageUnavailable):
        job.stitcher(truth=Dying(job.truth.store)).stitch()
    job.truth.drop_receipt("film-1", 1)
    job.render(1, token=2, shift=1)
    job.stitch()
    assert job.verify().is_whole


def test_damaged_certificate_that_was_left_is_replaced(tmp_path: Path) -> None:
    job = Job(tmp_path)
    job.truth.put_certificate("film-1", 1, b"{")
    job.stitch()
    assert job.verify().is_whole


def test_any_flipped_bit_of_a_receipt_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(tmp_path)
    job.stitch()
    whole = read((job.output / "certificate.json").read_bytes(), "c")
    certificate = whole.model_copy(update={"chunks": whole.chunks[1:2]})
    key = job.truth.receipt_key("film-1", 1, 1)
    data = job.truth.store.get(key)
    assert list(kept(certificate, job.truth, Findings()))
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
        monkeypatch.setattr(job.truth.store, "get", {key: flipped}.__getitem__)
        findings = Findings()
        assert list(kept(certificate, job.truth, findings)) == []
        assert [damage.what for damage in findings.damages] == ["receipt of frames 3-4"]


def test_late_stitcher_leaves_the_published_job_alone(tmp_path: Path) -> None:
    job = Job(tmp_path)
    late = job.stitcher()
    first = job.stitch()
    (job.output / "png" / "film.0001.png").unlink()
    assert late.stitch() == first
    assert [damage.what for damage in job.verify().damages] == ["picture of frame 1"]


def test_copy_that_went_wrong_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job(tmp_path)
    honest = LocalStore.copy_from

    def garbled(self: LocalStore, source: Any, source_key: str, key: str) -> None:
        honest(self, source, source_key, key)
        self.put(key, self.get(key)[:-1])

    monkeypatch.setattr(LocalStore, "copy_from", garbled)
    job.stitch()
    assert job.verify().is_whole


def test_output_that_keeps_other_bytes_than_it_was_given_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = Job(tmp_path)
    honest = LocalStore.put

    def garbled(self: LocalStore, key: str, data: bytes) -> None:
        honest(self, key, data[:-1] + b"!" if key == "contact-sheet.jpg" else data)

    monkeypatch.setattr(LocalStore, "put", garbled)
    with pytest.raises(IntegrityError, match=r"contact-sheet\.jpg: is not what was written"):
        job.stitch()
    assert not (job.output / "result.json").exists()
    assert job.truth.result("film-1", 1) is None


def test_damaged_stored_frame_names_its_chunk(tmp_path: Path) -> None:
    job = Job(tmp_path)
    (frame,) = tmp_path.glob("store/jobs/film-1/attempts/000001/1/*03.png")
    frame.write_bytes(bytes(reversed(frame.read_bytes())))
    with pytest.raises(MissingReceipt, match="is not what its receipt says") as caught:
        job.stitch()
    assert caught.value.chunk == 1


@pytest.mark.parametrize("damage", [b"{", b""])
def test_damaged_receipt_names_its_chunk(tmp_path: Path, damage: bytes) -> None:
    job = Job(tmp_path)
    job.truth.store.put(job.truth.receipt_key("film-1", 2, 1), damage)
    with pytest.raises(MissingReceipt, match="its receipt is damaged") as caught:
        job.stitch()
    assert caught.value.chunk == 2


@pytest.mark.parametrize(("on_error", "left"), [("skip", 5), ("hold-last-frame", 6)])
def test_bad_frame_is_told_and_skipped_if_that_is_wanted(tmp_path: Path, on_error: str, left: int) -> None:
    job = Job(tmp_path, on_error=on_error)
    job.truth.drop_receipt("film-1", 1)
    job.render(1, token=2, bad={3: "the source is damaged"})
    # As an earlier generation may have left it.
    (job.output / "png").mkdir(parents=True)
    (job.output / "png" / "film.0004.png").touch()
    result = job.stitch()
    assert result.bad == {4: "the source is damaged"}
    assert "frame 4 could not be painted and repeats its neighbour: the source is damaged" in result.notes
    assert len(list((job.output / "png").iterdir())) == left
    assert job.verify().damages == ()


def test_seam_is_told_and_does_not_pass(tmp_path: Path) -> None:
    job = Job(tmp_path)
    job.truth.drop_receipt("film-1", 2)
    job.render(2, token=2, shift=25)
    result = job.stitch()
    (note,) = result.notes
    assert note.startswith("a seam may be seen before frame 5, score ")
    certificate = read((job.output / "certificate.json").read_bytes(), "c")
    (check,) = [check for check in certificate.checks if check.name == "seams"]
    assert not check.passed
    assert job.verify().is_whole


def test_redo_tells_which_frames_came_out_otherwise(tmp_path: Path) -> None:
    job = Job(tmp_path)
    job.stitch()
    job.truth.add_generation("film-1", Generation(number=2, chunks=(1,), reason="redo"))
    job.render(1, generation=2, token=2, shift=1)
    result = job.stitch(generation=2)
    assert result.notes[-1] == (
        "frames 3-4 were rendered again and 2 of them came out otherwise (3-4); "
        "the other 4 are the bytes of generation 1"
    )
    assert job.verify().is_whole
    job.truth.store.put(job.truth.certificate_key("film-1", 1), b"{")
    (damage,) = job.verify().damages
    assert damage.what == "certificate of generation 1"


def test_job_in_a_bucket_is_verified_there(moto_s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    s3 = moto_s3.with_bucket()
    s3.use(monkeypatch)
    settings = {"store": f"{s3.url}/farm", "s3_endpoint": s3.endpoint, "s3_addressing": "path"}
    job = Job(tmp_path, settings=settings, output=f"{s3.url}/out")
    job.stitch()
    assert job.verify().is_whole
    output = open_store(f"{s3.url}/out", s3.options)
    data = output.get("png/film.0003.png")
    output.put("png/film.0003.png", data[:50] + bytes([data[50] ^ 4]) + data[51:])
    verdict = verify_folder(f"{s3.url}/out", s3.options)
    assert [damage.where for damage in verdict.damages] == [f"{s3.url}/out/png/film.0003.png"]
    output.delete("png/film.0003.png")
    assert [damage.why for damage in job.verify().damages] == ["is missing"]


class Interleaved(Truth):
    """Records as a stitcher reads them whose job another finishes just after it looked."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.truth.store)
        self._job, self._looks = job, 0

    def result(self, job: str, generation: int) -> Result | None:
        """None at first; then the other's."""
        self._looks += 1
        if self._looks == 1:
            found = super().result(job, generation)
            self._job.stitch()
            return found
        return super().result(job, generation)


def test_late_stitcher_that_withdrew_a_finished_result_puts_it_back(tmp_path: Path) -> None:
    job = Job(tmp_path)
    late = job.stitcher(truth=Interleaved(job)).stitch()
    assert late == job.truth.result("film-1", 1)
    assert job.verify().is_whole
    assert verify_folder(str(job.output), job.config).is_whole
