"""The painter of motions: what decides a frame, and what does not; BVH files, alpha, backgrounds, facts."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.backgrounds.brief import BackgroundBrief, Own
from pipeline.errors import MediaError
from pipeline.images import encode_png
from pipeline.motion import bvh_text
from pipeline.motion.brief import Act, CameraBrief, FigureBrief, MotionBrief, Recording
from pipeline.motion.bvh import bvh_of
from pipeline.motion.clip import Clip, posed
from pipeline.motion.editing import cut
from pipeline.motion.opening import parsed
from pipeline.motion.painter import MotionPainter
from pipeline.motion.passages import followed
from pipeline.motion.performing import recorded
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from tests.media import numbered_picture
from tests.motion.making import AMC, ASF, far, walk
from tests.motion.movers import mover

WALK = bvh_text.serialised(bvh_of(walk(2)))
FAST = bvh_text.serialised(bvh_of(walk(1, 120, bend=0.3)))
RATE = Fraction(30)
RECORDED = (
    Act(frames=36, recording=Recording(name="walk.bvh", file=0, start_s=0.5, end_s=1.7), product="clip-01-walk.bvh"),
    Act(frames=30, recording=Recording(name="fast.bvh", file=1), product="clip-02-fast.bvh"),
)


class Painting:
    """One painter, and what it gave."""

    def __init__(self, *figures: FigureBrief, files: tuple[bytes, ...] = (WALK, FAST), lanes: int = 2, **keys: Any):
        brief = MotionBrief(figures=figures, **{"width": 96, "height": 54, "rate": RATE} | keys)
        easel = Easel(device=torch.device("cpu"), precision=torch.float32, batch=8, lanes=lanes, options=StoreOptions())
        self.painter = MotionPainter(brief.model_dump(mode="json", exclude_defaults=True), easel, deep=False)
        self.files = files
        self.told: dict[int, Mapping[str, str]] = {}
        self.given: dict[str, bytes] = {}

    def frames(self, start: int, stop: int) -> list[np.ndarray]:
        """Frames `[start, stop)`, as one chunk."""
        work = Work(
            start=start,
            stop=stop,
            watch=Stopwatch(),
            model=lambda index, precision=None: mover(),
            file=self.files.__getitem__,
            model_digests=("entry abc",),
            file_digests=tuple(map(str, range(len(self.files)))),
            describe=self.told.__setitem__,
            deliver=self.given.__setitem__,
        )
        return list(self.painter.paint(work))


def test_a_frame_is_the_same_in_any_chunk() -> None:
    whole = Painting(FigureBrief(acts=RECORDED)).frames(33, 39)
    later, sooner = (Painting(FigureBrief(acts=RECORDED), lanes=1).frames(at, at + 3) for at in (36, 33))
    for frame, again in zip(whole, [*sooner, *later], strict=True):
        np.testing.assert_array_equal(frame, again)
    assert len({frame.tobytes() for frame in whole}) == 6


def test_each_act_leaves_as_bvh_with_the_chunk_that_it_begins_in() -> None:
    painting = Painting(FigureBrief(acts=RECORDED))
    painting.frames(0, 2)
    assert list(painting.given) == ["clip-01-walk.bvh"]
    painting.frames(36, 38)
    made = [parsed(data, name) for name, data in painting.given.items()]
    read = [parsed(WALK, "walk.bvh"), parsed(FAST, "fast.bvh")]
    acts = [recorded(clip, act.recording, RATE) for clip, act in zip(read, RECORDED, strict=True) if act.recording]
    shown = followed(acts)
    for clip, start, stop in zip(made, (0, 36), (36, 66), strict=True):
        assert clip.rate == RATE
        # A tenth of a millimetre.
        assert far(posed(clip).positions, posed(cut(shown, start, stop)).positions) < 1e-4


def test_without_a_background_there_is_alpha() -> None:
    (frame,) = Painting(FigureBrief(acts=RECORDED), transparent=True, shadow=0.0).frames(5, 6)
    assert frame.shape == (54, 96, 4)
    assert (frame[..., 3] == 0).mean() > 0.5
    assert (frame[..., 3] == 255).any()


@pytest.mark.parametrize("size", [(31, 40), (400, 100)])
def test_a_background_fills_the_picture(size: tuple[int, int]) -> None:
    files = (WALK, FAST, encode_png(numbered_picture(3, *size)))
    behind = BackgroundBrief(own=(Own(name="a.png", file=2),))
    (frame,) = Painting(FigureBrief(acts=RECORDED), files=files, behind=behind).frames(0, 1)
    (studio,) = Painting(FigureBrief(acts=RECORDED)).frames(0, 1)
    assert frame.shape == (54, 96, 3)
    differ = np.abs(frame.astype(int) - studio).max(axis=2) > 8
    assert differ[[0, 0, -1, -1], [0, -1, 0, -1]].sum() >= 3
    # The figure stands before it.
    assert not differ.all()


def test_generated_figures_tell_their_actions_and_seeds() -> None:
    made = (Act(frames=6, action="walk", seed=7), Act(frames=4, action="run", seed=7))
    figures = FigureBrief(acts=made), FigureBrief(acts=RECORDED[1:])
    painting = Painting(*figures, model="cmu", camera=CameraBrief(move="fixed"))
    painting.frames(5, 7)
    assert painting.told[5] == {"model": "cmu", "modelSha256": "abc", "action": "walk", "seed": "7"}
    assert painting.told[6]["action"] == "run"
    recordings = Painting(FigureBrief(acts=RECORDED))
    recordings.frames(0, 1)
    assert recordings.told == {0: {}}


def test_the_same_seeds_make_the_same_frames() -> None:
    def painted(*seeds: int) -> bytes:
        acts = tuple(Act(frames=12, action="walk", seed=seed) for seed in seeds)
        return b"".join(frame.tobytes() for frame in Painting(FigureBrief(acts=acts), model="cmu").frames(23, 24))

    assert painted(1, 2) == painted(1, 2)
    assert len({painted(1, 2), painted(2, 1), painted(1, 1)}) == 3


def test_an_action_goes_where_its_path_leads() -> None:
    path = ((0.0, 0.0), (1.0, 1.0))
    acts = Act(frames=30, action="walk"), Act(frames=30, action="walk", path=path, product="clip-02-walk.bvh")
    painting = Painting(FigureBrief(acts=acts[1:]), model="cmu")
    painting.frames(0, 1)
    clip = parsed(painting.given["clip-02-walk.bvh"], "a.bvh")
    x, z = (clip.roots[-1] - clip.roots[0])[[0, 2]]
    assert x == pytest.approx(z, abs=0.3 * abs(z) + 0.05)
    # Beside others it is made alone, and goes on where they end.
    both = Painting(FigureBrief(acts=acts), model="cmu")
    both.frames(30, 31)
    assert parsed(both.given["clip-02-walk.bvh"], "a.bvh").frames == 30


def test_a_recording_that_is_another_one_by_now_is_refused() -> None:
    shorter = RECORDED[1].model_copy(update={"frames": 29})
    with pytest.raises(MediaError, match=r"fast\.bvh: has 30 frames and was planned with 29; submit the job again"):
        Painting(FigureBrief(acts=(shorter,))).frames(0, 1)


def test_a_recording_of_acclaim_is_read_with_its_skeleton(tmp_path: Path) -> None:
    clip = parsed(AMC.encode(), "a.amc", skeleton=(ASF.encode(), "a.asf"), rate=Fraction(60))
    assert (clip.frames, clip.rate) == (2, 60)
    with pytest.raises(MediaError, match=r"a\.amc: is no file of motion that is read"):
        parsed(AMC.encode(), "a.amc")


def test_a_part_of_a_recording_keeps_the_floor_of_all_of_it() -> None:
    """A jump that begins and ends in the air does so on the stage, too."""
    clip = walk(4)
    roots = clip.roots.copy()
    roots[60:75, 1] += 0.3
    jump = Clip(clip.skeleton, clip.rate, roots, clip.turns)
    part = recorded(jump, Recording(name="jump.bvh", file=0, start_s=2.0, end_s=2.5), RATE)
    assert part.frames == 15
    assert part.roots[:, 1].min() > clip.roots[:, 1].min() + 0.28
