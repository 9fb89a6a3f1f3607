"""How layers move."""

from itertools import pairwise

import pytest
from pydantic import TypeAdapter

from pipeline.errors import InputError
from pipeline.poster.easing import EASES, eased
from pipeline.poster.motion import Keyframe, Timeline, keyed
from pipeline.poster.presets import Preset
from pipeline.poster.states import REST, State, mirrored, state_at

LOOP, ONCE = Timeline(6.0, True), Timeline(6.0, False)

PRESETS = [
    {"preset": "fade", "at": 0.5},
    {"preset": "rise", "each": "line"},
    {"preset": "slide", "side": "top"},
    {"preset": "grow", "ease": "out-back"},
    {"preset": "reveal", "side": "right"},
    {"preset": "type-on", "at": 1},
    {"preset": "ken-burns", "toward": [0.2, 0.9]},
    {"preset": "parallax", "depth": 3, "angle": 40},
    {"preset": "pulse", "times": 2},
    {"preset": "pulse", "phase": 0.25},
    {"preset": "parallax", "phase": 0.4},
    {"preset": "sway", "by": 5, "times": 2},
]


def state(preset: dict[str, object], timeline: Timeline, at: float, part: int = 0) -> State:
    made: Preset = TypeAdapter(Preset).validate_python(preset)
    return state_at(tuple(made.tracks(timeline, part)), at)


def values(one: State) -> list[float]:
    return [getattr(one, name) for name in State.__dataclass_fields__]


@pytest.mark.parametrize("ease", EASES)
def test_eases_begin_at_0_and_end_at_1_without_a_jump(ease: str) -> None:
    course = [eased(at / 1000, ease) for at in range(1001)]  # type: ignore[arg-type]
    assert (course[0], course[-1]) == (0, 1)
    if ease != "hold":
        assert max(abs(b - a) for a, b in pairwise(course)) < 0.02


def test_out_back_goes_too_far_and_bounces_stay_within() -> None:
    assert max(eased(at / 100, "out-back") for at in range(101)) == pytest.approx(1.1, abs=0.01)
    assert max(eased(at / 100, "out-bounce") for at in range(101)) <= 1


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset["preset"])
def test_a_loop_ends_as_it_begins(preset: dict[str, object]) -> None:
    assert values(state(preset, LOOP, 6.0)) == pytest.approx(values(state(preset, LOOP, 0.0)), abs=1e-9)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset["preset"])
def test_nothing_jumps(preset: dict[str, object]) -> None:
    states = [values(state(preset, LOOP, at / 60)) for at in range(361)]
    steps = [max(abs(b - a) for a, b in zip(one, two, strict=True)) for one, two in pairwise(states)]
    assert 0 < max(steps) < 12


@pytest.mark.parametrize("preset", PRESETS[:6], ids=lambda preset: preset["preset"])
def test_what_has_come_in_stands_at_rest(preset: dict[str, object]) -> None:
    assert state(preset, LOOP, 3.0) == REST
    assert state(preset, LOOP, 0.0) != REST


@pytest.mark.parametrize("preset", PRESETS[:6], ids=lambda preset: preset["preset"])
def test_what_does_not_loop_stays(preset: dict[str, object]) -> None:
    assert state(preset, ONCE, 6.0) == REST


def test_lines_come_one_after_the_other() -> None:
    rise = {"preset": "rise", "each": "line", "at": 1, "over": 1, "stagger": 0.5}
    assert state(rise, ONCE, 1.4).y < 5
    assert state(rise, ONCE, 1.4, part=1).y == 5
    assert state(rise, ONCE, 1.9, part=1).y < 5


def test_a_closer_picture_comes_back_in_a_loop_only() -> None:
    zoom = {"preset": "ken-burns", "zoom": 1.2}
    assert state(zoom, LOOP, 3.0).zoom == pytest.approx(1.2)
    assert state(zoom, ONCE, 6.0).zoom == pytest.approx(1.2)


