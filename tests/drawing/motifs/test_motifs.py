"""What a drawn motif's pixels promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.drawing.motifs import SUBJECTS, Motif, draw, sample
from pipeline.drawing.named import COLOURS, name_of, named
from pipeline.errors import InputError

RED = replace(sample(0), colour="red", second="dark blue", ground="beige", lightness=0.0, count=1)


@pytest.mark.parametrize("word", COLOURS)
def test_a_colour_is_called_what_it_was_asked_for(word: str) -> None:
    assert name_of(named(word)) == word


def test_the_same_motif_gives_the_same_bytes() -> None:
    assert np.array_equal(draw(sample(7), 48), draw(sample(7), 48))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_subject_shows_its_colour_on_its_ground(subject: str) -> None:
    picture = draw(replace(RED, subject=subject), 64)
    assert picture.shape == (64, 64, 3)
    assert picture.dtype == np.uint8
    near = {word: _share(picture, word) for word in ("red", "beige")}
    assert near["red"] > 0.03
    assert near["beige"] > 0.1
    assert _share(picture, "green") == 0


@pytest.mark.parametrize("subject", ["stars", "hearts", "circles"])
def test_there_are_as_many_as_it_says(subject: str) -> None:
    import cv2

    for count in (1, 2, 3, 4):
        picture = draw(replace(RED, subject=subject, count=count), 96)
        parts, _ = cv2.connectedComponents(_near(picture, "red").astype(np.uint8))
        assert parts - 1 == count


@pytest.mark.parametrize("size", [31, 1025, True, 64.0, "64"])
def test_other_sizes_are_refused(size: object) -> None:
    with pytest.raises(InputError, match=r"motif: size is .* whole number of pixels from 32 to 1024"):
        draw(RED, size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "mauve"}, "motif: colour is 'mauve', but is one of black, dark grey"),
        ({"subject": "dragon"}, "motif: subject is 'dragon', but is one of hills"),
        ({"count": 5}, "motif: count is 5, but lies between 1 and 4"),
        ({"size": 1.5}, "motif: size is 1.5, but lies between -1 and 1"),
    ],
)
def test_what_is_no_motif_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        replace(RED, **change)  # type: ignore[arg-type]


def test_colours_that_lie_side_by_side_can_be_told_apart() -> None:
    motifs = [sample(seed) for seed in range(200)]
    assert all(len({motif.colour, motif.second, motif.ground}) == 3 for motif in motifs)
    assert {motif.subject for motif in motifs} == set(SUBJECTS)
    assert all(isinstance(motif, Motif) for motif in motifs)


def _near(picture: np.ndarray, word: str) -> np.ndarray:
    return np.asarray(np.abs(picture / 255 - named(word)).max(axis=2) < 0.08)


def _share(picture: np.ndarray, word: str) -> float:
    return float(_near(picture, word).mean())
