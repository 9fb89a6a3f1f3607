"""A film's edited sound: in sync, as loud as was asked for, and the same however often it is made."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.encode import SegmentEncoder
from pipeline.film.loudness import Measured, gain_for, measured, measured_file
from pipeline.film.mix import RATE, Mix, mix_of
from pipeline.film.probe import probe
from pipeline.film.sound_edits import Added, Editing, Loudness, SoundEdits
from pipeline.film.stitch import Segment, concatenate
from tests.media import numbered_picture, write_film, write_sound


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of three seconds that clicks every half second, and a click of its own in mono."""
    folder = tmp_path_factory.mktemp("sounds")
    write_film(folder / "clicks.mov", 72, sound="pcm_s16le")
    write_sound(folder / "click.wav", Fraction(1, 4), "pcm_s16le")
    return folder


def mixed(sounds: Path, *, start: Fraction = Fraction(0), seconds: int = 3, own: bool = True, **edits: Any) -> Mix:
    """The mix of the film's sound so edited."""
    editing = Editing(SoundEdits(**edits), {0: sounds / "click.wav"})
    url = str(sounds / "clicks.mov") if own else None
    return mix_of(editing, own=url, start=start, duration=Fraction(seconds), layout="stereo", options=None)


def samples(mix: Mix) -> np.ndarray:
    """All of it."""
    return np.concatenate(list(mix.blocks()), axis=1)


def clicks_at(sound: np.ndarray) -> list[float]:
    """When clicks begin, in seconds to the hundredth."""
    loud = np.abs(sound[0]) > 0.05
    begins = np.flatnonzero(loud & ~np.concatenate([[False], np.convolve(loud, np.ones(2000))[: len(loud) - 1] > 0]))
    return [round(at / RATE, 2) for at in begins]


def tone(level_db: float, seconds: int = 4) -> np.ndarray:
    """A stereo sine of 997 Hz, its peak so far below full scale."""
    wave = 10 ** (level_db / 20) * np.sin(2 * np.pi * 997 * np.arange(seconds * RATE) / RATE)
    return np.stack([wave, wave]).astype(np.float32)


def test_the_mix_is_as_long_as_the_film_and_in_sync(sounds: Path) -> None:
    made = samples(mixed(sounds, seconds=4))
    assert made.shape == (2, 4 * RATE)
    assert clicks_at(made) == [0, 0.5, 1, 1.5, 2, 2.5]


def test_a_trimmed_film_keeps_its_sound_in_sync(sounds: Path) -> None:
    assert clicks_at(samples(mixed(sounds, start=Fraction(6, 5), seconds=1))) == [0.3, 0.8]


@pytest.mark.parametrize(("speed", "apart"), [(Fraction(2), 0.25), (Fraction(1, 2), 1.0)])
def test_at_another_speed_the_sound_goes_with_the_film(sounds: Path, speed: Fraction, apart: float) -> None:
    found = clicks_at(samples(mixed(sounds, speed=speed, seconds=1 if speed > 1 else 5)))
    assert np.allclose(np.diff(found)[:3], apart, atol=0.04)


def test_both_channels_are_kept_at_another_speed(sounds: Path, tmp_path: Path) -> None:
    left = tone(-20, 1) * np.array([[1], [0]], np.float32)
    with av.open(str(tmp_path / "left.wav"), "w") as output:
        track = output.add_stream("pcm_s16le", rate=RATE, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(left), "fltp", "stereo")
        frame.sample_rate, frame.pts = RATE, 0
        resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE)
        for ready in resampler.resample(frame):
            output.mux(track.encode(ready))
        output.mux(track.encode(None))
    editing = Editing(SoundEdits(speed=Fraction(5, 4)), {})
    mix = mix_of(
        editing,
        own=str(tmp_path / "left.wav"),
        start=Fraction(0),
        duration=Fraction(1, 2),
        layout="stereo",
        options=None,
    )
    made = samples(mix)
    assert np.abs(made[0]).max() > 0.05
    assert np.abs(made[1]).max() == 0


