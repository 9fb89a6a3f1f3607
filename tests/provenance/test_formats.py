"""What files say goes into each format, leaves what they show alone, and is read back by us and by others."""

from __future__ import annotations

import io
import json
from pathlib import Path

import av
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from pipeline import provenance
from pipeline.errors import MediaError
from pipeline.film.decode import read_frames
from pipeline.film.deliverables import SOUNDS
from pipeline.film.probe import probe
from pipeline.images import decode_image
from pipeline.provenance import Marks, tell
from pipeline.provenance.formats import FORMATS, HEAD, format_of
from tests.media import packet_payloads, write_film
from tests.provenance.files import (
    CONTENT,
    EMBEDDED,
    FACTS,
    MARKS,
    MOVIES,
    MOVING,
    PAGES,
    STILLS,
    animated,
    shown,
    write_movie,
    write_sound,
)


def decoded(path: Path) -> np.ndarray:
    """Every frame of a film."""
    source = probe(str(path))
    return np.stack(list(read_frames(source, 0, source.frames)))


each_file = pytest.mark.parametrize("name", EMBEDDED)
each_movie = pytest.mark.parametrize("name", MOVIES)


@each_file
def test_marks_are_read_back(name: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(provenance.embed(EMBEDDED[name], FACTS, MARKS))
    told = tell(path)
    assert told.facts == FACTS
    assert (told.source_type, told.software, told.aigc_problem) == (provenance.GENERATED, "Atelier", "")
    assert told.aigc is not None
    assert dict(told.aigc) | {"ProduceID": ""} == {
        "Label": "1",
        "ContentProducer": "Studio-1",
        "ProduceID": "",
        **dict.fromkeys(("ReservedCode1", "ContentPropagator", "PropagateID", "ReservedCode2"), ""),
    }
    assert told.aigc["ProduceID"] == provenance.content_id(EMBEDDED[name])


@each_movie
def test_marks_of_movies_are_read_back(name: str, tmp_path: Path) -> None:
    told = tell(write_movie(name, tmp_path))
    assert (told.facts, told.source_type) == (FACTS, provenance.GENERATED)
    assert told.aigc is not None
    assert (told.aigc["Label"], told.aigc["ContentProducer"], told.aigc["ProduceID"]) == ("1", "Studio-1", CONTENT)


@each_file
def test_the_same_marks_are_the_same_bytes_wherever_they_are_written(name: str, tmp_path: Path) -> None:
    marked = provenance.embed(EMBEDDED[name], FACTS, MARKS, content=CONTENT)
    path = tmp_path / "file"
    path.write_bytes(EMBEDDED[name])
    provenance.embed_file(path, FACTS, MARKS, content=CONTENT)
    assert path.read_bytes() == marked
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@each_movie
def test_the_same_movie_is_the_same_bytes(name: str, tmp_path: Path) -> None:
    made = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        made.append(write_movie(name, tmp_path / folder).read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize("name", STILLS)
def test_pixels_of_pictures_stay_as_they_are(name: str) -> None:
    marked, deep = provenance.embed(STILLS[name], FACTS, MARKS), name.endswith("16")
    assert (decode_image(marked, deep=deep) == decode_image(STILLS[name], deep=deep)).all()


@pytest.mark.parametrize("name", MOVING)
def test_pixels_of_animations_stay_as_they_are(name: str) -> None:
    before, after = (list(shown(data)) for data in (MOVING[name], provenance.embed(MOVING[name], FACTS, MARKS)))
    assert len(before) == len(after) == 3
    assert all((one == other).all() for one, other in zip(before, after, strict=True))


@each_movie
def test_frames_of_movies_stay_as_they_are(name: str, tmp_path: Path) -> None:
    frames = []
    for folder, marks in (("a", MARKS), ("b", None)):
        (tmp_path / folder).mkdir()
        frames.append(decoded(write_movie(name, tmp_path / folder, marks=marks)))
    assert frames[0].shape[0] == 3
    assert (frames[0] == frames[1]).all()


@pytest.mark.parametrize("name", PAGES)
def test_pages_and_title_stay_as_they_are(name: str) -> None:
    files = PAGES[name], provenance.embed(PAGES[name], FACTS, MARKS)
    before, after = (pypdfium2.PdfDocument(data) for data in files)
    assert len(before) == len(after)
    assert before.get_metadata_dict() == after.get_metadata_dict()
    drawn = [document[0].render().to_numpy() for document in (before, after)]
    assert (drawn[0] == drawn[1]).all()


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "tiff", "animated webp", "apng"])
def test_pillow_finds_the_packet(name: str) -> None:
    with Image.open(io.BytesIO(provenance.embed(EMBEDDED[name], FACTS))) as image:
        image.load()
        text = image.info.get("xmp") or image.info["XML:com.adobe.xmp"].encode()
    assert text.strip(b"\0") == provenance.packet(FACTS)


