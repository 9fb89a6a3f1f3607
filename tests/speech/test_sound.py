"""Speech as sound: joined without clicks, as loud as was asked for, in files that decode to what went in."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from pipeline.film.deliverables import SOUNDS
from pipeline.film.loudness import measured_file
from pipeline.film.mix import RATE
from pipeline.film.sound_edits import Loudness
from pipeline.speech import level
from pipeline.speech.joining import EDGE_S, PAUSES_S, joined, trimmed
from pipeline.speech.level import MOST_LIMITED_DB, levelled, limited, loudness_of
from pipeline.speech.narration import Narration, Told
from pipeline.speech.sound import at_our_rate, blocks_of, read, stretched, write
from pipeline.speech.text import Piece
from pipeline.speech.voices import Spoken


def tone(seconds: float, peak: float = 0.5, hertz: float = 220, rate: int = RATE) -> np.ndarray:
    """It begins and ends at its peak: cut anywhere, it clicks."""
    return (peak * np.cos(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def silent(seconds: float, rate: int = RATE) -> np.ndarray:
    return np.zeros(round(seconds * rate), np.float32)


def test_pieces_are_joined_evenly_whatever_silence_a_voice_leaves() -> None:
    first = Spoken(np.concatenate([silent(0.4), tone(0.5), silent(0.01)]), RATE, ((0, 0.4), (6, 0.7)))
    second = Spoken(np.concatenate([silent(0.02), tone(0.5), silent(0.9)]), RATE)
    line = joined([(Piece("hello there.", "sentence"), first), (Piece("again", "verse"), second)])
    one, two = line.said
    assert one.start_s == pytest.approx(EDGE_S)
    assert one.stop_s - one.start_s == pytest.approx(0.53, abs=0.006)
    assert two.start_s - one.stop_s == pytest.approx(PAUSES_S["sentence"], abs=1e-4)
    assert line.samples.size / RATE == pytest.approx(two.stop_s + EDGE_S, abs=1e-4)
    # The voice's own times, shifted by what was cut off and by where the piece lies.
    assert [word.start_s for word in one.words] == pytest.approx([EDGE_S + 0.02, EDGE_S + 0.32], abs=0.006)
    assert one.words[-1].stop_s == pytest.approx(one.stop_s)


def test_nothing_clicks_where_pieces_meet() -> None:
    parts = [(Piece("a", "words"), Spoken(tone(0.3), RATE)) for _ in range(4)]
    line = joined(parts)
    # A tone moves by no more than this from sample to sample; a cut would jump by half its peak.
    assert np.abs(np.diff(line.samples)).max() < 1.2 * 0.5 * 2 * np.pi * 220 / RATE
    assert abs(line.samples[0]) == abs(line.samples[-1]) == 0


def test_silence_throughout_is_nothing() -> None:
    assert trimmed(silent(1))[0].size == 0
    assert trimmed(silent(0))[0].size == 0


def test_another_rate_shifts_nothing() -> None:
    made = at_our_rate(tone(1, rate=22_050), 22_050)
    assert made.size == RATE
    assert np.allclose(made[500:-500], tone(1)[500:-500], atol=1e-3)


@pytest.mark.parametrize("tempo", [0.3, 1.5])
def test_faster_is_shorter_at_the_same_pitch(tempo: float) -> None:
    made = stretched(tone(2), RATE, tempo)
    assert made.size / RATE == pytest.approx(2 / tempo, rel=0.03)
    spectrum = np.abs(np.fft.rfft(made[4800:-4800]))
    assert spectrum.argmax() * RATE / (made.size - 9600) == pytest.approx(220, abs=3)


def spiky() -> np.ndarray:
    """Soft, with peaks far above."""
    made = tone(4, 0.05)
    made[::9600] += 0.4
    return made


@pytest.mark.parametrize("target", [-30.0, -23.0])
def test_a_line_is_as_loud_as_asked_for_and_no_peak_is_higher_than_allowed(target: float) -> None:
    made, sound, remark = levelled(spiky(), Loudness(target=target, peak=-6))
    assert remark == ""
    assert sound.loudness == pytest.approx(target, abs=0.3)
    assert sound.peak <= -6
    assert loudness_of(made).loudness == pytest.approx(sound.loudness, abs=0.05)


def test_peaks_are_not_squashed_to_reach_it() -> None:
    made, sound, remark = levelled(spiky(), Loudness(target=-10, peak=-6))
    before = loudness_of(spiky())
    assert sound.loudness - before.loudness <= -6 - before.peak + MOST_LIMITED_DB + 0.1
    assert "LUFS and not at -10.0: louder" in remark
    assert loudness_of(made).peak <= -6


def test_the_limiter_leaves_what_is_low_enough() -> None:
    low = tone(1, 0.2)
    assert limited(low, -6) is low
    # What lies more than a window from a peak is not touched.
    peaked = low.copy()
    peaked[24_000] = 0.9
    made = limited(peaked, -6)
    assert np.array_equal(made[:23_000], low[:23_000])
    assert np.abs(made).max() <= 10 ** (-6 / 20)


def test_a_long_sound_is_limited_in_parts_as_it_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = limited(spiky(), -6)
    monkeypatch.setattr(level, "_PART", 7000)
    assert np.array_equal(limited(spiky(), -6), whole)


def test_a_single_short_word_has_a_loudness() -> None:
    assert loudness_of(tone(0.15)).loudness == pytest.approx(loudness_of(tone(3)).loudness, abs=1)


@pytest.mark.parametrize("name", SOUNDS)
def test_files_hold_what_was_said_and_the_same_bytes_each_time(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{SOUNDS[name].suffix}"
    digests = set()
    for _ in range(2):
        write(blocks_of(tone(0.7)), name, path)
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(digests) == 1
    decoded = np.concatenate([block[0] for block in read(path)])
    if name == "opus":
        assert decoded.size == pytest.approx(0.7 * RATE, abs=960)
        assert np.corrcoef(decoded[960:30_000], tone(0.7)[960:30_000])[0, 1] > 0.99
    else:
        assert np.abs(decoded - tone(0.7)).max() < 2**-23


def test_lines_follow_each_other_with_their_pauses_at_one_loudness(tmp_path: Path) -> None:
    for number, (seconds, peak) in enumerate([(0.5, 0.1), (3, 0.2)]):
        write(blocks_of(tone(seconds, peak)), "flac", tmp_path / f"{number}.flac")
    lines = [Told(tmp_path / "0.flac", 0.5, 0.25), Told(tmp_path / "1.flac", 3.0, 9.0)]
    narration = Narration(lines)
    narration.level(Loudness(target=-20, peak=-1))
    narration.write("wav", tmp_path / "all.wav")
    assert narration.begins_s == [0, 0.75]
    made = np.concatenate([block[0] for block in read(tmp_path / "all.wav")])
    # No pause after the last.
    assert made.size == round(3.75 * RATE)
    assert not made[round(0.5 * RATE) : round(0.75 * RATE)].any()
    assert measured_file(tmp_path / "all.wav").loudness == pytest.approx(-20, abs=0.2)
