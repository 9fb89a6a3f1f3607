"""Captions of what is said: readable, in time, and read back by our own reader."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pipeline.retouch.cues import read_cues
from pipeline.speech.captions import as_srt, as_vtt, spoken
from pipeline.speech.timings import Said, Word

LONG = "The lighthouse at Grey Point, which has stood dark for twelve years, was lit again tonight by Ellen & her crew."


def timed(text: str, start_s: float, a_word_s: float = 0.3) -> Said:
    """A piece whose words follow each other evenly."""
    places = [0, *(at + 1 for at, letter in enumerate(text) if letter == " ")]
    words = [
        Word(start=place, start_s=start_s + number * a_word_s, stop_s=start_s + (number + 1) * a_word_s)
        for number, place in enumerate(places)
    ]
    return Said(text=text, start_s=start_s, stop_s=words[-1].stop_s, words=tuple(words))


@pytest.mark.parametrize("make", [as_srt, as_vtt])
def test_captions_are_parted_where_a_reader_would(make: object) -> None:
    data = make([timed(LONG, 1.0), timed("And so to bed.", 9.0)])  # type: ignore[operator]
    cues = read_cues(data, where="a.srt")
    assert [" ".join(cue.text.split()) for cue in cues] == [
        "The lighthouse at Grey Point, which has stood dark for twelve years,",
        "was lit again tonight by Ellen & her crew.",
        "And so to bed.",
    ]
    assert cues[0].start == 1.0
    # It ends when its next word is heard.
    assert cues[0].stop == cues[1].start == pytest.approx(1.0 + 12 * 0.3, abs=0.002)
    assert all(one.stop <= other.start for one, other in pairwise(cues))


def test_webvtt_says_when_each_word_is_heard() -> None:
    text = as_vtt([timed("And so", 61.5)], note="Spoken by --> nobody").decode()
    assert text == ("WEBVTT\n\nNOTE Spoken by → nobody\n\n00:01:01.500 --> 00:01:02.200\nAnd <00:01:01.800>so\n")


def test_lines_are_two_of_about_one_length() -> None:
    [block] = as_srt([Said(text=LONG[:82], start_s=0, stop_s=5)]).decode().rstrip().split("\n\n")
    first, second = block.splitlines()[2:]
    assert abs(len(first) - len(second)) < 10
    assert block.splitlines()[1] == "00:00:00,000 --> 00:00:05,000"


CHINESE = (
    "今天天气很好\uff0c我们一起去公园散步吧\uff0c然后在湖边的小茶"
    "馆里喝一杯热茶\uff0c听老人们讲过去的故事\uff0c直到太阳落山。"
)


@pytest.mark.parametrize(("text", "widest"), [(f"{LONG} {LONG[:-1]}, and so on.", 42), (CHINESE, 21)])
def test_no_line_is_too_wide_though_nobody_tells_when_words_are_heard(text: str, widest: int) -> None:
    cues = read_cues(as_srt([Said(text=text, start_s=2, stop_s=14)]), where="a.srt")
    lines = [cue.text.splitlines() for cue in cues]
    assert all(len(each) <= 2 and max(map(len, each)) <= widest for each in lines)
    assert "".join("".join(cue.text.split()) for cue in cues) == "".join(text.split())
    assert (cues[0].start, cues[-1].stop) == (2, 14)
    assert all(one.stop == other.start for one, other in pairwise(cues))
    assert "<" not in as_vtt([Said(text=text, start_s=2, stop_s=14)]).decode().replace("&lt;", "")


def test_a_short_word_stays_to_be_read_unless_another_follows() -> None:
    hello, now = Said(text="Hello.", start_s=0, stop_s=0.3), Said(text="Now.", start_s=0.5, stop_s=0.6)
    cues = read_cues(as_srt([hello, now]), where="a")
    assert [(cue.start, cue.stop) for cue in cues] == [(0, 0.5), (0.5, 1.2)]


def test_nothing_is_shown_for_no_time() -> None:
    silent, late = Said(text="Hm", start_s=1, stop_s=1), timed("so it is " * 20, 1.0, a_word_s=0)
    cues = read_cues(as_srt([silent, late.model_copy(update={"stop_s": 3.0})]), where="a")
    assert len(cues) > 1
    assert "Hm" not in cues[0].text
    assert cues[-1].stop == 3


def test_pieces_are_shifted_to_where_their_line_begins() -> None:
    [said] = spoken([(10.0, [timed("so it is", 1.0)])])
    assert (said.start_s, said.words[1].start_s) == (11.0, 11.3)
