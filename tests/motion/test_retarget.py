"""Whoever moved, and whatever their joints are called, our figure does the same."""

from __future__ import annotations

import re

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.motion.clip import Clip, posed
from pipeline.motion.figure import FEET, FIGURE, REST_HEIGHTS_M
from pipeline.motion.retarget import retarget
from pipeline.motion.rotations import about, multiply
from pipeline.motion.skeleton import Skeleton
from tests.motion.making import far, renamed, scrambled, walk, with_offsets, with_zero

LIMBS = {
    "CMU": ("femur", "tibia", "foot", "toes", "clavicle", "humerus", "radius", "hand"),
    "Biped": ("Thigh", "Calf", "Foot", "Toe0", "Clavicle", "UpperArm", "Forearm", "Hand"),
    "Unreal": ("thigh", "calf", "foot", "ball", "clavicle", "upperarm", "lowerarm", "hand"),
    "SMPL": ("hip", "knee", "ankle", "foot", "collar", "shoulder", "elbow", "wrist"),
    "Poser": ("Thigh", "Shin", "Foot", "Toe", "Collar", "Shldr", "ForeArm", "Hand"),
}
OURS = ("UpLeg", "Leg", "Foot", "ToeBase", "Shoulder", "Arm", "ForeArm", "Hand")
PATTERN = {"CMU": "{s}{n}", "Biped": "Bip01 {S} {n}", "Unreal": "{n}_{s}", "SMPL": "{side}_{n}", "Poser": "{s}{n}"}
TRUNK = {
    "CMU": ("root", "lowerback", "upperback", "thorax", "lowerneck", "head"),
    "Biped": ("Bip01 Pelvis", "Bip01 Spine", "Bip01 Spine1", "Bip01 Spine2", "Bip01 Neck", "Bip01 Head"),
    "Unreal": ("pelvis", "spine_01", "spine_02", "spine_03", "neck_01", "head"),
    "SMPL": ("pelvis", "spine1", "spine2", "spine3", "neck", "head"),
    "Poser": ("hip", "abdomen", "waist", "chest", "neck", "head"),
}


def names_of(family: str) -> dict[str, str]:
    made = dict(zip(("Hips", "Spine", "Spine1", "Spine2", "Neck", "Head"), TRUNK[family], strict=True))
    for side in ("left", "right"):
        for ours, name in zip(OURS, LIMBS[family], strict=True):
            made[side.title() + ours] = PATTERN[family].format(s=side[0], S=side[0].upper(), side=side, n=name)
    return made


def off_m(made: Clip, clip: Clip) -> float:
    """By how far joints are elsewhere, on the average, seen from the hips' middle."""
    return float(np.linalg.norm(posed(made).positions - posed(clip).positions, axis=-1).mean())


def test_our_own_motion_stays_as_it_is() -> None:
    assert off_m(retarget(walk()), walk()) < 1e-9


@pytest.mark.parametrize("family", LIMBS)
def test_names_of_many_programs_are_known(family: str) -> None:
    clip = walk(0.5)
    assert off_m(retarget(renamed(clip, names_of(family))), clip) < 1e-9


def test_name_spaces_are_left_out() -> None:
    clip = walk(0.5)
    assert off_m(retarget(renamed(clip, {name: f"mixamorig:{name}" for name in FIGURE.names})), clip) < 1e-9


def test_other_lengths_become_ours_and_feet_are_on_the_floor() -> None:
    clip = walk()
    child = Clip(with_offsets(FIGURE, FIGURE.offsets_m * 61), clip.rate, clip.roots * 61 + [0, 300, 0], clip.turns)
    made = retarget(child)
    assert made.skeleton == FIGURE
    assert off_m(made, clip) < 1e-9
    heights = posed(made).positions[:, [FIGURE.index[name] for name in FEET], 1] - REST_HEIGHTS_M
    assert np.percentile(heights.min(axis=1), 2) == pytest.approx(0)


def test_arms_that_hang_and_legs_that_spread_at_zero_are_seen_through() -> None:
    clip = walk()
    other = with_zero(
        clip, {"LeftArm": (2, -1.2), "RightArm": (2, 1.2), "LeftUpLeg": (2, 0.35), "RightUpLeg": (2, -0.35)}
    )
    assert other.skeleton.offsets[FIGURE.index["LeftForeArm"]][1] < -0.2
    assert far(posed(other).positions, posed(clip).positions) < 1e-6
    assert off_m(retarget(other), clip) < 1e-6


@pytest.mark.parametrize("seed", [0, 1])
def test_zero_that_is_no_pose_is_found_out_from_the_motion(seed: int) -> None:
    clip = walk(4, bend=0.1)
    other = scrambled(clip, seed)
    assert far(posed(other).positions, posed(clip).positions) < 1e-6
    assert off_m(retarget(other), clip) < 0.04


