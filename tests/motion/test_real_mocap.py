"""Recordings of real people, by several programs and laboratories: all are read, kept and retargeted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.motion import bvh, bvh_text
from pipeline.motion.clip import posed
from pipeline.motion.contacts import contacts
from pipeline.motion.editing import cut
from pipeline.motion.features import clip_of, features_of, start_of
from pipeline.motion.figure import FIGURE
from pipeline.motion.measures import foot_skate_cm_s
from pipeline.motion.opening import SUFFIXES, open_clip
from pipeline.motion.retarget import retarget
from tests.motion.making import far

FILES = Path(__file__).parents[2].parent / "shared/data/mocap"
RECORDINGS = sorted(path for path in FILES.rglob("*") if path.suffix in SUFFIXES)

pytestmark = pytest.mark.skipif(not RECORDINGS, reason="needs the folder shared/data/mocap beside the checkout")


@pytest.mark.slow
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_recording_is_read_kept_and_retargeted(path: Path) -> None:
    clip = open_clip(path)
    recorded = posed(clip).positions
    again = bvh.clip_of(bvh_text.parse(bvh_text.serialised(bvh.bvh_of(clip)), path.name))
    order = [again.skeleton.index[name] for name in clip.skeleton.names]
    assert far(posed(again).positions[:, order], recorded) < 1e-4
    made = retarget(clip, where=path.name)
    positions = posed(made).positions
    at = dict(zip(FIGURE.names, np.moveaxis(positions, 1, 0), strict=True))
    assert (at["Head"][:, 1] > at["Hips"][:, 1]).mean() > 0.6
    feet = np.minimum(at["LeftToeBase"][:, 1], at["RightToeBase"][:, 1])
    assert -0.1 < feet.min() < 0.1
    if made.frames > 1:
        back = clip_of(features_of(made), made.rate, start_of(made))
        assert far(posed(back).positions, positions) < 1e-3


def test_cmus_walk_goes_ahead_on_its_feet() -> None:
    clip = retarget(cut(open_clip(FILES / "cmu/02_01.amc"), 0, 240))
    positions = posed(clip).positions
    at = dict(zip(FIGURE.names, np.moveaxis(positions, 1, 0), strict=True))
    went = at["Hips"][-1] - at["Hips"][0]
    left = (at["LeftUpLeg"] - at["RightUpLeg"]).mean(axis=0)
    # Left, up and ahead are right-handed: left and right were not exchanged.
    assert np.cross(left, [0, 1, 0]) @ went > 0.9 * np.linalg.norm(np.cross(left, [0, 1, 0])) * np.linalg.norm(went)
    assert 1.0 < np.linalg.norm(went) / clip.seconds < 1.8
    touching = contacts(positions, clip.rate)
    assert 0.2 < touching.mean() < 0.7
    assert foot_skate_cm_s(positions, clip.rate, touching) < 12
    assert np.percentile(at["Head"][:, 1], [1, 99]) == pytest.approx([1.5, 1.5], abs=0.1)
