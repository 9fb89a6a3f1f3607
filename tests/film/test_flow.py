"""Motion: flows point where things went, and a trace trusts what is still there and nothing else."""

import cv2
import numpy as np
import pytest

from pipeline.film.flow import FlowFinder, Tracker, is_inside, mismatch, moved, positions


def texture(height, width, seed=0):
    """A picture with detail of several sizes: (H, W, 3) uint8."""
    noise = np.random.default_rng(seed).normal(0, 1, (height, width, 3)).astype(np.float32)
    layers = sum(cv2.GaussianBlur(noise, (0, 0), size) * size for size in (1, 2, 4, 8))
    return np.clip(128 + 60 * layers, 0, 255).astype(np.uint8)


def grey(picture):
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


WIDE = texture(160, 240)


def view(x, y=20, height=96, width=128):
    return WIDE[y : y + height, x : x + width]


def test_flow_is_where_things_went():
    flow = FlowFinder()(grey(view(20)), grey(view(23)))
    np.testing.assert_allclose(np.median(flow, axis=(0, 1)), [-3, 0], atol=0.1)


def test_a_flow_depends_on_its_two_pictures_alone():
    used = FlowFinder()
    used(grey(view(60)), grey(view(61)))
    one, other = grey(view(20)), grey(view(24))
    np.testing.assert_array_equal(used(one, other), FlowFinder()(one, other))


def test_a_flow_is_the_same_with_any_number_of_threads():
    before = cv2.getNumThreads()
    flows = []
    try:
        for threads in (1, 2, 5):
            cv2.setNumThreads(threads)
            flows.append(FlowFinder()(grey(view(20)), grey(view(24))))
    finally:
        cv2.setNumThreads(before)
    np.testing.assert_array_equal(flows[0], flows[1])
    np.testing.assert_array_equal(flows[0], flows[2])


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (1, 300), (300, 1), (11, 200), (31, 33), (64, 7)])
def test_tiny_pictures_have_flows_too(size):
    one, other = np.random.default_rng(0).integers(0, 256, (2, *size), dtype=np.uint8)
    flow = FlowFinder()(one, other)
    assert flow.shape == (*size, 2)
    assert np.isfinite(flow).all()


def test_still_pictures_do_not_move():
    assert not FlowFinder()(grey(view(20)), grey(view(20))).any()


def test_moving_by_nothing_changes_nothing():
    np.testing.assert_array_equal(moved(view(20), positions(96, 128), cubic=True), view(20))


def test_a_way_back_that_cancels_is_no_mismatch():
    there = np.full((4, 4, 2), 3, np.float32)
    assert mismatch(there, -there).max() == 0
    assert mismatch(there, there).min() > 1


def test_places_beyond_the_border_are_outside():
    assert is_inside(positions(4, 4)).all()
    assert not is_inside(positions(4, 4) + np.float32(0.5))[:, -1].any()


def test_a_moving_camera_is_trusted_but_at_the_border_that_it_uncovers():
    tracker = Tracker(view(20))
    trace = tracker.follow(view(26))
    assert trace.trust[:, 16:104].mean() > 0.98
    assert trace.trust[:, 126:].mean() < 0.2
    np.testing.assert_allclose(np.median(trace.places - positions(96, 128), axis=(0, 1)), [6, 0], atol=0.2)


def test_something_new_is_not_trusted():
    with_disc = view(20).copy()
    cv2.circle(with_disc, (60, 50), 20, (255, 40, 0), -1)
    trace = Tracker(view(20)).follow(with_disc)
    disc = cv2.circle(np.zeros((96, 128), np.uint8), (60, 50), 16, 1, -1) > 0
    assert trace.trust[disc].mean() < 0.05
    assert trace.trust[:, :30].mean() > 0.95


def test_a_fade_is_trusted():
    tracker = Tracker((view(20) * 0.5).astype(np.uint8))
    assert tracker.follow((view(20) * 0.6).astype(np.uint8)).trust.mean() > 0.95


def test_a_cut_is_not_trusted():
    assert Tracker(view(20)).follow(texture(96, 128, seed=9)).trust.mean() < 0.2


def test_an_even_frame_has_not_moved():
    even = np.full((50, 70, 3), 90, np.uint8)
    trace = Tracker(even).follow(even)
    assert (trace.trust == 1).all()
    np.testing.assert_allclose(trace.places, positions(50, 70), atol=1e-4)


def test_both_traces_are_those_of_following_either_way():
    one, other = view(20), view(24)
    back, there = Tracker(one).follow_both(other)
    for trace, expected in ((back, Tracker(one).follow(other)), (there, Tracker(other).follow(one))):
        np.testing.assert_array_equal(trace.places, expected.places)
        np.testing.assert_array_equal(trace.trust, expected.trust)