def test_a_sound_is_mixed_in_where_it_is_to_begin(sounds: Path) -> None:
    added = (Added(file=0, at_s=0.75, gain_db=-6),)
    made = samples(mixed(sounds, added=added))
    assert 0.75 in clicks_at(made)
    near, own = (np.abs(made[0, int(at * RATE) : int(at * RATE) + 300]).max() for at in (0.75, 0.5))
    assert near == pytest.approx(own / 2, rel=0.05)
    assert clicks_at(samples(mixed(sounds, own=False, added=added))) == [0.75]


def test_fades_begin_and_end_in_silence(sounds: Path) -> None:
    made = np.abs(samples(mixed(sounds, fade_in_s=1, fade_out_s=1)))[0]
    plain = np.abs(samples(mixed(sounds)))[0]
    assert (made[0], made[-1]) == (0, 0)
    for at, share in ((0.5, 0.5), (1.5, 1.0), (2.5, 0.5)):
        part = slice(int(at * RATE), int(at * RATE) + 200)
        assert made[part].max() == pytest.approx(share * plain[part].max(), rel=0.02)


def test_a_sound_that_is_none_is_named(sounds: Path) -> None:
    write_film(sounds / "silent.mp4", 2)
    editing = Editing(SoundEdits(added=(Added(file=0),)), {0: sounds / "silent.mp4"})
    mix = mix_of(editing, own=None, start=Fraction(0), duration=Fraction(1), layout="stereo", options=None)
    with pytest.raises(MediaError, match=r"silent.mp4: has no sound"):
        samples(mix)


@pytest.mark.parametrize("level", [-23, -33])
def test_loudness_is_that_of_ebus_test_signals(level: int) -> None:
    """Source: EBU Tech 3341, cases 1 and 2: a stereo sine of so many dBFS has so many LUFS, to 0.1."""
    sound = measured(np.array_split(tone(level), 40, axis=1), "stereo")
    assert sound.loudness == pytest.approx(level, abs=0.1)
    assert sound.peak == pytest.approx(level, abs=0.2)


def test_silence_has_no_loudness() -> None:
    sound = measured([np.zeros((2, RATE), np.float32)], "stereo")
    assert sound.is_silent
    assert gain_for(Loudness(target=-23, peak=-1), sound)[0] == 0


@pytest.mark.parametrize(
    ("sound", "gain", "said"),
    [
        (Measured(-30, -12), 7, "loudness brought from -30.0 to -23.0 LUFS"),
        (Measured(-14, -1), -9, "loudness brought from -14.0 to -23.0 LUFS"),
        (Measured(-40, -9), 8, "brought from -40.0 to -32.0 LUFS and not to -23.0"),
    ],
)
def test_sound_is_made_as_loud_as_its_peaks_allow(sound: Measured, gain: float, said: str) -> None:
    made, note = gain_for(Loudness(target=-23, peak=-1), sound)
    assert made == pytest.approx(gain)
    assert said in note


def segment(folder: Path, frames: int, row: str) -> Segment:
    """A movie's part, of numbered pictures."""
    path = folder / f"part{DELIVERABLES[row].suffix}"
    with SegmentEncoder(DELIVERABLES[row], 96, 64, Fraction(24), target=path) as encoder:
        for number in range(frames):
            encoder.write(numbered_picture(number))
    return Segment.of_file(path, frames)


def test_a_delivered_film_has_the_loudness_that_was_asked_for_and_its_length(sounds: Path, tmp_path: Path) -> None:
    source = probe(str(sounds / "clicks.mov"))
    edits = SoundEdits(loudness=Loudness(target=-30, peak=-1), channels="mono")
    made = concatenate(
        [segment(tmp_path, 48, "h264")],
        tmp_path / "film.mp4",
        deliverable=DELIVERABLES["h264"],
        rate=Fraction(24),
        source=source,
        first=12,
        editing=Editing(edits, {}),
    )
    assert made.audio == "edited"
    assert measured_file(tmp_path / "film.mp4").loudness == pytest.approx(-30, abs=0.5)
    with av.open(str(tmp_path / "film.mp4")) as container:
        track = container.streams.audio[0]
        assert track.codec_context.layout.name == "mono"
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(track)], axis=1)
    assert clicks_at(sound / np.abs(sound).max())[:4] == [0, 0.5, 1, 1.5]