@pytest.mark.parametrize("timeline", [LOOP, ONCE])
def test_an_animation_that_is_too_short_is_said(timeline: Timeline) -> None:
    with pytest.raises(InputError, match=r"the animation has 6 s; make it longer"):
        state({"preset": "fade", "at": 5.5, "over": 1}, timeline, 0)


@pytest.mark.parametrize(("time", "expected"), [(1.5, 1.5), ("25%", 1.5), (-1, 5), ("-25%", 4.5), ("-0", 6)])
def test_times_are_seconds_or_parts_from_either_end(time: float | str, expected: float) -> None:
    assert LOOP.seconds(time) == expected


@pytest.mark.parametrize("time", [7, -6.5, "120%"])
def test_times_beyond_the_end_are_refused(time: float | str) -> None:
    with pytest.raises(InputError, match="is not within the animation's 6 s"):
        LOOP.seconds(time)


def keyframes(*keys: dict[str, object]) -> list[Keyframe]:
    return [Keyframe.model_validate(key) for key in keys]


def test_keyframes_lead_from_one_to_the_next() -> None:
    keys = keyframes({"at": 0, "x": 0}, {"at": 2, "x": 10, "ease": "linear"}, {"at": "100%", "x": 0})
    tracks = tuple(keyed(keys, LOOP))
    assert [state_at(tracks, at).x for at in (0, 1, 2, 6)] == [0, 5, 10, 0]


def test_a_property_that_a_keyframe_leaves_out_goes_on() -> None:
    keys = keyframes({"at": 0, "x": 0, "opacity": 0.5}, {"at": 2, "opacity": 1}, {"at": 4, "x": 8, "ease": "linear"})
    assert state_at(tuple(keyed(keys, ONCE)), 2).x == 4


def test_movements_add_up_and_opacities_multiply() -> None:
    tracks = (("x", lambda at: 2.0), ("x", lambda at: 3.0), ("opacity", lambda at: 0.5), ("opacity", lambda at: 0.5))
    found = state_at(tracks, 0, State(opacity=0.8, rotate=10))
    assert (found.x, found.opacity, found.rotate) == (5, pytest.approx(0.2), 10)


def test_keyframes_that_jump_in_a_loop_are_refused() -> None:
    keys = keyframes({"at": 0, "scale": 1}, {"at": 6, "scale": 2})
    with pytest.raises(InputError, match="scale begins as 1 and ends as 2, which jumps in a loop"):
        list(keyed(keys, LOOP))
    assert dict(keyed(keys, ONCE))["scale"](6) == 2


def test_whole_turns_are_no_jump() -> None:
    keys = keyframes({"at": 0, "rotate": 0}, {"at": 6, "rotate": -720, "ease": "linear"})
    assert dict(keyed(keys, LOOP))["rotate"](1.5) == -180
    with pytest.raises(InputError, match="jumps in a loop"):
        list(keyed(keyframes({"at": 0, "rotate": 0}, {"at": 6, "rotate": 90}), LOOP))


def test_what_spins_makes_whole_turns() -> None:
    spin = {"preset": "spin", "turns": -2}
    assert [state(spin, LOOP, at).rotate for at in (0, 1.5, 6)] == [0, -180, -720]


def test_mirrored_movements_come_from_the_other_side() -> None:
    slide, reveal, spin = ({"preset": name} for name in ("slide", "reveal", "spin"))
    for preset in (slide, reveal, spin):
        made: Preset = TypeAdapter(Preset).validate_python(preset)
        one, other = (state_at(way, 0.3) for way in (tuple(made.tracks(LOOP, 0)), mirrored(made.tracks(LOOP, 0))))
        assert (other.x, other.rotate) == (-one.x, -one.rotate)
        assert (other.reveal_right, other.reveal_left) == (one.reveal_left, one.reveal_right)


def test_keyframes_out_of_order_are_refused() -> None:
    with pytest.raises(InputError, match="not in the order of their times"):
        list(keyed(keyframes({"at": 2, "x": 1}, {"at": 1, "x": 2}), ONCE))
