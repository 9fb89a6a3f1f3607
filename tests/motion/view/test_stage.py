"""A stage draws each frame from its number alone, in every look, and says what it cannot draw."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pipeline.errors import InputError
from pipeline.motion.clip import at_rest
from pipeline.motion.editing import cut
from pipeline.motion.skeleton import Skeleton
from pipeline.motion.view.cameras import Camera, Fixed, Follow, Orbit
from pipeline.motion.view.figures import Figure
from pipeline.motion.view.looks import Gradient, Look, Trails, Transparent
from pipeline.motion.view.palettes import PALETTES, palette_of, tints
from pipeline.motion.view.stage import Stage
from pipeline.motion.view.studios import STUDIOS
from tests.motion.making import walk

WALK = walk(2.0)
RATE = Fraction(30)
MANY = Look(trails=Trails(kind="ribbons", of=("hands", "feet", "blade"), seconds=0.5))


PLAIN, FOLLOW = Look(), Follow()


def stage(
    look: Look = PLAIN,
    camera: Camera = FOLLOW,
    *figures: Figure,
    size: tuple[int, int] = (160, 120),
    rate: Fraction = RATE,
) -> Stage:
    width, height = size
    return Stage(figures or [Figure(clip=WALK)], look, camera, width=width, height=height, rate=rate)


def two() -> tuple[Figure, Figure]:
    return Figure(clip=WALK, prop="sword"), Figure(clip=WALK, palette=PALETTES["ember"])


def test_a_frame_is_the_same_whatever_was_drawn_before() -> None:
    forwards, backwards = stage(MANY, Orbit(), *two()), stage(MANY, Orbit(), *two())
    drawn = [forwards.draw(frame) for frame in (0, 20, 40)]
    again = [backwards.draw(frame) for frame in (40, 20, 0)]
    for one, other in zip(drawn, reversed(again), strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(drawn[0], drawn[1])


def test_a_frame_is_the_same_in_another_process() -> None:
    done = subprocess.run([sys.executable, "-c", _ELSEWHERE], capture_output=True, text=True, check=True)
    ours = Stage([Figure(clip=WALK, prop="sword")], MANY, Orbit(), width=160, height=120, rate=RATE).draw(20)
    assert done.stdout.strip() == hashlib.sha256(ours.tobytes()).hexdigest()


_ELSEWHERE = """
import hashlib
from fractions import Fraction
from pipeline.motion.view.cameras import Orbit
from pipeline.motion.view.figures import Figure
from pipeline.motion.view.looks import Look, Trails
from pipeline.motion.view.stage import Stage
from tests.motion.making import walk
look = Look(trails=Trails(kind="ribbons", of=("hands", "feet", "blade"), seconds=0.5))
made = Stage([Figure(clip=walk(2.0), prop="sword")], look, Orbit(), width=160, height=120, rate=Fraction(30))
print(hashlib.sha256(made.draw(20).tobytes()).hexdigest())
"""


@pytest.mark.parametrize("studio", STUDIOS)
def test_a_figure_stands_out_in_every_studio(studio: str) -> None:
    made = stage(Look(studio=studio))  # type: ignore[arg-type]
    picture = made.draw(10)
    assert (picture.shape, picture.dtype) == ((120, 160, 3), np.uint8)
    empty = stage(Look(studio=studio, grid=False, shadow=0), Follow(zoom=0.1)).draw(10)  # type: ignore[arg-type]
    changed = np.abs(picture.astype(int) - empty).max(axis=2) > 24
    assert 0.02 < changed.mean() < 0.3


def test_alpha_is_straight_and_sums_to_what_is_laid_over_a_colour() -> None:
    look = Look(background=Transparent(), trails=Trails(count=3, seconds=0.6))
    picture = stage(look).draw(30)
    assert (picture.shape, picture.dtype) == ((120, 160, 4), np.uint8)
    alpha = picture[..., 3:] / 255
    assert 0.03 < (alpha == 1).mean() < 0.2
    assert ((alpha > 0) & (alpha < 1)).mean() > 0.02
    for colour in ((200, 200, 200), (20, 90, 160)):
        laid = stage(replace(look, background=colour)).draw(30).astype(float)
        over = picture[..., :3] * alpha + np.array(colour) * (1 - alpha)
        assert np.abs(over - laid).max() <= 4
    # Edges are not darkened by a black that is not there: a figure without shadow has its own colours there.
    bare = stage(Look(background=Transparent(), shadow=0), Follow(), Figure(clip=WALK, palette=tints((250, 60, 60))))
    edge = bare.draw(30)
    partly = edge[(edge[..., 3] > 20) & (edge[..., 3] < 200)]
    whole = edge[edge[..., 3] == 255]
    assert partly[:, 0].mean() > 0.6 * whole[:, 0].mean()


def test_shadows_are_black_with_alpha_and_can_be_left_out() -> None:
    with_shadow = stage(Look(background=Transparent())).draw(0)
    without = stage(Look(background=Transparent(), shadow=0)).draw(0)
    only = (with_shadow[..., 3] > 0) & (without[..., 3] == 0)
    assert only.mean() > 0.02
    assert with_shadow[only][:, :3].max() == 0
    is_whole = without[..., 3] == 255
    assert np.abs(with_shadow[is_whole].astype(int) - without[is_whole]).max() <= 1


def test_figures_stand_side_by_side_or_where_they_are_told() -> None:
    row = [Figure(clip=WALK, palette=PALETTES[name]) for name in ("ember", "cobalt", "moss")]
    placed = [actor.pose.positions[0, 0] for actor in stage(Look(), Fixed(), *row)._actors]
    gaps = np.diff(np.array(placed)[:, [0, 2]], axis=0)
    assert np.linalg.norm(gaps, axis=1) == pytest.approx([1.3, 1.3])
    told = Figure(clip=WALK, place=(3.0, -2.0), facing_deg=90)
    pose = stage(Look(), Fixed(), told)._actors[0].pose
    assert pose.positions[0, 0, [0, 2]] == pytest.approx([3, -2])
    left_hip, right_hip = pose.positions[0, 1], pose.positions[0, 5]
    # Who faces x has their left at -z.
    assert (left_hip - right_hip)[2] < -0.15


def test_a_figure_before_another_hides_it() -> None:
    red, blue = tints((255, 0, 0)), tints((0, 0, 255))
    front = Figure(clip=cut(WALK, 0, 1), palette=red, place=(0, 1.0), facing_deg=0)
    back = Figure(clip=cut(WALK, 0, 1), palette=blue, place=(0, -1.0), facing_deg=0)
    for order in ((front, back), (back, front)):
        picture = stage(Look(), Fixed(side_deg=0, height_deg=0), *order, size=(200, 200)).draw(0).astype(int)
        is_red, is_blue = (picture[..., 0] - picture[..., 2] > 60), (picture[..., 2] - picture[..., 0] > 60)
        assert is_red.sum() > 3 * is_blue.sum() > 0


def test_ghosts_and_ribbons_are_of_the_past() -> None:
    plain = stage(Look(grid=False, shadow=0)).draw(40)
    for trails in (Trails(), Trails(kind="ribbons", of=("feet",))):
        made = stage(Look(grid=False, shadow=0, trails=trails))
        assert (made.draw(40) != plain).mean() > 0.005
        assert np.array_equal(made.draw(0), stage(Look(grid=False, shadow=0)).draw(0))


def test_backgrounds_are_pictures_colours_or_gradients() -> None:
    flat = Look(background=(10, 200, 30), shadow=0)
    assert stage(flat).draw(0)[0, 0].tolist() == [10, 200, 30]
    gradient = stage(Look(background=Gradient((0, 0, 0), (240, 240, 240)), shadow=0)).draw(0)
    assert gradient[0].max() < 10 < 230 < gradient[-1, 0].min()
    film = stage(Look(background=lambda frame: np.full((120, 160, 3), frame, np.uint8)))
    assert film.draw(7)[0, 0].tolist() == [7, 7, 7]
    wrong = stage(Look(background=lambda frame: np.zeros((12, 16, 3), np.uint8)))
    with pytest.raises(InputError, match=r"background of frame 3 is 16x12 uint8; give 160x120"):
        wrong.draw(3)


def test_a_film_has_its_own_rate_and_figures_stand_still_at_the_end() -> None:
    assert stage(rate=Fraction(60)).frames == 2 * WALK.frames - 1
    short = Figure(clip=cut(WALK, 0, 10))
    made = stage(Look(), Follow(), short, Figure(clip=WALK))
    assert made.frames == WALK.frames
    assert np.array_equal(made.draw(WALK.frames - 1), made.draw(WALK.frames + 50))


def test_one_frame_and_extreme_sizes() -> None:
    one = Figure(clip=cut(WALK, 5, 6), prop="sword")
    for size in ((16, 16), (64, 64), (2000, 16), (16, 900)):
        picture = stage(MANY, Follow(), one, size=size).draw(0)
        assert picture.shape == (size[1], size[0], 3)
    for zoom, height in ((10.0, 0.0), (0.1, 80.0)):
        assert stage(Look(), Follow(zoom=zoom, height_deg=height), one).draw(0).any()


@pytest.mark.parametrize("size", [(8, 64), (64, 15), (8193, 64)])
def test_sizes_that_are_not_drawn_are_told(size: tuple[int, int]) -> None:
    with pytest.raises(InputError, match=f"{size[0]}x{size[1]} is not drawn; choose sides of 16 to 8192"):
        stage(size=size)


def test_what_cannot_be_on_a_stage_is_told() -> None:
    with pytest.raises(InputError, match="the stage is empty"):
        Stage([], Look(), Follow(), width=64, height=64, rate=RATE)
    other = Figure(clip=at_rest(Skeleton(("a",), (-1,), ((0.0, 0.0, 0.0),))))
    with pytest.raises(InputError, match="figure 2 has a skeleton of its own; retarget"):
        stage(Look(), Follow(), Figure(clip=WALK), other)
    broken = WALK.roots.copy()
    broken[3, 1] = np.nan
    with pytest.raises(InputError, match="figure 1 has frames that are not finite"):
        stage(Look(), Follow(), Figure(clip=replace(WALK, roots=broken)))
    with pytest.raises(InputError, match="0 frames a second"):
        stage(rate=Fraction(0))
    with pytest.raises(InputError, match="no frame -1"):
        stage().draw(-1)


@pytest.mark.parametrize(
    ("look", "what"),
    [
        (Look(shadow=1.5), "shadow of 1.5"),
        (Look(trails=Trails(seconds=0)), "trails of 0 seconds"),
        (Look(trails=Trails(count=13)), "13 ghosts"),
    ],
)
def test_looks_out_of_range_are_told(look: Look, what: str) -> None:
    with pytest.raises(InputError, match=what):
        stage(look)


def test_palettes_are_named_or_made_of_a_colour() -> None:
    assert palette_of(" Ember ") == PALETTES["ember"]
    made = palette_of("#3366cc")
    assert made.limbs == (0x33, 0x66, 0xCC)
    assert len({made.limbs, made.trunk, made.joints, made.head, made.ends}) == 5
    assert max(palette_of("#ffffff").joints) < 120 < min(palette_of("#101010").joints)
    with pytest.raises(InputError, match="'embre' is no palette; did you mean 'ember'"):
        palette_of("embre")
    with pytest.raises(InputError, match="or a colour as #C8442B"):
        palette_of("#12345")
