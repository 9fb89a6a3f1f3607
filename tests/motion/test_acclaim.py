"""CMU's skeletons and motions, in their units and axes, and what is wrong with damaged ones."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import AtelierError, MediaError
from pipeline.motion import amc, asf
from pipeline.motion.clip import Clip, posed
from tests.motion.making import AMC, ASF, damaged, far

UNIT = 0.0254 / 0.45


def skeleton(text: str = ASF) -> asf.Acclaim:
    return asf.parse(text.encode(), "a.asf")


def motion(text: str = AMC, of: str = ASF) -> Clip:
    return amc.parse(text.encode(), skeleton(of), "a.amc")


def test_lengths_are_inches_over_the_files_unit() -> None:
    made = skeleton().skeleton
    assert made.names == ("root", "leg", "foot")
    assert made.offsets_m[2] == pytest.approx([0, -9 * UNIT, 0])
    assert made.tips == ((2, pytest.approx((0, 0, 4.5 * UNIT))),)
    assert asf.parse(ASF.encode(), "a.asf", unit_m=0.01).skeleton.offsets_m[2, 1] == pytest.approx(-0.2)


def test_bones_turn_about_axes_of_their_own() -> None:
    pose = posed(motion())
    assert pose.positions[0, 2] == pytest.approx([0, 9 * UNIT, 0])
    # C · M · C⁻¹, C being 20 degrees about z and M 90 about x, brings (0, -1, 0) to what follows.
    sine, cosine = np.sin(np.radians(20)), np.cos(np.radians(20))
    turned = np.array([-sine * cosine, -sine * sine, -cosine])
    heading = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    assert pose.positions[1, 2] == pytest.approx(UNIT * (np.array([0, 18, 9]) + 9 * heading @ turned))


def test_root_turns_first_about_what_its_order_names_first() -> None:
    order = "TX TY TZ RX RY RZ"
    text = AMC.replace("root 0 18 9 0 90 0", "root 0 18 9 90 90 0")
    direction = posed(motion(text)).turns[1, 0] @ [0, 0, 1]
    assert direction == pytest.approx([0, -1, 0])
    other = posed(
        motion(
            AMC.replace("root 0 18 9 0 90 0", "root 90 90 0 9 0 18").replace("root 0 18 0 0 0 0", "root 0 0 0 0 0 18"),
            ASF.replace(order, "RY RX RZ TZ TX TY"),
        )
    )
    assert other.turns[1, 0] @ [0, 0, 1] == pytest.approx([1, 0, 0])
    assert other.positions[0, 0] == pytest.approx([0, 18 * UNIT, 0])


def test_radians_are_read_where_a_file_says_so() -> None:
    text = AMC.replace(" 90 ", f" {np.pi / 2} ")
    assert far(posed(motion(text.replace(":DEGREES", ":RADIANS"))).positions, posed(motion()).positions) < 1e-6
    of = ASF.replace("angle deg", "angle rad").replace("0 0 20", f"0 0 {np.radians(20)}")
    assert far(posed(motion(text.replace(":DEGREES\n", ""), of)).positions, posed(motion()).positions) < 1e-6


def test_rate_is_cmus_unless_it_is_said() -> None:
    assert motion().rate == 120
    assert amc.parse(AMC.encode(), skeleton(), "a.amc", rate=Fraction(60)).rate == 60


def test_frames_may_name_their_bones_in_any_order() -> None:
    swapped = AMC.replace("root 0 18 9 0 90 0\nleg 90 0", "leg 90 0\nroot 0 18 9 0 90 0")
    assert far(posed(motion(swapped)).positions, posed(motion()).positions) < 1e-6
    assert far(posed(motion(AMC.replace("\n", "\r\n"))).positions, posed(motion()).positions) < 1e-6


DAMAGE = [
    ("", ":root\n", ":ruth\n", "a.asf: has no section :root, so it is no whole ASF file"),
    ("", ":hierarchy", "", "a.asf: has no section :hierarchy"),
    ("", "  begin\n    id 1", "    id 1", "a.asf:14: 'id' stands outside of begin and end"),
    ("", "length 0.45", "length zero", "a.asf:6: length is followed by one number, here by 'zero'"),
    ("", "length 0.45", "length 0", "a.asf:6: a unit of length 0 is none"),
    ("", "angle deg", "angle gon", "a.asf:7: angle is 'gon'; write deg or rad"),
    ("", "TX TY TZ RX RY RZ", "TX TY TZ RX RY RY", "a.asf:9: the root's order is TX TY TZ RX RY RZ"),
    ("", "axis XYZ", "axis XYX", "a.asf:10: 'XYX' is no order of axes"),
    ("", "direction 0 -1 0", "direction 0 -1", "a.asf:17: direction is followed by 3 numbers"),
    ("", "direction 0 -1 0", "direction 0 nan 0", "a.asf:17: direction is followed by 3 numbers"),
    ("", "dof rx rz", "dof rx l", "a.asf:20: leg moves by 'l'"),
    ("", "dof rx rz", "dof rx rx", "a.asf:20: leg names a way to turn twice"),
    ("", "length 4.5", "", "a.asf:30: the bone 'foot' ends without a name of its own or a length"),
    ("", "name foot", "name leg", "a.asf:30: the bone 'leg' ends without a name of its own"),
    ("", "leg foot", "leg food", "a.asf:34: 'food' is no bone of :bonedata"),
    ("", "leg foot", "knee foot", "a.asf:34: 'knee' has no place yet"),
    ("", "leg foot", "leg leg", "a.asf:34: leg hangs on two bones"),
    ("", "    leg foot\n", "", "a.asf:34: the bone foot hangs on nothing"),
    ("amc", "leg 90 0", "leg 90", "a.amc:9: leg has 1 numbers where its skeleton says rx rz"),
    ("amc", "leg 90 0", "leg 90 nan", "a.amc:9: leg has a number that is no place or angle"),
    ("amc", "leg 90 0", "leg 90 x", "a.amc:9: leg has '90 x', which are no numbers"),
    ("amc", "leg 90 0", "log 90 0", "a.amc:9: 'log' is no bone that moves in its skeleton"),
    ("amc", "leg 90 0\n", "", "a.amc:9: the frame before has no leg; the file is cut off"),
    ("amc", "leg 0 0", "leg 0 0\nleg 0 0", "a.amc:7: frame 1 has leg twice"),
    ("amc", "\n2\n", "\n3\n", "a.amc:7: frame 3 follows frame 1"),
    ("amc", "\n1\n", "\n", "a.amc:4: 'root 0 18 0 0 0 0' stands where the first frame's number belongs"),
    ("amc", AMC[AMC.index("1\n") :], "", "a.amc: has no frames"),
]


@pytest.mark.parametrize(("file", "before", "after", "said"), DAMAGE, ids=[said[2:50] for *_, said in DAMAGE])
def test_damage_is_told_with_its_line(file: str, before: str, after: str, said: str) -> None:
    whole = AMC if file else ASF
    assert before in whole
    text = whole.replace(before, after, 1)
    with pytest.raises(MediaError, match="^" + re.escape(said)):
        motion(text) if file else skeleton(text)


def test_damaged_bytes_are_read_or_refused_by_a_sentence() -> None:
    read, said = 0, []
    for number in range(300):
        try:
            made = asf.parse(damaged(ASF.encode(), number), "a.asf")
            clip = amc.parse(damaged(AMC.encode(), number), made, "a.amc")
        except AtelierError as error:
            said.append(str(error))
        else:
            read += 1
            assert np.isfinite(posed(clip).positions).all()
    assert read > 10
    assert all(sentence.startswith(("a.asf", "a.amc")) for sentence in said)
