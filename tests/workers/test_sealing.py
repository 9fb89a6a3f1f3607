"""Signed deliverables: certified as they were signed, the same whoever stitches, and no key in what is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from jobs.records import Generation, Result
from jobs.truth import Truth
from pipeline import provenance
from pipeline.errors import ConfigError, StorageUnavailable
from pipeline.provenance import COMPOSED, Marks, tell
from pipeline.provenance.inspect import inspect
from tests.provenance.authorities import Authority
from tests.provenance.files import STILLS, write_movie
from tests.workers.stitching import Job
from workers.seal import Sealer

MARKS = Marks(origin="composed", producer="Studio-1")


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Who vouches for the farm's certificate."""
    return Authority.made()


@pytest.fixture(scope="module")
def settings(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a worker is told so that it signs."""
    signing = authority.signing(tmp_path_factory.mktemp("keys"))
    return {"c2pa_certificate": str(signing.certificate), "c2pa_key": str(signing.key)}


def job(folder: Path, settings: dict[str, str], **changes: Any) -> Job:
    """Pictures and an animation of them."""
    return Job(
        folder, settings=settings, **{"marks": MARKS, "origin": "composed", "deliver": ("png", "gif"), **changes}
    )


class Dying(Truth):
    """Records of a stitcher that dies before its result is published."""

    def put_result(self, result: Result) -> bool:
        raise StorageUnavailable("the plug was pulled")


def test_everything_that_leaves_is_signed_and_certified(
    tmp_path: Path, settings: dict[str, str], authority: Authority
) -> None:
    made = job(tmp_path, settings)
    result = made.stitch()
    files = ["png/film.0001.png", "png/film.0006.png", "film.gif", "contact-sheet.jpg"]
    for name in files:
        found = inspect(made.output / name, anchors=authority.pem)
        assert found.manifest is not None
        assert (found.manifest.state, found.manifest.source_types) == ("trusted", (COMPOSED,))
        assert found.manifest.title == Path(name).name
    assert result.notes == ("signed with C2PA by Studio, Studio Ltd",)
    assert made.verify().is_whole
    (made.output / "png/film.0002.png").write_bytes(b"")
    assert [damage.what for damage in made.verify().damages] == ["delivered file"]


def test_frames_are_the_same_where_signed_files_differ(tmp_path: Path, settings: dict[str, str]) -> None:
    one, other = (job(tmp_path / name, settings).stitch() for name in "ab")
    assert one.frames_sha256 == other.frames_sha256
    assert {row.name: row.sha256 for row in one.deliverables} != {row.name: row.sha256 for row in other.deliverables}


def test_two_stitchers_at_once_publish_the_same_signatures(tmp_path: Path, settings: dict[str, str]) -> None:
    made = job(tmp_path, settings)
    stitchers = [made.stitcher() for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda stitcher: stitcher.stitch(), stitchers))
    assert len({result.model_dump_json() for result in results}) == 1
    assert made.verify().is_whole


def test_a_stitcher_after_one_that_died_signs_nothing_again(tmp_path: Path, settings: dict[str, str]) -> None:
    made = job(tmp_path, settings)
    with pytest.raises(StorageUnavailable):
        made.stitcher(truth=Dying(made.truth.store)).stitch()
    before = (made.output / "film.gif").read_bytes()
    made.stitch()
    assert (made.output / "film.gif").read_bytes() == before
    assert made.verify().is_whole


def test_frames_that_changed_meanwhile_are_signed_anew(tmp_path: Path, settings: dict[str, str]) -> None:
    made = job(tmp_path, settings)
    with pytest.raises(StorageUnavailable):
        made.stitcher(truth=Dying(made.truth.store)).stitch()
    made.truth.drop_receipt("film-1", 1)
    made.render(1, token=2, shift=1)
    made.stitch()
    assert made.verify().is_whole
    assert not inspect(made.output / "png/film.0003.png").is_broken


def test_a_redo_signs_its_generation(tmp_path: Path, settings: dict[str, str]) -> None:
    made = job(tmp_path, settings)
    made.stitch()
    made.truth.add_generation("film-1", Generation(number=2, chunks=(0,), reason="redo"))
    made.render(0, generation=2, token=2)
    made.stitch(generation=2)
    assert made.verify().is_whole


def test_a_film_that_has_no_place_for_a_signature_is_told(tmp_path: Path, settings: dict[str, str]) -> None:
    made = job(tmp_path, settings)
    signing = made.config.signing()
    assert signing is not None
    sealer = Sealer(made.plan, MARKS, 1, made.truth, signing)
    assert sealer.seal("film.mkv", write_movie("h264-mkv", tmp_path)) is None
    assert sealer.seal("notes.md", b"words") is None
    assert list(sealer.notes()) == [
        "signed with C2PA by Studio, Studio Ltd",
        "film.mkv is not signed: C2PA has no place for a signature in Matroska",
    ]


def test_what_no_model_made_is_not_signed(tmp_path: Path, settings: dict[str, str]) -> None:
    made = job(tmp_path, settings, marks=None, origin=None)
    assert made.stitch().notes == ()
    assert tell(made.output / "film.gif").is_silent


def test_a_picture_that_no_model_had_a_hand_in_is_not_signed(tmp_path: Path, settings: dict[str, str]) -> None:
    made = job(tmp_path, settings)
    signing = made.config.signing()
    assert signing is not None
    sealer = Sealer(made.plan, MARKS, 1, made.truth, signing)
    assert sealer.seal("plain.png", STILLS["png"]) is None
    assert sealer.seal("made.png", provenance.embed(STILLS["png"], {}, MARKS)) is not None
    assert list(sealer.notes()) == ["signed with C2PA by Studio, Studio Ltd"]


def test_a_worker_that_cannot_sign_delivers_nothing(tmp_path: Path, settings: dict[str, str]) -> None:
    (tmp_path / "key.pem").write_text("nothing")
    made = job(tmp_path, settings | {"c2pa_key": str(tmp_path / "key.pem")})
    with pytest.raises(ConfigError, match="holds no private key"):
        made.stitch()
    assert not made.output.exists()


def test_no_key_lies_in_the_store_or_the_output(tmp_path: Path, settings: dict[str, str]) -> None:
    job(tmp_path, settings).stitch()
    key = Path(settings["c2pa_key"]).read_bytes().splitlines()[1]
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(kept) > 20
    assert not any(key in path.read_bytes() for path in kept)
