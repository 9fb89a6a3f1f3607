"""More like this: the job file of pictures that are like one of the gallery, for people to change and to submit.

Prompts are pictured anew from other seeds; portraits keep a seed's shape and take other seeds' colours; rooms are
varied around a design; a poster comes in the template's other palettes; an artwork and a projection begin anew from
another seed.
"""

from __future__ import annotations

import posixpath
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from pydantic_core import to_jsonable_python

from jobs import naming
from jobs.config import Settings
from jobs.kinds import kind
from jobs.kinds.base import absolute
from jobs.kinds.generators import generator_of
from jobs.kinds.seeds import LARGEST_SEED
from jobs.records import Plan
from jobs.truth import Truth
from jobs.web.gallery import Hung
from pipeline.diffusion.brief import DiffusionBrief
from pipeline.film.access import is_remote
from pipeline.film.deliverables import DELIVERABLES
from pipeline.portraits.brief import PortraitBrief
from pipeline.poster.template import Variable
from pipeline.ranges import as_ranges

_VARIED = 0.35
"""How far designs leave the one that was liked."""

_DESIGNS = "0-11"

_COLUMNS = 6
"""Seeds whose colours a portrait takes."""

_FURTHEST_SEED = 9999

_MORE_SEEDS = 12
"""Of a prompt that was pictured."""

_STEP = 3.0
"""How far portraits of latents are moved."""

_NOISE = 0.4
"""What an artwork begins with: of none, every seed would paint the same."""

_FORMATS = ["square", "portrait", "story", "wide"]


def more(hung: Hung, truth: Truth, settings: Settings) -> str:
    """The job file, as YAML. Raises: JobNotFound, StorageUnavailable; FieldProblem if its model is gone."""
    plan = hung.plan
    said = _said(plan, truth)
    name = f"{plan.noun(hung.frame)} {plan.number(hung.frame)}"
    body = {**_MORE[plan.kind](hung, said, truth, settings), "output": _output(plan, hung.frame)}
    text = yaml.safe_dump(body, sort_keys=False, allow_unicode=True, width=100)
    return f"# More like {name} of {plan.job}.\n{text}"


def _said(plan: Plan, truth: Truth) -> dict[str, Any]:
    """What the job file said, without what it would be all the same."""
    usual = {
        field.serialization_alias or field.alias or name: to_jsonable_python(
            field.get_default(call_default_factory=True)
        )
        for name, field in kind(plan.kind).spec.model_fields.items()
        if not field.is_required()
    }
    ours = ("output", "priority", "chunk")
    return {
        name: value
        for name, value in truth.spec(plan.job).items()
        if name not in ours and value is not None and value != usual.get(name)
    }


def _output(plan: Plan, frame: int) -> str:
    return f"{plan.output.rstrip('/')}-more-{plan.number(frame)}/"


