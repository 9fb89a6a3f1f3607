"""Motion between frames: where a pixel was in another frame, whether it is still the same thing. Torch-free.

A flow is (H, W, 2) float32 in pixels, x then y: what is at `p` is at `p + flow[p]` in the other frame.
What is done with moved pictures is steady.py's.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

_SMALLEST_PX = 32
"""The estimator reads outside its pyramid on pictures with shorter sides."""

_OCCLUDED = (3.0, 9.0)
"""Forward-backward mismatch up to which a pixel is trusted, and from which it is not."""

_CHANGED = (20.0, 60.0)
"""Difference in colour, of 255, up to which a moved pixel is trusted, and from which it is not."""

_UNMOVED = (5.0, 15.0)
"""The same for pixels taken where they are because no motion was found: on flat ground colour alone speaks for it."""

_SMOOTH_PX = 1.0
"""Blur, at half size, before colours are compared: film grain is no change."""

_SPARSE = 4
"""The change of light is fitted to every fourth pixel each way."""

_FEWEST = 16
"""Pixels below which the light is taken as unchanged."""


def positions(height: int, width: int) -> np.ndarray:
    """Where each pixel is: (H, W, 2) float32, x then y."""
    return np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))


def moved(picture: np.ndarray, places: np.ndarray, *, cubic: bool = False) -> np.ndarray:
    """The picture, (h, w) or (h, w, C), read at `places`, (H, W, 2) float32; repeats its border outside."""
    how = cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR
    x, y = cv2.split(places)
    return cv2.remap(picture, x, y, how, borderMode=cv2.BORDER_REPLICATE)


def is_inside(places: np.ndarray) -> np.ndarray:
    """Whether places, (H, W, 2), lie in a picture of the same size: (H, W) bool."""
    height, width = places.shape[:2]
    x, y = cv2.split(places)
    return (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)


def mismatch(there: np.ndarray, back: np.ndarray) -> np.ndarray:
    """How badly a flow and the moved flow of the way back cancel out: (H, W) float32, above 1 occluded.

    Both in pixels of the full frame. Source: Sundaram et al. 2010, as used by Lai et al., arXiv:1808.00449.
    """
    lengths = _square(there) + _square(back)
    return _square(there + back) / (0.01 * lengths + 0.5)


class FlowFinder:
    """DIS optical flow. One for each thread; a flow depends on the two pictures alone, not on those before.

    Source: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", arXiv:1603.03590, as OpenCV has it.
    """

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        # To the last pixel, where the preset stops at half the size; fewer steps a pixel pay for most of that.
        self._dis.setFinestScale(0)
        self._dis.setPatchStride(4)
        self._dis.setGradientDescentIterations(5)
        self._dis.setVariationalRefinementIterations(1)

    def __call__(self, here: np.ndarray, there: np.ndarray) -> np.ndarray:
        """The flow from one to the other picture; both (H, W) uint8 of one size."""
        height, width = here.shape
        # A given start, even of zeros, would change the result; None means "none".
        return self._dis.calc(_padded(here), _padded(there), None)[:height, :width]  # type: ignore[call-overload]


@dataclass(frozen=True)
class Trace:
    """What of a frame was in the frame before, and where."""

    places: np.ndarray
    """Where each pixel was: (H, W, 2) float32, x then y."""
    trust: np.ndarray
    """(H, W) float32 in [0, 1]: 0 where something else was there."""


class Tracker:
    """Follows a shot from frame to frame, at half its size. Trusts a pixel if it comes back to where it started and
    has kept its colour, but for a change of light that the whole frame shares; where motion is not to be found, as in
    a clear sky, a pixel that has kept its colour has not moved.
    """

    def __init__(self, first: np.ndarray) -> None:
        """`first`: the shot's first frame, (H, W, 3) uint8 RGB; all that follow have its size."""
        height, width = first.shape[:2]
        self._full, self._half = positions(height, width), positions((height + 1) // 2, (width + 1) // 2)
        self._find = FlowFinder()
        self._before = _Seen.of(first)

    def follow(self, source: np.ndarray) -> Trace:
        """The next frame's trace into the one before."""
        before, now, back, there = self._step(source)
        return self._traced(before, now, back, there)

    def follow_both(self, source: np.ndarray) -> tuple[Trace, Trace]:
        """The next frame's trace into the one before, and that one's into the next."""
        before, now, back, there = self._step(source)
        return self._traced(before, now, back, there), self._traced(now, before, there, back)

    def _step(self, source: np.ndarray) -> tuple[_Seen, _Seen, np.ndarray, np.ndarray]:
        """The frame before and the next, and the flows between them: back and there."""
        before, now = self._before, _Seen.of(source)
        self._before = now
        return before, now, self._find(now.grey, before.grey), self._find(before.grey, now.grey)

    def _traced(self, before: _Seen, now: _Seen, back: np.ndarray, there: np.ndarray) -> Trace:
        height, width = self._full.shape[:2]
        to_full = np.array([width / now.grey.shape[1], height / now.grey.shape[0]], np.float32)
        places = self._half + back
        kept = _falling(mismatch(back * to_full, moved(there, places) * to_full), *_OCCLUDED) * is_inside(places)
        carried = moved(before.colours, places)
        gain, offset = _change_of_light(carried, now.colours, kept > 0)
        trust = kept * _falling(_difference(carried * gain + offset, now.colours), *_CHANGED)
        still = _falling(_difference(before.colours * gain + offset, now.colours), *_UNMOVED)
        flow: np.ndarray = cv2.resize(np.where((still > trust)[..., None], np.float32(0), back), (width, height))
        flow *= to_full
        flow += self._full
        return Trace(places=flow, trust=cv2.resize(np.maximum(trust, still), (width, height)))


def joined(trace: Trace, onward: Trace | None) -> Trace:
    """A frame's trace into another, of its trace into a neighbour, and of the neighbour's into that other.

    `onward`: None if the neighbour is the other.
    """
    if onward is None:
        return trace
    # Displacements, and not places, are what is read between pixels: OpenCV does so to a 32nd of a pixel only.
    away = onward.places - positions(*onward.trust.shape)
    return Trace(trace.places + moved(away, trace.places), trace.trust * moved(onward.trust, trace.places))


def resemblance(source: np.ndarray, other: np.ndarray, trace: Trace) -> np.ndarray:
    """How much each pixel has kept its colour along a trace of several steps, whose errors add up: (H, W) in [0, 1].

    Both frames (H, W, 3) uint8 RGB; a change of light that the whole frame shares is none.
    """
    blur = (0, 0), 2 * _SMOOTH_PX
    now = cv2.GaussianBlur(source.astype(np.float32), *blur)
    carried = cv2.GaussianBlur(moved(other.astype(np.float32), trace.places), *blur)
    gain, offset = _change_of_light(carried, now, trace.trust > 0)
    return _falling(_difference(carried * gain + offset, now), *_CHANGED)


@dataclass(frozen=True)
class _Seen:
    """A frame at half its size, rounded up."""

    grey: np.ndarray
    """(h, w) uint8, what motion is found in."""
    colours: np.ndarray
    """(h, w, 3) float32 in [0, 255], blurred, what is compared."""

    @classmethod
    def of(cls, source: np.ndarray) -> _Seen:
        height, width = source.shape[:2]
        half = cv2.resize(source, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
        colours = cv2.GaussianBlur(half.astype(np.float32), (0, 0), _SMOOTH_PX)
        return cls(cv2.cvtColor(half, cv2.COLOR_RGB2GRAY), colours)


def _change_of_light(before: np.ndarray, now: np.ndarray, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gain and offset of each channel that turn the frame before, moved, into now: what changes in a fade.

    Fitted to those pixels that are `known`, ever less to those that do not fit.
    """
    sparse = np.s_[::_SPARSE, ::_SPARSE]
    x, y = before[sparse][known[sparse]], now[sparse][known[sparse]]
    if len(x) < _FEWEST:
        return np.ones(3, np.float32), np.zeros(3, np.float32)
    weight = np.ones_like(x)
    for _ in range(3):
        total = weight.sum(0)
        x_mean, y_mean = (weight * x).sum(0) / total, (weight * y).sum(0) / total
        spread = (weight * (x - x_mean) ** 2).sum(0) / total
        shared = (weight * (x - x_mean) * (y - y_mean)).sum(0) / total
        # One level of grain on both keeps the gain of an even frame at 1.
        gain = np.clip((shared + 1) / (spread + 1), 0.5, 2)
        offset = y_mean - gain * x_mean
        weight = 1 / (1 + ((y - gain * x - offset) / 4) ** 2)
    return gain, offset


def _padded(picture: np.ndarray) -> np.ndarray:
    below, right = (max(0, _SMALLEST_PX - side) for side in picture.shape)
    return cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE) if below or right else picture


def _falling(values: np.ndarray, full: float, none: float) -> np.ndarray:
    """1 up to `full`, 0 from `none` on, a straight line between."""
    return np.clip((none - values) * np.float32(1 / (none - full)), 0, 1)


def _difference(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The largest of the three channels' differences."""
    red, green, blue = cv2.split(cv2.absdiff(one, other))
    return cv2.max(cv2.max(red, green), blue)


def _square(flow: np.ndarray) -> np.ndarray:
    x, y = cv2.split(flow)
    return x * x + y * y
