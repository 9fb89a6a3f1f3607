"""Every finished job is certified, and verifying finds what became of it since."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobs.certificate import Certificate, read
from jobs.control import cancel, redo
from jobs.records import Plan, Result
from jobs.verify import Verdict, verify_folder, verify_job
from pipeline.errors import InputError
from tests.workers.farm import Farm
from tests.workers.test_film_job import job

Flip = Callable[[Path], None]


class Finished:
    """A finished film, to be hurt and healed."""

    def __init__(self, farm: Farm, plan: Plan, result: Result, output: Path) -> None:
        self.farm, self.plan, self.result, self.output = farm, plan, result, output
        self.store = Path(farm.config.store)
        self.records = self.store / "jobs" / plan.job

    def certificate(self) -> Certificate:
        return read((self.output / "certificate.json").read_bytes(), "certificate.json")

    def verify(self) -> Verdict:
        return verify_job(self.plan.job, self.farm.truth, self.farm.config.store_options())

    def verify_output(self) -> Verdict:
        return verify_folder(str(self.output), self.farm.config.store_options())


@pytest.fixture(scope="module")
def film(shared_farm: Farm, media: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A film of three chunks, as a movie and as two sequences of pictures."""
    output = tmp_path_factory.mktemp("out")
    plan = shared_farm.submit(job(media, output, frames="11-34", chunk=8, deliver="[h264, png, jpeg]"))
    return Finished(shared_farm, plan, shared_farm.finish(plan), output)


@pytest.fixture
def flip(film: Finished) -> Iterator[Flip]:
    """Flips one bit in the middle of a file, until the test is over."""
    kept: dict[Path, bytes] = {}

    def one(path: Path) -> None:
        kept[path] = path.read_bytes()
        at = len(kept[path]) // 2
        path.write_bytes(kept[path][:at] + bytes([kept[path][at] ^ 1]) + kept[path][at + 1 :])

    yield one
    for path, data in kept.items():
        path.write_bytes(data)


def test_whole_job_passes(film: Finished) -> None:
    verdict = film.verify()
    assert verdict.damages == ()
    assert verdict.surplus == ()
    delivered = [path for path in film.output.rglob("*") if path.is_file()]
    # 24 frames and jpegs, 3 segments and receipts; plan, spec, generation, result; one network.
    assert verdict.files == len(delivered) + 48 + 6 + 4 + 1
    assert verdict.certificate == film.result.certificate


def test_output_passes_on_its_own(film: Finished) -> None:
    verdict = film.verify_output()
    assert verdict.is_whole
    assert verdict.files == sum(path.is_file() for path in film.output.rglob("*"))


