"""Paints the rug, the sofa, the armchair, the table and the sideboard."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pipeline.drawing.rooms.plan import Block, chair_side
from pipeline.drawing.rooms.scene import Scene
from pipeline.drawing.rooms.space import Span, disc, flat

_UP = (0.0, 1.0, 0.0)


def paint_rug(scene: Scene) -> None:
    """The rug, with its border."""
    rug = scene.plan.rug
    if rug is None:
        return
    outlines = []
    inset = 0.05 + 0.10 * scene.room.rug_border
    for step in (0.0, inset, inset + 0.06):
        if scene.room.rug_form == "round":
            outlines.append(disc(rug.middle, (rug.x[1] - rug.x[0]) / 2 - step))
        else:
            outlines.append(flat((rug.x[0] + step, rug.x[1] - step), (rug.z[0] + step, rug.z[1] - step)))
    scene.shadow(outlines[0], blur=0.05, strength=0.25)
    scene.face(outlines[0], _UP, scene.colours.rug)
    if scene.room.rug_border > 0:
        scene.face(outlines[1], _UP, scene.colours.rug_border)
        scene.face(outlines[2], _UP, scene.colours.rug)


def paint_shadows(scene: Scene) -> None:
    """Of all that stands, on the floor and on the wall behind the sofa."""
    plan, space = scene.plan, scene.space
    sofa = plan.sofa
    scene.shadow(space.panel("back", sofa.x, (0.0, sofa.y[1] + 0.02), 0.0), blur=0.08, strength=0.4)
    for block in (plan.sofa, plan.armchair, plan.sideboard, plan.table):
        if block is not None:
            light = 0.55 if block is plan.table else 0.85
            scene.shadow(flat(block.x, (block.z[0] - 0.06, block.z[1])), blur=0.08, strength=light)
    for spot in plan.plants:
        scene.shadow(disc((spot.x, spot.z), 0.17, spot.y), blur=0.06, strength=0.7 if spot.y == 0 else 0.0)
    if scene.room.lamp_kind == "floor" and plan.lamp:
        scene.shadow(disc((plan.lamp[0], plan.lamp[2]), 0.16), blur=0.05, strength=0.5)


def _legs(scene: Scene, block: Block, height: float, *, inset: float = 0.05, thick: float = 0.05) -> None:
    z = block.z[0] + inset
    for x in (block.x[0] + inset, block.x[1] - inset - thick):
        scene.post((x, x + thick), (0.0, height), (z, z + thick), colour=scene.colours.wood, gain=0.8)


def _seats(x: Span) -> list[Span]:
    """Cushions side by side: two, or three on a long sofa."""
    count = 3 if x[1] - x[0] > 1.55 else 2
    edges = np.linspace(x[0], x[1], count + 1).tolist()
    return [(left + 0.008, right - 0.008) for left, right in pairwise(edges)]


def paint_sofa(scene: Scene) -> None:
    """The sofa, from its back to its arms."""
    sofa, colour = scene.plan.sofa, scene.colours.sofa
    radius = 0.03 + 0.11 * scene.room.sofa_round
    arm = 0.17
    z0, z1 = sofa.z
    inner = sofa.x[0] + arm, sofa.x[1] - arm
    top = sofa.y[1]
    _legs(scene, sofa, 0.14)
    scene.box(
        (sofa.x[0] + 0.04, sofa.x[1] - 0.04),
        (0.13, top - 0.03),
        (z1 - 0.22, z1),
        colour=colour,
        radius=radius,
        gain=0.94,
    )
    for span in _seats(inner):
        scene.box(span, (0.40, top), (z1 - 0.40, z1 - 0.2), colour=colour, radius=radius)
    scene.shadow(flat(inner, (z1 - 0.5, z1 - 0.38), 0.46), blur=0.05, strength=0.5)
    scene.box(inner, (0.13, 0.32), (z0 + 0.05, z1 - 0.3), colour=colour, gain=0.9)
    for span in _seats(inner):
        scene.box(span, (0.31, 0.45), (z0 + 0.02, z1 - 0.36), colour=colour, radius=min(radius, 0.06), gain=1.03)
    for x in ((sofa.x[0], sofa.x[0] + arm), (sofa.x[1] - arm, sofa.x[1])):
        scene.box(x, (0.13, 0.60), (z0, z1 - 0.05), colour=colour, radius=radius)


def paint_armchair(scene: Scene) -> None:
    """An armchair that looks to the middle of the room."""
    chair = scene.plan.armchair
    if chair is None:
        return
    colour = scene.colours.accent
    radius = 0.04 + 0.07 * scene.room.sofa_round
    (x0, x1), (z0, z1) = chair.x, chair.z
    right = chair_side(scene.room) == "right"
    back = (x1 - 0.18, x1) if right else (x0, x0 + 0.18)
    seat = (x0, x1 - 0.12) if right else (x0 + 0.12, x1)
    _legs(scene, chair, 0.16, inset=0.07, thick=0.045)
    scene.box((x0 + 0.03, x1 - 0.03), (0.15, 0.56), (z1 - 0.14, z1), colour=colour, radius=radius, gain=0.93)
    scene.box(back, (0.15, chair.y[1]), (z0 + 0.03, z1 - 0.03), colour=colour, radius=radius, gain=0.97)
    scene.box(seat, (0.15, 0.43), (z0 + 0.1, z1 - 0.1), colour=colour, radius=0.05, gain=1.03)
    scene.box((x0 + 0.02, x1 - 0.02), (0.15, 0.56), (z0, z0 + 0.14), colour=colour, radius=radius)


def paint_table(scene: Scene) -> None:
    """The low table before the sofa."""
    table = scene.plan.table
    if table is None:
        return
    wood = scene.colours.wood
    top = table.y[1]
    if scene.room.table_form == "square":
        _legs(scene, table, top - 0.04, thick=0.045)
        scene.box(table.x, (top - 0.06, top), table.z, colour=wood, gain=1.04)
        return
    x, z = table.middle
    radius = (table.x[1] - table.x[0]) / 2
    scene.drum((x, z), (0.0, top - 0.04), 0.13, colour=wood, gain=0.75)
    scene.drum((x, z), (top - 0.06, top), radius, colour=wood)


def paint_sideboard(scene: Scene) -> None:
    """The sideboard along a side wall, with its doors."""
    board = scene.plan.sideboard
    if board is None:
        return
    wood = scene.colours.wood
    right = board.x[0] > 0
    inner = board.x[0] if right else board.x[1]
    foot = 0.16
    for z in (board.z[1] - 0.09, board.z[0] + 0.05):
        x = (inner, inner + 0.04) if right else (inner - 0.04, inner)
        scene.post(x, (0, foot), (z, z + 0.04), colour=wood, gain=0.75)
    scene.box(board.x, (foot, board.y[1]), board.z, colour=wood)
    normal = (-1.0, 0.0, 0.0) if right else (1.0, 0.0, 0.0)
    edges = np.linspace(board.z[0] + 0.04, board.z[1] - 0.04, 4).tolist()
    y0, y1 = foot + 0.05, board.y[1] - 0.05
    doors = []
    for near, far in pairwise(edges):
        z0, z1 = near + 0.015, far - 0.015
        doors.append((np.array([(inner, y1, z0), (inner, y1, z1), (inner, y0, z1), (inner, y0, z0)]), normal, 1.06))
    scene.faces(doors, wood)
