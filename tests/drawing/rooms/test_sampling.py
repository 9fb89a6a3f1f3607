"""What the lots promise: every value is in its range, every word is drawn, and all of it stands where it can."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from pipeline.drawing.attributes import categories, numbers
from pipeline.drawing.rooms import Room, sample, settled
from pipeline.drawing.rooms.plan import Block, Plan
from pipeline.errors import InputError


def test_every_attribute_has_a_range_or_a_list() -> None:
    assert set(numbers(Room)) | set(categories(Room)) == set(Room.__dataclass_fields__)


@pytest.mark.parametrize("name", numbers(Room))
def test_numbers_lie_in_their_range_and_vary(name: str, rooms: list[Room]) -> None:
    values = [getattr(room, name) for room in rooms]
    low, high = numbers(Room)[name]
    assert low <= min(values) < max(values) <= high
    # Floors are of wood, so their hues are near each other.
    assert max(values) - min(values) > (0.1 if name == "floor_hue" else 0.6) * (high - low)


@pytest.mark.parametrize("name", categories(Room))
def test_every_word_is_drawn_often(name: str, rooms: list[Room]) -> None:
    drawn = Counter(getattr(room, name) for room in rooms)
    assert set(drawn) == set(categories(Room)[name])
    assert min(drawn.values()) > 0.08 * len(rooms)


def test_a_seed_is_one_room() -> None:
    assert sample(11) == sample(11)
    assert sample(11) != sample(12)


def test_a_number_out_of_range_is_said_in_a_sentence() -> None:
    with pytest.raises(InputError, match=r"^room: view is 3, but lies between -1 and 1$"):
        replace(sample(0), view=3)


def test_an_unknown_word_is_said_in_a_sentence() -> None:
    with pytest.raises(InputError, match=r"^room: lamp_kind is 'desk', but is one of none, floor, pendant$"):
        replace(sample(0), lamp_kind="desk")  # type: ignore[arg-type]


def _blocks(plan: Plan) -> list[Block]:
    return [block for block in (plan.sofa, plan.table, plan.armchair, plan.sideboard) if block is not None]


def test_furniture_stands_within_the_walls(rooms: list[Room]) -> None:
    for plan in map(Plan.of, rooms):
        for block in _blocks(plan):
            assert -plan.space.side <= block.x[0] < block.x[1] <= plan.space.side
            assert block.z[1] < plan.space.back


def test_no_two_pieces_stand_in_one_place(rooms: list[Room]) -> None:
    for plan in map(Plan.of, rooms):
        for one, other in combinations(_blocks(plan), 2):
            beside = one.x[1] <= other.x[0] or other.x[1] <= one.x[0]
            behind = one.z[1] <= other.z[0] or other.z[1] <= one.z[0]
            assert beside or behind


def test_what_hangs_hangs_on_its_wall(rooms: list[Room]) -> None:
    for plan in map(Plan.of, rooms):
        for hung in (plan.window, *plan.art):
            assert 0 < hung.up[0] < hung.up[1] < plan.space.height
            if hung.wall == "back":
                assert -plan.space.side < hung.along[0] < hung.along[1] < plan.space.side
            else:
                assert hung.along[1] < plan.space.back


def test_art_hangs_above_the_sofa(rooms: list[Room]) -> None:
    for plan in map(Plan.of, rooms):
        assert all(hung.up[0] > plan.sofa.y[1] for hung in plan.art if hung.wall == "back")


def test_settled_rooms_are_seen_from_one_place_and_differ_in_the_rest(rooms: list[Room]) -> None:
    same = {"view", "eye", "distance", "breadth", "window_wall", "sofa_place", "table_form", "plant_kind", "lamp_side"}
    calm = [settled(room) for room in rooms]
    assert {name for name in same if len({getattr(room, name) for room in calm}) > 1} == set()
    for name in ("window", "ceiling", "sofa", "wall_hue", "daylight", "plants", "lamp", "clutter", "rug", "armchair"):
        assert len({getattr(room, name) for room in calm}) > len(rooms) / 6, name
