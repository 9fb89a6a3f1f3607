"""Where everything stands, in metres: a room's attributes as boxes and rectangles that fit into it. No colours."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.drawing.rooms.attributes import Room, Side, Wall
from pipeline.drawing.rooms.space import Space, Span

_MIDDLE = 0.74
"""How far to each side the table may reach, so that there is room beside it: metres."""


@dataclass(frozen=True)
class Block:
    """A box that stands on the floor or on something."""

    x: Span
    y: Span
    z: Span

    @property
    def middle(self) -> tuple[float, float]:
        """Its (x, z)."""
        return (self.x[0] + self.x[1]) / 2, (self.z[0] + self.z[1]) / 2


@dataclass(frozen=True)
class Hung:
    """A rectangle on a wall."""

    wall: Wall
    along: Span
    up: Span


@dataclass(frozen=True)
class Spot:
    """Where something round stands: the middle of its foot."""

    x: float
    y: float
    z: float
    size: float
    """In (0, 1]."""


@dataclass(frozen=True)
class Plan:
    """Where everything stands. What is None is not there."""

    space: Space
    window: Hung
    sofa: Block
    rug: Block | None
    table: Block | None
    armchair: Block | None
    sideboard: Block | None
    lamp: tuple[float, float, float] | None
    """Its bulb."""
    art: tuple[Hung, ...]
    plants: tuple[Spot, ...]

    @classmethod
    def of(cls, room: Room) -> Plan:
        """The plan of a room."""
        space = Space.of(room)
        window = _window(room, space)
        sofa = _sofa(room, space)
        chair = _armchair(room, space)
        sideboard = _sideboard(room, space)
        return cls(
            space=space,
            window=window,
            sofa=sofa,
            rug=_rug(room, space, sofa),
            table=_table(room, sofa, chair),
            armchair=chair,
            sideboard=sideboard,
            lamp=_lamp(room, space, sofa),
            art=_art(room, space, sofa),
            plants=_plants(room, space, sofa, sideboard),
        )


def chair_side(room: Room) -> Side:
    """Across from the sideboard, if there is one."""
    if room.window_wall != "back" and room.sideboard > 0:
        return room.window_wall
    return room.armchair_side


def sideboard_side(room: Room) -> Side:
    """Across from the window, or from the armchair."""
    if room.window_wall == "back":
        return "right" if room.armchair_side == "left" else "left"
    return "right" if room.window_wall == "left" else "left"


def _window(room: Room, space: Space) -> Hung:
    top = space.height - 0.24 - 0.15 * (1 - room.window)
    if room.window_wall == "back":
        width = 0.8 + 1.2 * room.window
        reach = space.side - width / 2 - 0.42
        centre = room.window_place * max(min(reach, 0.6), 0.0)
        return Hung("back", (centre - width / 2, centre + width / 2), (0.98 - 0.06 * room.window, top))
    width = 0.65 + 0.95 * room.window
    # The end that is nearer to us may leave the picture, as in photographs.
    far = space.back - 0.26 - 0.08 * (1 - room.window_place)
    return Hung(room.window_wall, (far - width, far), (0.85 - 0.6 * room.window, top))


def _sofa(room: Room, space: Space) -> Block:
    width = 1.35 + 0.75 * room.sofa
    centre = room.sofa_place * max(space.side - width / 2 - 0.58, 0.03)
    height = 0.80 + 0.1 * room.sofa_back
    return Block((centre - width / 2, centre + width / 2), (0.0, height), (space.back - 1.0, space.back - 0.08))


def _rug(room: Room, space: Space, sofa: Block) -> Block | None:
    if room.rug <= 0:
        return None
    half = 0.75 + 0.65 * room.rug
    depth = 0.55 + 0.40 * room.rug
    x, z = 0.6 * sofa.middle[0], space.back - 1.05 - 0.75 * depth
    if room.rug_form == "round":
        half = 0.7 + 0.42 * room.rug
        return Block((x - half, x + half), (0, 0), (z - half * 0.9, z + half * 0.9))
    return Block((x - half, x + half), (0, 0), (z - depth, z + depth))


def _table(room: Room, sofa: Block, chair: Block | None) -> Block | None:
    if room.table <= 0:
        return None
    left, right = -_MIDDLE, _MIDDLE
    if chair is not None:
        left, right = (max(left, chair.x[1] + 0.06), right) if chair.x[0] < 0 else (left, min(right, chair.x[0] - 0.06))
    half = min(0.28 + 0.22 * room.table, (right - left) / 2)
    depth = 0.20 + 0.1 * room.table if room.table_form == "square" else half * 0.8
    x, z = min(max(0.8 * sofa.middle[0], left + half), right - half), sofa.z[0] - 0.30 - depth
    return Block((x - half, x + half), (0.0, 0.36), (z - depth, z + depth))


def _armchair(room: Room, space: Space) -> Block | None:
    if room.armchair <= 0:
        return None
    width = 0.68 + 0.16 * room.armchair
    near = space.back - 1.95
    # Near enough to the middle for most of it to be in the picture.
    if chair_side(room) == "right":
        right = min(space.side - 0.12, space.eye_x + (1 - space.vanish_x) * near + 0.35 * width)
        return Block((right - width, right), (0.0, 0.78), (near, near + 0.75))
    left = max(0.12 - space.side, space.eye_x - space.vanish_x * near - 0.35 * width)
    return Block((left, left + width), (0.0, 0.78), (near, near + 0.75))


def _sideboard(room: Room, space: Space) -> Block | None:
    if room.sideboard <= 0:
        return None
    length = 0.8 + 0.6 * room.sideboard
    far = space.back - 0.78
    x = (space.side - 0.40, space.side - 0.02)
    if sideboard_side(room) == "left":
        x = (-x[1], -x[0])
    return Block(x, (0.0, 0.66 + 0.12 * room.sideboard), (far - length, far))


def _lamp(room: Room, space: Space, sofa: Block) -> tuple[float, float, float] | None:
    if room.lamp_kind == "none":
        return None
    if room.lamp_kind == "pendant":
        x = 0.85 if room.lamp_side == "right" else -0.85
        return x, space.height - 0.55 - 0.35 * room.lamp_height, space.back - 1.2
    gap = (-space.side, sofa.x[0]) if room.lamp_side == "left" else (sofa.x[1], space.side)
    return (gap[0] + gap[1]) / 2, 1.2 + 0.3 * room.lamp_height, space.back - 0.42


def _art(room: Room, space: Space, sofa: Block) -> tuple[Hung, ...]:
    if room.art <= 0:
        return ()
    size = 0.40 + 0.72 * room.art
    count = room.art_count
    if room.window_wall == "back":
        # Beside the sofa the wall is the window's.
        wall: Wall = sideboard_side(room)
        middle = space.back - 0.3 - 0.36 * size
        return (Hung(wall, (middle - 0.36 * size, middle + 0.36 * size), _hanging(space, size)),)
    width = size * (0.85, 0.62, 0.5)[count - 1]
    gap = 0.09
    total = count * width + (count - 1) * gap
    limit = space.side - 0.15 - total / 2
    start = min(max(sofa.middle[0], -limit), limit) - total / 2
    height = size * (0.8, 0.82, 0.72)[count - 1]
    spans = [(start + i * (width + gap), start + i * (width + gap) + width) for i in range(count)]
    return tuple(Hung("back", span, _hanging(space, height)) for span in spans)


def _hanging(space: Space, height: float) -> Span:
    middle = 1.05 + 0.47 * (space.height - 1.05)
    height = min(height, space.height - 1.25)
    return middle - height / 2, middle + height / 2


def _plants(room: Room, space: Space, sofa: Block, sideboard: Block | None) -> tuple[Spot, ...]:
    """The one in the corner grows first, then others join."""
    left = room.lamp_side == "right"
    gap = (-space.side, sofa.x[0]) if left else (sofa.x[1], space.side)
    corner = (gap[0] + gap[1]) / 2, 0.0, space.back - 0.42
    if sideboard is not None:
        second = sideboard.middle[0], sideboard.y[1], sideboard.z[0] + 0.22
    else:
        # In front, where the armchair is not.
        second = (space.side - 0.35) * (1 if chair_side(room) == "left" else -1), 0.0, space.back - 1.6
    spots = []
    for (x, y, z), share in zip((corner, second), (room.plants * 1.7, room.plants * 2.2 - 1.2), strict=True):
        size = min(share, 1.0)
        if size > 0:
            spots.append(Spot(x, y, z, size))
    return tuple(spots)
