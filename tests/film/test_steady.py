"""Steadying: chunks are one film to the last bit, what stands still is left alone, and nothing leaves a trail."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.film.steady import LEAD_IN, steady
from tests.film.test_flow import WIDE, view

RANDOM = np.random.default_rng(3)
FRAMES = 40
SOURCE = [view(10 + 2 * number) for number in range(FRAMES)]


def flickering(source, amount=25):
    """Painted frames: other colours than their source's, and other stains in each frame."""
    stains = cv2.resize(RANDOM.normal(0, amount, (12, 16, 3)).astype(np.float32), source.shape[1::-1])
    return np.clip(255 - source + stains, 0, 255).astype(np.uint8)


PAINTED = [flickering(source) for source in SOURCE]


def steadied(sources, painted, at=0):
    return list(steady(zip(sources, painted, strict=True), at=at))


WHOLE = steadied(SOURCE, PAINTED)


@pytest.mark.parametrize("size", [1, 5, 13, 24])
def test_a_chunked_film_is_the_unchunked_one_to_the_last_bit(size):
    for start in range(0, FRAMES, size):
        lead = min(LEAD_IN, start)
        part = slice(start - lead, start + size)
        frames = steadied(SOURCE[part], PAINTED[part], at=start - lead)[lead:]
        for ours, wanted in zip(frames, WHOLE[start : start + size], strict=True):
            np.testing.assert_array_equal(ours, wanted)


def test_without_its_lead_in_a_chunk_would_differ():
    assert (steadied(SOURCE[20:25], PAINTED[20:25], at=20)[0] != WHOLE[20]).any()


def test_as_many_frames_come_out_and_of_the_same_kind():
    assert len(WHOLE) == FRAMES
    assert {(frame.shape, frame.dtype) for frame in WHOLE} == {((96, 128, 3), np.dtype(np.uint8))}
    assert steadied([], []) == []


def test_frames_are_given_as_they_come():
    taken = []

    def pairs():
        for pair in zip(SOURCE, PAINTED, strict=True):
            taken.append(pair)
            yield pair

    next(steady(pairs(), at=0))
    assert len(taken) == 1


def test_inputs_are_left_alone():
    before = [frame.copy() for frame in PAINTED[:5]]
    steadied(SOURCE[:5], PAINTED[:5])
    np.testing.assert_array_equal(before, PAINTED[:5])


def test_flicker_becomes_a_fraction():
    def flicker(frames):
        """Mean difference of frames that follow each other, where both show the same."""
        pairs = pairwise(frame.astype(int) for frame in frames[8:])
        return np.mean([np.abs(one[:, 8:-8] - other[:, 6:-10]).mean() for one, other in pairs])

    assert flicker(WHOLE) < 0.25 * flicker(PAINTED)


def test_a_film_that_does_not_flicker_is_left_as_it_is():
    painted = [255 - frame for frame in SOURCE]
    difference = np.abs(np.subtract(steadied(SOURCE, painted)[5:], painted[5:], dtype=np.int32))
    assert difference[:, 8:-8, 8:-8].mean() < 2.5


def test_a_still_film_comes_out_as_it_was():
    for frame in steadied([SOURCE[0]] * 20, [PAINTED[0]] * 20):
        np.testing.assert_array_equal(frame, PAINTED[0])


def test_a_new_object_shows_at_once_and_leaves_no_trail():
    still = view(20)
    disc = cv2.circle(np.zeros((96, 128), np.uint8), (60, 50), 18, 1, -1) > 0
    with_disc = np.where(disc[..., None], np.uint8([250, 60, 20]), still)
    sources = [still] * 12 + [with_disc] * 12 + [still] * 12
    painted = [255 - frame for frame in sources]
    frames = steadied(sources, painted)
    inner = cv2.erode(disc.astype(np.uint8), np.ones((7, 7))) > 0
    for number in (12, 13, 24, 25):
        assert np.abs(frames[number][inner].astype(int) - painted[number][inner]).mean() < 3


def test_deep_frames_are_steadied_like_others():
    deep = steadied(
        [frame.astype(np.uint16) * 257 for frame in SOURCE[:20]],
        [frame.astype(np.uint16) * 257 for frame in PAINTED[:20]],
    )
    assert deep[0].dtype == np.uint16
    np.testing.assert_allclose(np.stack(deep) / 257, WHOLE[:20], atol=0.51)


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (3, 5), (1, 200), (97, 1), (33, 65)])
@pytest.mark.parametrize("filled", ["even", "noise"])
def test_any_size_and_any_picture_comes_through(size, filled):
    frames = np.full((4, *size, 3), 70, np.uint8)
    if filled == "noise":
        frames = np.random.default_rng(0).integers(0, 256, frames.shape, dtype=np.uint8)
    results = steadied(frames, frames)
    assert [frame.shape for frame in results] == [(*size, 3)] * 4
    if filled == "even":
        np.testing.assert_array_equal(results, frames)


def test_the_number_of_threads_changes_nothing():
    before = cv2.getNumThreads()
    try:
        cv2.setNumThreads(3)
        np.testing.assert_array_equal(steadied(SOURCE[:18], PAINTED[:18]), WHOLE[:18])
    finally:
        cv2.setNumThreads(before)


def test_frames_of_another_size_are_refused():
    with pytest.raises(MediaError, match="steadied at one size"):
        steadied([SOURCE[0]], [PAINTED[0][:-1]])
    smaller = WIDE[:50, :50]
    with pytest.raises(MediaError, match="the shot's first"):
        steadied([SOURCE[0], smaller], [PAINTED[0], smaller])


@pytest.mark.parametrize("wrong", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8)])
def test_what_is_no_frame_is_refused(wrong):
    with pytest.raises(MediaError, match="steadying needs"):
        steadied([wrong], [wrong])
