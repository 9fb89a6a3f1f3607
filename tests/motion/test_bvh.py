"""BVH files: read as they mean, written so that no joint moves."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import AtelierError, MediaError, SourceMissing
from pipeline.motion import bvh, bvh_text
from pipeline.motion.clip import Clip, posed
from pipeline.motion.rates import rate_of, written
from pipeline.motion.skeleton import Skeleton
from tests.motion.making import BVH, damaged, far, walk

TENTH_OF_A_MILLIMETRE = 1e-4


def parsed(text: str) -> bvh.Bvh:
    return bvh_text.parse(text.encode(), "a.bvh")


def again(clip: Clip) -> Clip:
    return bvh.clip_of(bvh_text.parse(bvh_text.serialised(bvh.bvh_of(clip)), "again.bvh"))


def by_name(clip: Clip) -> dict[str, np.ndarray]:
    return dict(zip(clip.skeleton.names, np.moveaxis(posed(clip).positions, 1, 0), strict=True))


def test_joints_stand_where_the_file_puts_them() -> None:
    clip = bvh.clip_of(parsed(BVH))
    at = by_name(clip)
    assert (clip.rate, clip.frames) == (120, 3)
    assert at["Hips"][0] == pytest.approx([0, 0.9, 0])
    assert at["Knee"][0] == pytest.approx([0.1, 0.5, 0])
    # The second frame's hips are turned by Rz(5°) · Ry(90°); the knee's offset (10, -40, 0) follows.
    five = np.radians(5)
    assert at["Knee"][1] == pytest.approx([0.01 + 0.4 * np.sin(five), 0.9 - 0.4 * np.cos(five), -0.1])
    # The chest's own turn, Rz(-90°), brings its tip to its side, which the hips' turn has ahead.
    tip = posed(clip).tips[1, 0]
    assert tip == pytest.approx(at["Chest"][1] + [0, 0, -0.3])


def test_any_order_of_channels_says_the_same_motion() -> None:
    other = BVH.replace(
        "Xposition Yposition Zposition Zrotation Xrotation Yrotation",
        "Zrotation Yposition Xrotation Zposition Yrotation Xposition",
    )
    rows = [line.split() for line in BVH.splitlines()[-3:]]
    mixed = [" ".join([r[3], r[1], r[4], r[2], r[5], r[0], *r[6:]]) for r in rows]
    other = other.replace("\n".join(BVH.splitlines()[-3:]), "\n".join(mixed))
    assert far(posed(bvh.clip_of(parsed(other))).positions, posed(bvh.clip_of(parsed(BVH))).positions) < 1e-6


def test_positions_of_any_joint_take_the_place_of_its_offset() -> None:
    text = BVH.replace("CHANNELS 1 Xrotation", "CHANNELS 4 Zposition Xposition Yposition Xrotation")
    head, *rows = text.rsplit("\n", 4)[:-1]
    moving = [" ".join([*row.split()[:-1], "0", "10", str(-40 - n), row.split()[-1]]) for n, row in enumerate(rows)]
    clip = bvh.clip_of(parsed("\n".join([head, *moving, ""])))
    assert clip.bones is not None
    assert far(by_name(clip)["Knee"][0], [0.1, 0.5, 0]) < 1e-6
    assert far(by_name(again(clip))["Knee"], by_name(clip)["Knee"]) < TENTH_OF_A_MILLIMETRE
    still = [" ".join([*row.split()[:-1], "0", "9", "-50", row.split()[-1]]) for row in rows]
    clip = bvh.clip_of(parsed("\n".join([head, *still, ""])))
    assert clip.bones is None
    assert clip.skeleton.offsets[clip.skeleton.index["Knee"]] == pytest.approx((0.09, -0.5, 0))


def test_file_that_was_read_is_written_as_it_was() -> None:
    made = parsed(BVH)
    back = bvh_text.parse(bvh_text.serialised(made), "b.bvh")
    assert (back.skeleton, back.channels, back.rate) == (made.skeleton, made.channels, made.rate)
    assert far(back.values, made.values) < 1e-6


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_round_trip_moves_no_joint(seed: int, stretched: bool) -> None:
    rng = np.random.default_rng(seed)
    joints = 12
    # Not depth first: the file's order is another.
    parents = (-1, *(int(rng.integers(0, joint)) for joint in range(1, joints)))
    offsets = ((0.0, 0.0, 0.0), *(tuple(map(float, rng.normal(size=3) / 3)) for _ in range(joints - 1)))
    names = tuple(f"joint {number}" for number in range(joints))
    turns = rng.normal(size=(5, joints, 4))
    turns[0] = [np.sqrt(0.5), np.sqrt(0.5), 0, 0]
    turns /= np.linalg.norm(turns, axis=-1, keepdims=True)
    bones = np.array(offsets) + rng.normal(size=(5, joints, 3)) / 10 if stretched else None
    clip = Clip(Skeleton(names, parents, offsets), Fraction(30000, 1001), rng.normal(size=(5, 3)) * 50, turns, bones)
    made = again(clip)
    there = by_name(made)
    assert made.rate == clip.rate
    for name, positions in by_name(clip).items():
        assert np.abs(there[name] - positions).max() < TENTH_OF_A_MILLIMETRE


def test_angles_that_are_written_do_not_jump() -> None:
    values = bvh.bvh_of(walk(3)).values
    assert np.abs(np.diff(values[:, 3:], axis=0)).max() < 45


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.0083333", Fraction(120)),
        (".0083333", Fraction(120)),
        ("0.008333", Fraction(120)),
        ("0.0333333", Fraction(30)),
        ("0.033367", Fraction(30000, 1001)),
        ("4.16667e-2", Fraction(24)),
        ("0.04", Fraction(25)),
        ("0.016", Fraction(62)),
        ("0.0166", Fraction(60)),
        ("0.7", Fraction(10, 7)),
    ],
)
def test_frame_times_mean_the_rate_that_was_rounded(text: str, rate: Fraction) -> None:
    assert rate_of(text, "a.bvh:9") == rate


@pytest.mark.parametrize(
    "rate", [Fraction(24), Fraction(120), Fraction(24000, 1001), Fraction(60000, 1001), Fraction(90)]
)
def test_rates_survive_being_written(rate: Fraction) -> None:
    assert rate_of(written(rate), "a.bvh:9") == rate


DAMAGE = [
    ("Frames: 3", "Frames: 0", "a.bvh:26: has no frames"),
    ("Frames: 3", "Frames: 4", "a.bvh: says that it has 4 frames and has 3; it is cut off"),
    ("Frames: 3", "Frames: 2", "a.bvh: says that it has 2 frames and has 3"),
    ("Frames: 3", "Frames: many", "a.bvh:26: 'many' is no number of frames"),
    ("Frames: 3\n", "", "a.bvh:26: 'Frame Time: 0.0083333' stands where 'Frames:' belongs"),
    ("0.0083333", "0", "a.bvh:27: the frame time is '0'"),
    ("0.0083333", "0.00001", "a.bvh:27: 0.00001 s a frame are 100000 frames a second"),
    ("0.0083333", "nan", "a.bvh:27: the frame time is 'nan'"),
    ("1 90 0 5", "1 90 nan 5", "a.bvh:29: Hips's Zposition is nan"),
    ("1 90 0 5", "1 90 1e400 5", "a.bvh:29: Hips's Zposition is inf"),
    ("60 30", "60 -inf", "a.bvh:30: Knee's Xrotation is -inf"),
    ("1 90 0 5", "1 90 5", "a.bvh:29: has 9 values where its header promises 10 a frame"),
    ("0 10\n", "0 10 11\n", "a.bvh:28: has 11 values where its header promises 10"),
    ("1 90 0 5", "1 90 oh 5", "a.bvh:29: 'oh' is no number"),
    ("1 90 0 5", "1 90 1.2.3 5", "a.bvh:29: '1.2.3' is no number"),
    ("1 90 0 5", "1 90 1-2 5", "a.bvh:29: '1-2' is no number"),
    ("CHANNELS 1 Xrotation", "CHANNELS 2 Xrotation", "a.bvh:18: Knee's CHANNELS says 2 and names 1; one is missing"),
    ("CHANNELS 1 Xrotation", "", "a.bvh:23: Knee has no CHANNELS"),
    (
        "CHANNELS 1 Xrotation",
        "CHANNELS 2 Xposition Xrotation",
        "a.bvh:18: Knee has no channel Yposition beside Xposition",
    ),
    (
        "CHANNELS 6 Xposition Yposition Zposition Zr",
        "CHANNELS 5 Xposition Zposition Zr",
        "a.bvh:5: Hips has no channel Ypos",
    ),
    ("CHANNELS 3 Yrotation", "CHANNELS 3 Zrotation", "a.bvh:9: Chest has Zrotation twice"),
    ("CHANNELS 1 Xrotation", "CHANNELS 1 Wrotation", "a.bvh:18: 'Wrotation' is no channel"),
    ("OFFSET 0 20 0", "OFFSET 0 20", "a.bvh:8: OFFSET is followed by three numbers"),
    ("OFFSET 0 20 0", "OFFSET 0 nan 0", "a.bvh:8: OFFSET is followed by three numbers"),
    ("JOINT Knee", "JOINT Chest", "a.bvh:15: a second joint is called Chest"),
    ("JOINT Knee", "JOINT", "a.bvh:15: a joint has no name"),
    ("JOINT Knee", "ROOT Knee", "a.bvh:15: a file has one ROOT"),
    ("ROOT Hips\n{", "ROOT Hips", "a.bvh:3: 'OFFSET' stands where '{' belongs"),
    ("}\nMOTION", "MOTION", "a.bvh:23: ends while a joint is open"),
    ("}\nMOTION", "}}\nMOTION", "a.bvh:24: closes a joint that is not open"),
    ("MOTION", "", "a.bvh: has no line MOTION"),
    ("HIERARCHY", "HIERARCHIE", "a.bvh:1: 'HIERARCHIE' is no word of BVH files"),
]


@pytest.mark.parametrize(("before", "after", "said"), DAMAGE, ids=[said[6:50] for *_, said in DAMAGE])
def test_damage_is_told_with_its_line(before: str, after: str, said: str) -> None:
    assert before in BVH
    with pytest.raises(MediaError, match="^" + re.escape(said)):
        parsed(BVH.replace(before, after, 1))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n", "\r\n"),
        ("\n", "\r"),
        ("HIERARCHY", "\ufeffHierarchy"),
        ("ROOT Hips\n{", "ROOT Hips {"),
        (" 10\n", " 10 \n\n"),
    ],
)
def test_other_ways_to_write_the_same_are_read(before: str, after: str) -> None:
    assert parsed(BVH.replace(before, after)).values == pytest.approx(parsed(BVH).values)


def test_damaged_bytes_are_read_or_refused_by_a_sentence() -> None:
    read, said = 0, []
    for number in range(300):
        try:
            made = bvh_text.parse(damaged(BVH.encode(), number), "a.bvh")
        except AtelierError as error:
            said.append(str(error))
        else:
            read += 1
            assert np.isfinite(posed(bvh.clip_of(made)).positions).all()
    assert 10 < read < 290
    assert all(sentence.startswith("a.bvh") for sentence in said)


def test_files_are_found_or_said_to_be_missing(tmp_path: Path) -> None:
    bvh_text.write(parsed(BVH), tmp_path / "b.bvh")
    assert len(bvh_text.read(tmp_path / "b.bvh").values) == 3
    with pytest.raises(SourceMissing, match=r"c\.bvh: no such file"):
        bvh_text.read(tmp_path / "c.bvh")
    with pytest.raises(MediaError, match="cannot be written"):
        bvh_text.write(parsed(BVH), tmp_path / "no" / "b.bvh")


def test_rows_over_several_blocks_keep_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.motion.rows._BLOCK_BYTES", 50)
    rows = "".join(f"{n} 0 0 0 0 0 0 0 0 0\n" for n in range(200))
    text = BVH.replace("Frames: 3", "Frames: 203") + rows
    assert parsed(text).values[-1, 0] == 199
    with pytest.raises(MediaError, match=r"a\.bvh:131: has 9 values"):
        parsed(text.replace("\n100 0 0", "\n100 0"))