@pytest.mark.parametrize("axis", [0, 2])
def test_worlds_with_another_axis_up_are_turned(axis: int) -> None:
    clip = walk()
    turn = about(2 if axis == 0 else 0, np.array(-np.pi / 2 if axis == 0 else np.pi / 2))
    turns = clip.turns.copy()
    turns[:, 0] = multiply(np.broadcast_to(turn, turns[:, 0].shape), turns[:, 0])
    order = [1, 0, 2] if axis == 0 else [0, 2, 1]
    other = Clip(clip.skeleton, clip.rate, clip.roots[:, order] * [1, -1, 1], turns)
    made, here = posed(retarget(other)).positions, posed(clip).positions
    # The same but for where north is.
    assert far(made[..., 1], here[..., 1]) < 1e-6
    between = np.linalg.norm(made[:, :, None] - made[:, None], axis=-1)
    assert far(between, np.linalg.norm(here[:, :, None] - here[:, None], axis=-1)) < 1e-6
    assert (
        np.cross(made[0, 3] - made[0, 0], made[0, 7] - made[0, 0])[1]
        * np.cross(here[0, 3] - here[0, 0], here[0, 7] - here[0, 0])[1]
        > 0
    )


def test_spines_beside_their_hips_are_found() -> None:
    clip = walk()
    # A root at the hips, from which pelvis and spine hang side by side.
    parents = (
        -1,
        *(
            0 if parent in (-1, 0) and name in ("Hips", "Spine") else parent + 1
            for name, parent in zip(FIGURE.names, FIGURE.parents, strict=True)
        ),
    )
    skeleton = Skeleton(
        ("COM", *FIGURE.names),
        parents,
        ((0.0, 0.0, 0.0), *FIGURE.offsets),
        tuple((joint + 1, tip) for joint, tip in FIGURE.tips),
    )
    turns = np.concatenate([clip.turns[:, :1], clip.turns], axis=1)
    turns[:, 1] = [1, 0, 0, 0]
    assert off_m(retarget(Clip(skeleton, clip.rate, clip.roots, turns)), clip) < 1e-9


def test_skeletons_with_few_joints_move_what_they_have() -> None:
    clip = walk()
    gone = {"Spine1", "Spine2", "Neck", "LeftShoulder", "RightShoulder", "LeftToeBase", "RightToeBase"}
    rest = posed(Clip(FIGURE, clip.rate, np.zeros((1, 3)), np.tile([1.0, 0, 0, 0], (1, 22, 1)))).positions[0]
    kept = [joint for joint, name in enumerate(FIGURE.names) if name not in gone]
    parents, offsets = [-1], [np.zeros(3)]
    for joint in kept[1:]:
        parent = FIGURE.parents[joint]
        while parent not in kept:
            parent = FIGURE.parents[parent]
        parents.append(kept.index(parent))
        offsets.append(rest[joint] - rest[parent])
    sparse = Skeleton(tuple(FIGURE.names[joint] for joint in kept), tuple(parents), tuple(map(tuple, offsets)))
    made = retarget(Clip(sparse, clip.rate, clip.roots, clip.turns[:, kept]))
    legs = [FIGURE.index[name] for name in ("LeftFoot", "RightFoot", "LeftLeg")]
    assert far(posed(made).positions[:, legs], posed(clip).positions[:, legs]) < 0.03


def test_names_nobody_knows_are_given_by_a_mapping() -> None:
    clip = walk(0.5)
    other = renamed(clip, {"LeftArm": "Wing", "RightArm": "OtherWing"})
    with pytest.raises(MediaError, match=re.escape("a.bvh: no joint is known as LeftArm among Hips, LeftUpLeg")):
        retarget(other, where="a.bvh")
    assert off_m(retarget(other, mapping={"LeftArm": "Wing", "RightArm": "OtherWing"}), clip) < 1e-9


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"LeftArm": "Wingg"}, "a.bvh: has no joint 'Wingg'; did you mean 'Wing'?"),
        ({"LeftArms": "Wing"}, "joints: 'LeftArms' is no joint of ours; did you mean 'LeftArm'?"),
        ({"LeftArm": "LeftForeArm"}, "a.bvh: LeftForeArm stands for two joints"),
    ],
)
def test_mappings_that_are_wrong_are_told(mapping: dict[str, str], said: str) -> None:
    with pytest.raises(MediaError, match=re.escape(said)):
        retarget(renamed(walk(0.2), {"LeftArm": "Wing"}), where="a.bvh", mapping=mapping)


def test_legs_without_length_are_refused() -> None:
    clip = walk(0.2)
    flat = Clip(with_offsets(FIGURE, FIGURE.offsets_m * 0), clip.rate, clip.roots, clip.turns)
    with pytest.raises(MediaError, match=r"a\.bvh: its legs have no length"):
        retarget(flat, where="a.bvh")
