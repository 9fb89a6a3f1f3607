"""What a picture of the gallery is made of, as its job's plan tells it: a seed, a style, an audience, a language."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from jobs.records import Plan
from pipeline.artwork.brief import ArtworkBrief
from pipeline.diffusion.brief import DiffusionBrief
from pipeline.errors import IntegrityError
from pipeline.interiors.brief import InteriorsBrief
from pipeline.portraits.brief import PortraitBrief
from pipeline.portraits.projection.brief import ProjectionBrief

KINDS = ("portraits", "diffusion", "interiors", "posters", "artwork", "projection")
"""Jobs whose frames are pictures for their own sake."""

_LONGEST = 200
"""Letters of a fact."""


@dataclass(frozen=True)
class Told:
    """One picture."""

    title: str
    facts: dict[str, str] = field(default_factory=dict)
    width: int | None = None
    """Pixels, where the plan knows them."""
    height: int | None = None


Tell = Callable[[int], Told]
"""Tells of a frame, counted from 0."""


def teller(plan: Plan) -> Tell:
    """Who tells of the frames of a job of one of `KINDS`.

    Raises: IntegrityError if another version of Atelier planned it, so that its plan is not understood.
    """
    try:
        return _TELLERS[plan.kind](plan)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise IntegrityError(f"{plan.job}: its plan is not this version's; submit its job file again") from error


def exhibited(plan: Plan) -> Collection[int]:
    """The frames of such a job that hang in the gallery: of a film that a diffusion model changed, none."""
    return () if plan.kind == "diffusion" and plan.rate is not None else plan.pictured


def _portraits(plan: Plan) -> Tell:
    brief = PortraitBrief.model_validate(plan.inputs)
    return lambda frame: Told(_name(plan, frame), brief.facts(frame), brief.resolution, brief.resolution)


def _diffusion(plan: Plan) -> Tell:
    brief = DiffusionBrief.model_validate(plan.inputs)

    def tell(frame: int) -> Told:
        row = brief.row(frame)
        facts = {name: value[:_LONGEST] for name, value in brief.facts(frame).items()}
        return Told(row.subject.prompt[:_LONGEST] or _name(plan, frame), facts, *row.size)

    return tell


def _interiors(plan: Plan) -> Tell:
    brief = InteriorsBrief.model_validate(plan.inputs)

    def tell(frame: int) -> Told:
        size = brief.size_of(frame)
        return Told(_name(plan, frame), brief.facts(frame), size, size)

    return tell


def _posters(plan: Plan) -> Tell:
    # Checked when it was planned; a template takes long to be checked anew.
    template, variants = str(plan.inputs["template_name"]), plan.inputs["variants"]

    def tell(frame: int) -> Told:
        variant = variants[frame]
        palette = variant["palette"] if isinstance(variant["palette"], str) else "own colours"
        told: dict[str, Any] = {
            "template": template,
            "audience": variant["audience"],
            "language": variant["locale"],
            "size": f"{variant['width']}x{variant['height']}",
            "palette": palette,
            "group": variant.get("group"),
            "seed": variant.get("seed"),
        }
        facts = {name: str(value)[:_LONGEST] for name, value in told.items() if value}
        return Told(_headline(variant), facts, variant["width"], variant["height"])

    return tell


def _headline(variant: dict[str, Any]) -> str:
    """A poster's words that are most to be seen, as far as their name tells; else whom it is for."""
    values = variant["values"]
    named = (values.get(name) for name in ("headline", "title", "name", "quote", "offer"))
    return next(filter(None, named), variant["audience"])[:_LONGEST]


def _artwork(plan: Plan) -> Tell:
    brief = ArtworkBrief.from_json(plan.inputs)
    facts = {
        "content": plan.files[brief.content].name,
        "paintings": ", ".join(plan.files[wanted.file].name for wanted in brief.paintings)[:_LONGEST],
        "seed": str(brief.recipe.seed),
        "styleWeight": f"{brief.recipe.style:g}",
        "stroke": f"{brief.recipe.stroke:g}",
    }
    return lambda frame: Told(_name(plan, frame), facts)


def _projection(plan: Plan) -> Tell:
    brief = ProjectionBrief.from_json(plan.inputs)
    return lambda frame: Told(_name(plan, frame), brief.facts(), brief.resolution, brief.resolution)


_TELLERS: dict[str, Callable[[Plan], Tell]] = {
    "portraits": _portraits,
    "diffusion": _diffusion,
    "interiors": _interiors,
    "posters": _posters,
    "artwork": _artwork,
    "projection": _projection,
}


def _name(plan: Plan, frame: int) -> str:
    return f"{plan.numbered} {plan.number(frame)}" if plan.numbered == "seed" else plan.frame_name(frame)