def _portraits(hung: Hung, said: dict[str, Any], truth: Truth, settings: Settings) -> dict[str, Any]:
    brief = PortraitBrief.model_validate(hung.plan.inputs)
    without = {name: value for name, value in said.items() if name not in ("seeds", "mix", "walk", "deliver")}
    if brief.latents is not None:
        moved = [*said.get("edit", []), {"direction": "sefa:0", "strength": _STEP}]
        return {**without, "edit": moved}
    row, column = brief.pair_of(hung.frame)
    chance = random.Random(f"{hung.plan.job}/{hung.frame}")
    others = sorted({chance.randint(0, _FURTHEST_SEED) for _ in range(_COLUMNS)} - {row, column})
    if brief.mix is not None and row != column:
        layers, columns = list(brief.mix.layers), sorted([column, *others])
    else:
        # The later layers colour; what the earlier ones shape is what was liked.
        layers = list(range(generator_of(said["model"], settings)[1].num_ws))
        layers, columns = layers[len(layers) // 2 :], others
    return {**without, "mix": {"rows": row, "columns": as_ranges(columns), "layers": as_ranges(layers)}}


def _interiors(hung: Hung, said: dict[str, Any], truth: Truth, settings: Settings) -> dict[str, Any]:
    # The picture tells its latent, so that nothing else of how it came about is needed.
    kept = {name: value for name, value in said.items() if name in ("kind", "model", "size", "settle", "label")}
    return {**kept, "around": _place(hung, truth), "seeds": _DESIGNS, "vary": _VARIED}


def _place(hung: Hung, truth: Truth) -> str:
    """Where the picture lies: as it was delivered, else as the store keeps it."""
    plan, row = hung.plan, DELIVERABLES["png"]
    is_delivered = truth.newest_result(plan.job) is not None
    if is_delivered and row.name in plan.deliver:
        return f"{plan.output.rstrip('/')}/{naming.picture_name(plan, row, hung.frame)}"
    return f"{truth.store.url.rstrip('/')}/{hung.blob.key}"


def _diffusion(hung: Hung, said: dict[str, Any], truth: Truth, settings: Settings) -> dict[str, Any]:
    """The same words and settings, other seeds."""
    brief = DiffusionBrief.model_validate(hung.plan.inputs)
    row = brief.row(hung.frame)
    setting = row.setting
    grid = (
        "prompts",
        "variables",
        "negative",
        "seeds",
        "steps",
        "guidance",
        "scheduler",
        "strength",
        "size",
        "deliver",
    )
    kept = {name: value for name, value in said.items() if name not in (*grid, "image", "mask")}
    words = {"prompts": [row.subject.prompt], "negative": row.subject.negative or None}
    files = {"image": row.subject.picture, "mask": row.subject.mask}
    begun = {name: _kept(hung.plan, place, truth) for name, place in files.items() if place is not None}
    size = None if row.subject.size else f"{setting.size[0]}x{setting.size[1]}"
    first = row.seed + 1 if row.seed + _MORE_SEEDS <= LARGEST_SEED else 0
    made = {
        "seeds": f"{first}-{first + _MORE_SEEDS - 1}",
        "steps": setting.steps,
        "guidance": setting.guidance,
        "scheduler": setting.scheduler,
        "strength": setting.strength,
        "size": size,
    }
    told = {**kept, **words, **begun, **made}
    return {name: value for name, value in told.items() if value is not None}


def _kept(plan: Plan, place: int, truth: Truth) -> str:
    """Where the job's own copy of a picture is."""
    return f"{truth.store.url.rstrip('/')}/{plan.files[place].key}"


def _posters(hung: Hung, said: dict[str, Any], truth: Truth, settings: Settings) -> dict[str, Any]:
    variant, template = hung.plan.inputs["variants"][hung.frame], hung.plan.inputs["template"]
    folder = posixpath.dirname(said["audiences"]) if isinstance(said["audiences"], str) else ""
    pictures = hung.plan.inputs.get("pictures", {})
    words = {
        name: _located(value, folder) if value in pictures else value
        for name, value in variant["values"].items()
        if value and name in template.get("variables", {}) and value != _usual(template, name, variant["locale"])
    }
    row = {"audience": variant["audience"], "locale": variant["locale"], **words}
    if variant.get("background"):
        row["background"] = variant["background"]
    if variant.get("seed"):
        row["seed"] = variant["seed"]
    without = ("audiences", "locales", "values", "sizes", "palette", "copy", "groups", "salt")
    kept = {name: value for name, value in said.items() if name not in without}
    palettes = [name for name in template["palettes"] if name != variant["palette"]]
    if not palettes or not isinstance(variant["palette"], str):
        return {**kept, "palette": variant["palette"], "audiences": [row], "sizes": _FORMATS}
    rows = [{**row, "audience": f"{row['audience']} {name}", "palette": name} for name in palettes]
    return {**kept, "audiences": rows, "sizes": [f"{variant['width']}x{variant['height']}"]}


def _usual(template: dict[str, Any], name: str, locale: str) -> str | None:
    """What a template says where nobody says anything."""
    return Variable.model_validate(template["variables"][name]).said(locale)


def _located(path: str, folder: str) -> str:
    """A path of a table, for a job file that lies elsewhere. In tables of a store they are no places beside it."""
    return path if not folder or is_remote(folder) else absolute(path, Path(folder))


def _artwork(hung: Hung, said: dict[str, Any], truth: Truth, settings: Settings) -> dict[str, Any]:
    without = {name: value for name, value in said.items() if name not in ("becoming", "fps", "deliver")}
    return {**without, "noise": said.get("noise") or _NOISE, "seed": _next(said)}


def _projection(hung: Hung, said: dict[str, Any], truth: Truth, settings: Settings) -> dict[str, Any]:
    without = {name: value for name, value in said.items() if name not in ("becoming", "fps", "deliver")}
    return {**without, "seed": _next(said)}


def _next(said: dict[str, Any]) -> int:
    return (int(said.get("seed", 0)) + 1) % (LARGEST_SEED + 1)


_MORE: dict[str, Callable[[Hung, dict[str, Any], Truth, Settings], dict[str, Any]]] = {
    "portraits": _portraits,
    "diffusion": _diffusion,
    "interiors": _interiors,
    "posters": _posters,
    "artwork": _artwork,
    "projection": _projection,
}
