"""Sounds say of themselves what made them: they sound as before, and others read it, too."""

from __future__ import annotations

import io
from pathlib import Path

import av
import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.film.deliverables import SOUNDS
from pipeline.film.mix import RATE
from pipeline.provenance import COMPUTED, GENERATED, RULES, embed_file, tell
from pipeline.provenance.formats import HEAD, format_of
from pipeline.speech.sound import read
from tests.media import packet_payloads
from tests.provenance.files import CONTENT, FACTS, MARKS, write_sound

each_sound = pytest.mark.parametrize("name", SOUNDS)


@each_sound
def test_marks_of_sounds_are_read_back_and_the_sound_is_the_same(name: str, tmp_path: Path) -> None:
    path = write_sound(name, tmp_path)
    before = packet_payloads(path, "audio"), np.concatenate(list(read(path)), axis=1)
    assert tell(path).is_silent
    embed_file(path, FACTS, MARKS, content=CONTENT)
    told = tell(path)
    assert (told.facts, told.source_type, told.software) == (FACTS, GENERATED, "Atelier")
    assert told.aigc is not None
    assert (told.aigc["ContentProducer"], told.aigc["ProduceID"]) == ("Studio-1", CONTENT)
    after = packet_payloads(path, "audio"), np.concatenate(list(read(path)), axis=1)
    assert before[0] == after[0]
    assert np.array_equal(before[1], after[1])


@each_sound
def test_the_same_marks_are_the_same_bytes_and_are_written_once(name: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, two = write_sound(name, tmp_path), write_sound(name, tmp_path / "other")
    for path in (one, two):
        embed_file(path, FACTS, MARKS, content=CONTENT)
    assert one.read_bytes() == two.read_bytes()
    with pytest.raises(MediaError, match="says something of itself already"):
        embed_file(one, {"voice": "another"}, MARKS, content=CONTENT)


@each_sound
def test_what_is_spoken_by_rules_is_no_trained_models(name: str, tmp_path: Path) -> None:
    path = write_sound(name, tmp_path)
    embed_file(path, {"voice": "espeak-ng", RULES: "eSpeak NG"}, MARKS)
    assert tell(path).source_type == COMPUTED


@each_sound
def test_damaged_sounds_are_told(name: str, tmp_path: Path) -> None:
    path = write_sound(name, tmp_path)
    embed_file(path, FACTS, MARKS)
    path.write_bytes(path.read_bytes()[:60])
    try:
        assert tell(path).facts in ({}, FACTS)
    except MediaError as error:
        assert "cut off or damaged" in str(error)  # noqa: PT017 - either will do


def test_others_find_the_marks_where_formats_have_them(tmp_path: Path) -> None:
    for name in ("flac", "opus"):
        path = write_sound(name, tmp_path)
        embed_file(path, FACTS, MARKS)
        with av.open(str(path)) as container:
            tags = {**container.metadata, **container.streams.audio[0].metadata}
        assert {"AIGC", "XMP"} <= {tag.upper() for tag in tags}
    wave = write_sound("wav", tmp_path)
    embed_file(wave, FACTS, MARKS)
    data = wave.read_bytes()
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    assert data.count(b"_PMX") == 1
    with av.open(io.BytesIO(data)) as container:
        assert sum(frame.samples for frame in container.decode(audio=0)) == RATE // 4


@pytest.mark.parametrize(("name", "signs"), [("wav", True), ("flac", True), ("opus", False)])
def test_sounds_are_signed_where_c2pa_has_a_place(name: str, signs: bool, tmp_path: Path) -> None:
    row = format_of(write_sound(name, tmp_path).read_bytes()[:HEAD])
    assert row is not None
    assert row.signs is signs
