"""Look-up tables: as exact as arithmetic of one colour at a time, and refused with the line that is wrong."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from pipeline.errors import MediaError
from pipeline.retouch.cube import Cube, read_cube
from pipeline.retouch.lut import looked_up

SIZE = 5


def text_of(table: np.ndarray, head: str = "") -> bytes:
    """A table, by blue, green and red, as a .cube file."""
    rows = "".join(f"{red:.9g} {green:.9g} {blue:.9g}\n" for red, green, blue in table.reshape(-1, 3))
    return f'TITLE "a # b"\n# a comment\nLUT_3D_SIZE {len(table)}\n{head}{rows}'.encode()


def directly(cube: Cube, colour: np.ndarray) -> np.ndarray:
    """One colour by the six tetrahedra written out, in float64. Source: Kasson et al., 1995, table 1."""
    low, high = np.array(cube.lowest), np.array(cube.highest)
    size = len(cube.table)
    at = np.clip((colour - low) / (high - low), 0, 1) * (size - 1)
    r, g, b = np.minimum(at.astype(int), size - 2)
    x, y, z = at - [r, g, b]

    def corner(dr: int, dg: int, db: int) -> np.ndarray:
        return cube.table[b + db, g + dg, r + dr].astype(np.float64)

    first, last = corner(0, 0, 0), corner(1, 1, 1)
    if x >= y >= z:
        return (1 - x) * first + (x - y) * corner(1, 0, 0) + (y - z) * corner(1, 1, 0) + z * last
    if x >= z >= y:
        return (1 - x) * first + (x - z) * corner(1, 0, 0) + (z - y) * corner(1, 0, 1) + y * last
    if z >= x >= y:
        return (1 - z) * first + (z - x) * corner(0, 0, 1) + (x - y) * corner(1, 0, 1) + y * last
    if z >= y >= x:
        return (1 - z) * first + (z - y) * corner(0, 0, 1) + (y - x) * corner(0, 1, 1) + x * last
    if y >= z >= x:
        return (1 - y) * first + (y - z) * corner(0, 1, 0) + (z - x) * corner(0, 1, 1) + x * last
    return (1 - y) * first + (y - x) * corner(0, 1, 0) + (x - z) * corner(1, 1, 0) + z * last


@pytest.fixture(scope="module")
def cube() -> Cube:
    """A table of any colours."""
    table = np.random.default_rng(1).random((SIZE, SIZE, SIZE, 3)).astype(np.float32)
    return read_cube(text_of(table, "DOMAIN_MIN -0.1 0 0\nDOMAIN_MAX 1.2 1 0.9\n"), where="any.cube")


def test_colours_are_those_of_a_direct_evaluation_to_the_sixteenth_bit(cube: Cube) -> None:
    chance = np.random.default_rng(2)
    colours = np.concatenate([chance.random((1500, 3)), chance.integers(0, 5, (200, 3)) / 4, np.full((9, 3), 0.31)])
    made = looked_up(cube, colours.astype(np.float32)[None])[0]
    wanted = np.array([directly(cube, colour) for colour in colours.astype(np.float32).astype(np.float64)])
    assert np.abs(made - wanted).max() < 0.25 / 65_535 * 4
    assert (np.rint(made * 65_535) != np.rint(wanted * 65_535)).mean() < 0.02


def test_the_tables_own_points_are_met_exactly() -> None:
    table = np.random.default_rng(3).random((SIZE, SIZE, SIZE, 3)).astype(np.float32)
    points = np.array(list(product(np.linspace(0, 1, SIZE), repeat=3)), np.float32)[:, ::-1]
    made = looked_up(read_cube(text_of(table), where="any.cube"), points[None])[0]
    assert np.array_equal(made, table.reshape(-1, 3))


def test_colours_beyond_the_table_are_those_at_its_edge(cube: Cube) -> None:
    made = looked_up(cube, np.array([[[-3, -3, -3], [9, 9, 9]]], np.float32))[0]
    assert np.array_equal(made, [cube.table[0, 0, 0], cube.table[-1, -1, -1]])


def test_resolves_input_range_is_a_domain() -> None:
    data = text_of(np.zeros((2, 2, 2, 3)), "LUT_3D_INPUT_RANGE 0.1 0.8\n")
    assert read_cube(data, where="r.cube").highest == (0.8, 0.8, 0.8)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("LUT_3D_SIZE 2\n0 0 0\n0 nan 0\n", "x.cube: line 3: 'nan' is no number that a colour can have"),
        ("LUT_3D_SIZE 2\nnan 0 0\n", "x.cube: line 2: 'nan' is no number that a colour can have"),
        ("LUT_3D_SIZE 2\n0 inf 0\n", "x.cube: line 2: 'inf' is no number"),
        ("LUT_3D_SIZE 2\n0 0\n", "x.cube: line 2: '0 0' are 2 numbers, not 3"),
        ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 7, "x.cube: ends at line 8 after 7 colours; LUT_3D_SIZE 2 has 8"),
        ("LUT_3D_SIZE 2\n" + "0 0 0\n" * 9, "x.cube: line 10: there are more colours than the 8 of LUT_3D_SIZE 2"),
        ("LUT_3D_SIZE 300\n", "x.cube: line 1: LUT_3D_SIZE '300' is no size; it is 2 to 256"),
        ("0 0 0\n", "x.cube: line 1: colours begin before LUT_3D_SIZE is said"),
        ("LUT_1D_SIZE 4\n", "x.cube: line 1: it is a 1-D table"),
        ("LUT_3D_SISE 4\n", "x.cube: line 1: unknown word 'LUT_3D_SISE'; did you mean LUT_3D_SIZE?"),
        ("", "x.cube: says no LUT_3D_SIZE"),
        ("LUT_3D_SIZE 2\nDOMAIN_MIN 1 1 1\n" + "0 0 0\n" * 8, "x.cube: DOMAIN_MIN is not below DOMAIN_MAX"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(MediaError) as raised:
        read_cube(text.encode(), where="x.cube")
    assert str(raised.value).startswith(said)


def test_a_picture_is_no_table() -> None:
    with pytest.raises(MediaError, match="is no text"):
        read_cube(b"\x89PNG\xff\xfe", where="x.cube")