def test_certificate_names_every_frame_and_file(film: Finished) -> None:
    certificate = film.certificate()
    assert [number for number, _, _ in certificate.frames] == list(range(11, 35))
    on_disk = {
        str(path.relative_to(film.output)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in film.output.rglob("*")
        if path.is_file() and path.name not in ("certificate.json", "result.json")
    }
    assert {name: sha256 for name, (_, sha256) in certificate.delivered().items()} == on_disk


def test_certificate_tells_who_painted_and_with_what(film: Finished) -> None:
    certificate = film.certificate()
    assert [row.frames for row in certificate.chunks] == [(11, 18), (19, 26), (27, 34)]
    assert sum(worker.chunks for worker in certificate.workers) == 3
    for worker in certificate.workers:
        assert {"python", "torch", "libavcodec"} <= certificate.software[worker.software].keys()
    assert all(check.passed for check in certificate.checks)
    assert [model.sha256 for model in certificate.models] == [model.sha256 for model in film.plan.models]


def test_painted_film_has_no_seams(film: Finished) -> None:
    scores = [row.seam for row in film.certificate().chunks]
    assert scores[0] is None
    assert all(score is not None and score < 1.3 for score in scores[1:]), scores


@pytest.mark.parametrize(
    ("place", "pattern", "what"),
    [
        ("store", "attempts/000001/*/png-*13.png", "frame 24"),
        ("store", "attempts/000001/*/jpeg-*13.jpg", "jpeg of frame 24"),
        ("store", "attempts/000002/*/segment-h264.*", "h264 segment of frames 27-34"),
        ("store", "receipts/000000-*", "receipt of frames 11-18"),
        ("store", "plan.json", "record"),
        ("store", "spec.json", "record"),
        ("store", "generations/0001.json", "record"),
        ("store", "result-0001.json", "result"),
        ("store", "certificate-0001.json", "certificate"),
        ("output", "png/clip.0020.png", "picture of frame 20"),
        ("output", "jpeg/clip.0020.jpg", "delivered file"),
        ("output", "clip-h264.mp4", "delivered file"),
        ("output", "contact-sheet.jpg", "delivered file"),
        ("output", "result.json", "result"),
        ("output", "certificate.json", "certificate"),
    ],
)
def test_flipped_bit_is_found_and_named(film: Finished, flip: Flip, place: str, pattern: str, what: str) -> None:
    (path,) = (film.records if place == "store" else film.output).glob(pattern)
    flip(path)
    (damage,) = film.verify().damages
    assert (damage.what, damage.where) == (what, str(path))
    if place == "output":
        (damage,) = film.verify_output().damages
        assert damage.what == what


def test_flipped_bit_in_a_network_is_found(film: Finished, flip: Flip) -> None:
    flip(film.store / film.plan.models[0].weights)
    (damage,) = film.verify().damages
    assert damage.what == f"network {film.plan.models[0].name}"
    assert "submit" in damage.mend


def test_missing_surplus_and_short_files_are_told_apart(film: Finished) -> None:
    lost, short, more = (film.output / "png" / f"clip.00{n}.png" for n in (11, 12, 99))
    kept = {path: path.read_bytes() for path in (lost, short)}
    lost.unlink()
    short.write_bytes(kept[short][:-1])
    more.write_bytes(b"")
    try:
        verdict = film.verify_output()
    finally:
        more.unlink()
        for path, data in kept.items():
            path.write_bytes(data)
    assert [(damage.what, damage.why.split()[0]) for damage in verdict.damages] == [
        ("picture of frame 11", "is"),
        ("picture of frame 12", "has"),
    ]
    assert verdict.surplus == ("png/clip.0099.png",)


def test_unfinished_job_cannot_be_verified(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    plan = shared_farm.submit(job(media, tmp_path / "out", style="slow.pth", chunk=60))
    with pytest.raises(InputError, match="is not finished"):
        verify_job(plan.job, shared_farm.truth, shared_farm.config.store_options())
    cancel(plan.job, shared_farm.truth, shared_farm.ledger)


def test_redo_proves_that_the_other_frames_are_the_same(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    plan = shared_farm.submit(job(media, output, frames="1-24", chunk=8, deliver="[h264, png]"))
    before = shared_farm.finish(plan)
    redo(plan.job, [10], shared_farm.truth)
    shared_farm.redo(plan)
    after = shared_farm.finish(plan)
    told = "frames 9-16 were rendered again and came out the same; the other 16 are the bytes of generation 1"
    film = Finished(shared_farm, plan, after, output)
    proof = film.certificate().redo
    assert proof is not None
    assert (proof.generation, proof.certificate, proof.again) == (1, before.certificate, "9-16")
    assert (proof.untouched, proof.same, proof.changed) == (16, 8, "")
    assert told in after.notes
    assert film.verify().is_whole


def test_redo_mends_a_damaged_frame(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    plan = shared_farm.submit(job(media, output, frames="1-8", chunk=4, deliver="[png]"))
    film = Finished(shared_farm, plan, shared_farm.finish(plan), output)
    (frame,) = film.records.glob("attempts/000001/*/png-*05.png")
    frame.write_bytes(frame.read_bytes()[:-1])
    verdict = film.verify()
    assert verdict.remedy == f"atelier redo {plan.job} --frames 6"
    redo(plan.job, [6], shared_farm.truth)
    shared_farm.redo(plan)
    again = shared_farm.finish(plan)
    assert film.verify().is_whole
    assert again.frames_sha256 == film.result.frames_sha256


def test_result_is_what_the_certificate_says(film: Finished) -> None:
    told = json.loads((film.output / "result.json").read_text())
    assert told.pop("certificate") == film.result.certificate
    assert film.certificate().result == told
