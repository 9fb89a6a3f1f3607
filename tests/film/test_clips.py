"""Clips: one pass over the frames makes every file, and each plays them all, in time, the same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from pipeline.errors import MediaError
from pipeline.film.clips import ClipReport, encode_clip, encode_clips
from pipeline.film.deliverables import DELIVERABLES
from tests.media import number_of, numbered_picture

CLIPS = [name for name, row in DELIVERABLES.items() if row.made_of != "frames"]
RATE = Fraction(30)


def clips(folder: Path, frames: Iterator[np.ndarray], names: list[str], **options: object) -> dict[str, ClipReport]:
    """Clips of these frames by name, in a folder."""
    targets = {name: folder / f"{name}{DELIVERABLES[name].suffix}" for name in names}
    return encode_clips(frames, targets, rate=RATE, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, ClipReport]]:
    """Every clip of twelve frames of an odd size, painted one over the other into the same memory."""
    folder = tmp_path_factory.mktemp("clips")
    canvas = np.empty((65, 97, 3), np.uint8)

    def painted() -> Iterator[np.ndarray]:
        for number in range(12):
            canvas[:] = numbered_picture(number, 97, 65)
            yield canvas

    return folder, clips(folder, painted(), CLIPS)


Seen = list[tuple[int, float]]
"""Each picture's number, and its time in seconds."""


def played(path: Path) -> tuple[Seen, tuple[int, int]]:
    """What a player shows, and its size."""
    if path.suffix == ".webp":
        return played_by_pillow(path)  # libav plays no animated WebP
    with av.open(path) as film:
        stream = film.streams.video[0]
        seen = [(number_of(frame.to_ndarray(format="rgb24")), frame.time) for frame in film.decode(stream)]
        return seen, (stream.width, stream.height)


def played_by_pillow(path: Path) -> tuple[Seen, tuple[int, int]]:
    """The same."""
    seen, ms = [], 0
    with Image.open(path) as image:
        for number in range(image.n_frames):
            image.seek(number)
            seen.append((number_of(np.asarray(image.convert("RGB"))), ms / 1000))
            ms += image.info["duration"]
        return seen, image.size


@pytest.mark.parametrize("name", CLIPS)
def test_clip_plays_every_frame_in_time_and_its_report_tells(
    made: tuple[Path, dict[str, ClipReport]], name: str
) -> None:
    folder, reports = made
    path, report = folder / f"{name}{DELIVERABLES[name].suffix}", reports[name]
    seen, size = played(path)
    assert [number for number, _ in seen] == list(range(12))
    assert [time for _, time in seen] == pytest.approx([number / 30 for number in range(12)], abs=0.006)
    assert size == ((98, 66) if DELIVERABLES[name].even else (97, 65))
    assert report == ClipReport(12, Fraction(12, 30), *size, path.stat().st_size)


def test_mp4_starts_while_it_loads_loops_at_its_last_frame_and_says_its_colours(
    made: tuple[Path, dict[str, ClipReport]],
) -> None:
    data = (made[0] / "h264.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")
    with av.open(made[0] / "h264.mp4") as film:
        stream = film.streams.video[0]
        assert stream.start_time == 0
        assert stream.duration * stream.time_base == Fraction(12, 30)
        codec = stream.codec_context
        assert (codec.color_primaries, codec.color_trc, codec.colorspace, codec.color_range) == (1, 1, 1, 1)


def test_same_frames_give_the_same_bytes(made: tuple[Path, dict[str, ClipReport]], tmp_path: Path) -> None:
    clips(tmp_path, (numbered_picture(number, 97, 65) for number in range(12)), CLIPS)
    for name in CLIPS:
        file = f"{name}{DELIVERABLES[name].suffix}"
        assert (tmp_path / file).read_bytes() == (made[0] / file).read_bytes()


def test_one_frame_is_a_clip(tmp_path: Path) -> None:
    reports = clips(tmp_path, iter([numbered_picture(5)]), ["h264", "gif", "webp", "apng"])
    assert {report.frames for report in reports.values()} == {1}


def test_no_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="a clip has at least one frame"):
        clips(tmp_path, iter([]), ["h264", "gif"])
    assert not list(tmp_path.iterdir())


def test_frames_of_two_sizes_leave_nothing_behind(tmp_path: Path) -> None:
    frames = [numbered_picture(0), numbered_picture(1, 48, 64)]
    with pytest.raises(MediaError, match="frame 1 is 48x64, the first is 96x64"):
        clips(tmp_path, iter(frames), ["h264", "gif"])
    assert not list(tmp_path.iterdir())


def test_what_the_painter_raises_leaves_nothing_behind(tmp_path: Path) -> None:
    def interrupted() -> Iterator[np.ndarray]:
        yield numbered_picture(0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clips(tmp_path, interrupted(), ["h264", "apng"])
    assert not list(tmp_path.iterdir())


def test_pulse_beats_while_animations_are_made_and_may_end_it(tmp_path: Path) -> None:
    beats = 0

    def pulse() -> None:
        nonlocal beats
        beats += 1
        if beats == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clips(tmp_path, (numbered_picture(number) for number in range(8)), ["gif"], pulse=pulse)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["h264", "prores"])
def test_movies_cannot_be_kept_within_a_size(tmp_path: Path, name: str) -> None:
    with pytest.raises(MediaError, match=f"{name!r} cannot be kept within a size; only gif can"):
        clips(tmp_path, iter([numbered_picture(0)]), [name, "gif"], most_bytes={name: 1000})


def test_pictures_are_no_clips(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="'png' is of single pictures"):
        encode_clip([numbered_picture(0)], tmp_path / "a.png", deliverable=DELIVERABLES["png"], rate=RATE)
