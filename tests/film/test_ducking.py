"""Other sounds make room for a voice: before it is heard, evenly, and no longer than it lasts."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from pipeline.film.ducking import WINDOW, Ducker
from pipeline.film.mix import RATE, mix_of
from pipeline.film.sound_edits import Added, Duck, Editing, SoundEdits
from pipeline.speech.sound import blocks_of, write

DUCK = Duck(by_db=12, attack_s=0.3, release_s=0.5)


def tone(hertz: float, seconds: float, peak: float) -> np.ndarray:
    return (peak * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Music of 6 s, low, and a voice of 1 s, high."""
    folder = tmp_path_factory.mktemp("sounds")
    write(blocks_of(tone(200, 6, 0.4)), "flac", folder / "music.flac")
    write(blocks_of(tone(3000, 1, 0.2)), "flac", folder / "voice.flac")
    return folder


def music_db(sounds: Path, duck: Duck | None, at: float, voice_at: float = 2.0) -> float:
    """By how much the music is softer at a second of the mix."""
    editing = Editing(
        SoundEdits(added=(Added(file=0), Added(file=1, at_s=voice_at, duck=duck))),
        {0: sounds / "music.flac", 1: sounds / "voice.flac"},
    )
    mix = mix_of(editing, own=None, start=Fraction(0), duration=Fraction(6), layout="mono", options=None)
    made = np.concatenate(list(mix.blocks()), axis=1)[0]
    assert made.size == 6 * RATE
    part = made[round(at * RATE) : round(at * RATE) + 2400]
    # Whole periods of both: a voice has nothing at 200 Hz.
    amplitude = 2 * np.abs(np.mean(part * np.exp(-2j * np.pi * 200 * np.arange(part.size) / RATE)))
    return float(20 * np.log10(amplitude / 0.4))


@pytest.mark.parametrize(
    ("at", "expected"),
    [(1.5, 0.0), (1.75, -3.0), (2.05, -12.0), (2.9, -12.0), (3.3, -12.0), (3.6, -7.0), (4.2, 0.0)],
    ids=["before", "going down", "under the voice", "at its end", "held", "coming back", "after"],
)
def test_music_makes_room_for_a_voice(sounds: Path, at: float, expected: float) -> None:
    assert music_db(sounds, DUCK, at) == pytest.approx(expected, abs=1.5 if expected in (-3.0, -7.0) else 0.1)


def test_a_voice_that_ducks_nothing_leaves_the_music(sounds: Path) -> None:
    assert music_db(sounds, None, 2.5) == pytest.approx(0, abs=0.1)


def test_a_voice_at_the_very_beginning_has_room_at_once(sounds: Path) -> None:
    assert music_db(sounds, DUCK, 0.2, voice_at=0.0) == pytest.approx(-12, abs=0.1)


def test_gains_do_not_depend_on_the_blocks() -> None:
    key = np.concatenate([np.zeros(5000), np.ones(9000), np.zeros(30_000)])[None].astype(np.float32)
    whole, parts = Ducker(DUCK, RATE), Ducker(DUCK, RATE)
    step = 16 * WINDOW
    made = np.concatenate([parts.gains(key[:, at : at + step]) for at in range(0, key.shape[1], step)])
    assert np.allclose(whole.gains(key), made, atol=1e-6)
    assert made.min() == pytest.approx(10 ** (-12 / 20), rel=1e-3)
