"""A brief's figures, look and camera as the stage takes them."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.motion.brief import CameraBrief, MotionBrief
from pipeline.motion.clip import Clip
from pipeline.motion.view.cameras import Camera, Fixed, Follow, Orbit
from pipeline.motion.view.figures import Figure
from pipeline.motion.view.looks import Background, Gradient, Look, Picture, Trails, Transparent
from pipeline.motion.view.palettes import Colour, palette_of
from pipeline.motion.view.stage import Stage


def stage_of(brief: MotionBrief, clips: Sequence[Clip], behind: Picture | None) -> Stage:
    """The stage. `clips`: what each figure does. `behind`: the background's pictures, if it has any.

    Raises: InputError if a number is out of its range.
    """
    figures = [
        Figure(
            clip=clip,
            palette=palette_of(figure.palette),
            place=figure.place,
            facing_deg=figure.facing_deg,
            prop=figure.prop,
        )
        for clip, figure in zip(clips, brief.figures, strict=True)
    ]
    look, camera = look_of(brief, behind), camera_of(brief.camera)
    return Stage(figures, look, camera, width=brief.width, height=brief.height, rate=brief.rate)


def look_of(brief: MotionBrief, behind: Picture | None = None) -> Look:
    """All that is seen besides the figures."""
    trails = None
    if brief.trails is not None:
        trails = Trails(**brief.trails.model_dump())
    return Look(
        studio=brief.studio,
        background=_background(brief, behind),
        grid=brief.grid,
        shadow=brief.shadow,
        trails=trails,
    )


def camera_of(brief: CameraBrief) -> Camera:
    """Where it is seen from."""
    common = {"height_deg": brief.height, "lens_deg": brief.lens, "zoom": brief.zoom}
    match brief.move:
        case "follow":
            return Follow(side_deg=brief.angle, turns=brief.turns, **common)
        case "orbit":
            return Orbit(start_deg=brief.angle, turn_s=brief.round_s, **common)
        case "fixed":
            return Fixed(side_deg=brief.angle, **common)


def _background(brief: MotionBrief, behind: Picture | None) -> Background | None:
    if brief.transparent:
        return Transparent()
    match [_colour(text) for text in brief.colours]:
        case [one]:
            return one
        case [top, bottom]:
            return Gradient(top, bottom)
    return behind


def _colour(text: str) -> Colour:
    """Of `#20242c`."""
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