@each_movie
def test_libav_finds_the_field_where_the_video_guide_wants_it(name: str, tmp_path: Path) -> None:
    with av.open(str(write_movie(name, tmp_path))) as container:
        assert json.loads(container.metadata["AIGC"])["ProduceID"] == CONTENT
        assert sum(packet.size > 0 for packet in container.demux(video=0)) == 3


@pytest.mark.parametrize("name", ["a.mp4", "b.mp4", "c.mov", "d.mkv"])
def test_a_film_gets_its_marks_after_it_was_made(name: str, tmp_path: Path) -> None:
    options = {"b.mp4": {"container_options": {"movflags": "+faststart"}}, "c.mov": {"timecode": "01:00:00:00"}}
    path = write_film(tmp_path / name, 12, size=(64, 48), sound="aac", **options.get(name, {}))
    shown, heard = decoded(path), packet_payloads(path, "audio")
    for _ in range(2 if name == "d.mkv" else 1):
        # What a film says already is not said again.
        provenance.embed_file(path, FACTS, MARKS, content=CONTENT)
    told = tell(path)
    assert (told.facts, told.source_type) == (FACTS, provenance.GENERATED)
    with av.open(str(path)) as container:
        assert json.loads(container.metadata["AIGC"])["ProduceID"] == CONTENT
    assert (decoded(path) == shown).all()
    assert packet_payloads(path, "audio") == heard


def test_a_file_has_the_field_once(tmp_path: Path) -> None:
    """GB 45438-2025, 6.1 c)."""
    files = [provenance.embed(data, FACTS, MARKS) for data in EMBEDDED.values()]
    files += [write_movie(name, tmp_path).read_bytes() for name in MOVIES]
    for data in files:
        assert data.count(b"ContentProducer") == 1


def test_the_kind_of_a_file_says_how_it_came_to_be() -> None:
    changed = Marks(origin="composed", producer="a")
    for marks, facts, term in (
        (MARKS, {}, provenance.GENERATED),
        (changed, {}, provenance.COMPOSED),
        (MARKS, {provenance.KEPT: "where mask.png is white"}, provenance.COMPOSED),
    ):
        assert provenance.digital_source_type(provenance.embed(STILLS["png"], facts, marks)) == term


@each_file
def test_a_file_that_says_nothing_is_silent(name: str, tmp_path: Path) -> None:
    assert provenance.read(EMBEDDED[name]) is None
    path = tmp_path / "file"
    path.write_bytes(EMBEDDED[name])
    assert tell(path).is_silent
    row = format_of(EMBEDDED[name][:HEAD])
    assert row is not None
    assert tell(path).mime == row.mime


@each_movie
def test_a_movie_without_marks_is_silent(name: str, tmp_path: Path) -> None:
    assert tell(write_movie(name, tmp_path, marks=None)).is_silent


def test_every_format_has_a_file_here(tmp_path: Path) -> None:
    heads = [data[:HEAD] for data in EMBEDDED.values()]
    heads += [write_movie(name, tmp_path).read_bytes()[:HEAD] for name in MOVIES]
    heads += [write_sound(name, tmp_path).read_bytes()[:HEAD] for name in SOUNDS]
    assert {row.name for row in map(format_of, heads) if row is not None} == {row.name for row in FORMATS}


@pytest.mark.parametrize("name", ["png", "gif", "pdf"])
def test_a_file_is_told_about_once(name: str) -> None:
    with pytest.raises(MediaError, match="says something of itself already"):
        provenance.embed(provenance.embed(EMBEDDED[name], FACTS), FACTS)


def test_other_files_cannot_tell() -> None:
    with pytest.raises(MediaError, match="and this is none of them"):
        provenance.embed(b"plain text", FACTS)
    assert provenance.read(b"plain text") is None


def test_a_large_animation_grows_only_at_its_end(tmp_path: Path) -> None:
    for name in ("gif", "webp"):
        path = animated(name, tmp_path)
        before, inode = path.read_bytes(), path.stat().st_ino
        provenance.embed_file(path, FACTS, MARKS, content=CONTENT)
        assert path.stat().st_ino == inode
        assert path.read_bytes()[30 : len(before) - 1] == before[30:-1]
