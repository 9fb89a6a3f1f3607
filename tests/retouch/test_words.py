"""Captions, titles and watermarks: when they are seen, where, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import cv2
import numpy as np
import pytest

from pipeline.errors import InputError, MediaError
from pipeline.retouch.chain import Chain
from pipeline.retouch.cues import read_cues, shown
from pipeline.retouch.edit import Moment
from pipeline.retouch.edits import edit_of

SRT = (
    b"\xef\xbb\xbf1\r\n00:00:01,000 --> 00:00:02,500\r\n<i>One</i> &amp; two\r\n\r\n"
    b"2\r\n00:00:02,000 --> 00:00:03,000\r\nthree\r\n"
)
VTT = (
    b"WEBVTT\n\nNOTE a note\n\nintro\n00:01.000 --> 00:02.500 line:0\nOne &amp; two\n\n00:02.000 --> 00:03.000\nthree\n"
)

GREY = np.full((180, 320, 3), 0.5, np.float32)


def changed(name: str, keys: dict[str, Any], seconds: float = 0, **files: bytes) -> np.ndarray:
    """Where an edit changes a grey picture at a time of a film of ten seconds: (H, W) bool."""
    chain = Chain([edit_of(name).model_validate(keys).brush(files)])
    return np.asarray((chain.run(GREY, Moment(0, Fraction(seconds), Fraction(10))) != GREY).any(axis=2))


@pytest.mark.parametrize("data", [SRT, VTT], ids=["srt", "vtt"])
def test_both_kinds_of_captions_say_the_same(data: bytes) -> None:
    cues = read_cues(data, where="any")
    texts = [shown(cues, seconds) for seconds in (0.9, 1, 1.9, 2.2, 2.6, 3)]
    assert texts == ["", "One & two", "One & two", "One & two\nthree", "three", ""]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"1\n00:00:01 --> 00:00:02\nhi\n", "x.srt: line 2: '00:00:01 --> 00:00:02' says no times"),
        (b"1\n00:00:02,000 --> 00:00:01,000\nhi\n", "x.srt: line 2: the caption ends before it begins"),
        (b"hello\n", "x.srt: line 1: 'hello' says no times"),
        (b"\n\n", "x.srt: holds no captions"),
        (b"\xff\xfe1", "x.srt: is no text in UTF-8"),
    ],
)
def test_captions_that_cannot_be_read_are_told_with_their_line(data: bytes, said: str) -> None:
    with pytest.raises(MediaError) as raised:
        read_cues(data, where="x.srt")
    assert str(raised.value).startswith(said)


def test_a_caption_lies_at_its_edge_and_a_title_in_the_middle() -> None:
    for name, keys, third in (
        ("caption", {"text": "Below"}, 2),
        ("caption", {"text": "Above", "position": "top", "plate": "none"}, 0),
        ("title", {"text": "Middle"}, 1),
    ):
        seen = changed(name, keys, 1).sum(axis=1)
        assert seen[60 * third : 60 * third + 60].sum() == seen.sum() > 0
        columns = np.flatnonzero(changed(name, keys, 1).any(axis=0))
        assert columns[0] + columns[-1] == pytest.approx(319, abs=4)


@pytest.mark.parametrize(("seconds", "is_seen"), [(0.9, False), (1, True), (2.9, True), (3, False)])
def test_words_are_seen_from_when_they_come_until_they_go(seconds: float, is_seen: bool) -> None:
    assert changed("caption", {"text": "hello", "from": 1, "to": 3}, seconds).any() == is_seen
    assert changed("caption", {"file": "a.srt"}, seconds, file=SRT).any() == is_seen
    later = {"file": "a.srt", "at": 4.5}
    assert changed("caption", later, seconds + 4.5, file=SRT).any() == is_seen


def test_a_title_comes_and_goes_softly() -> None:
    title = edit_of("title").model_validate({"text": "hello", "from": "0:01", "to": 3, "fade": 1})
    moments = [Moment(0, Fraction(seconds), Fraction(10)) for seconds in ("1.25", "2", "2.75", "3")]
    assert [title.opacity(moment) for moment in moments] == [0.25, 1, 0.25, 0]  # type: ignore[attr-defined]


def test_words_that_do_not_fit_or_cannot_be_written_are_refused() -> None:
    with pytest.raises(InputError, match="does not fit"):
        edit_of("title").model_validate({"text": "incomprehensibilities"}).sized(48, 27)
    with pytest.raises(InputError, match=r"U\+E000"):
        edit_of("caption").model_validate({"text": "\ue000"}).check({})
    with pytest.raises(InputError, match="did you mean 'Oswald'"):
        edit_of("title").model_validate({"text": "a", "font": "Oswold"}).check({})


@pytest.mark.parametrize("anchor", ["top-left", "bottom-right", "center"])
def test_a_watermark_lies_where_it_says_and_shows_through(anchor: str) -> None:
    logo = np.zeros((20, 40, 4), np.uint8)
    logo[:, :20] = (0, 0, 255, 255)
    data = cv2.imencode(".png", logo)[1].tobytes()
    keys = {"picture": "logo.png", "anchor": anchor, "size": 25, "margin": 10, "opacity": 0.5}
    made = Chain([edit_of("watermark").model_validate(keys).brush({"picture": data})]).run(GREY, Moment())
    rows, columns = (np.flatnonzero((made != GREY).any(axis=(axis, 2))) for axis in (1, 0))
    left, top = {"top-left": (18, 18), "bottom-right": (222, 122), "center": (120, 70)}[anchor]
    assert (rows[0], rows[-1], columns[0]) == (top, top + 39, left)
    assert columns[-1] == pytest.approx(left + 39, abs=2)
    assert np.allclose(made[top + 20, left + 10], (0.75, 0.25, 0.25), atol=0.01)


def test_a_watermark_that_is_no_picture_is_refused() -> None:
    with pytest.raises(MediaError, match=r"logo.png: is no picture that we can read"):
        edit_of("watermark").model_validate({"picture": "logo.png"}).check({"picture": b"hello"})
