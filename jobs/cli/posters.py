"""What `atelier check` says of a job of posters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobs.records import Plan

_SAID = 6
"""Of names, beyond which the rest is counted."""


def facts(plan: Plan) -> list[tuple[str, str]]:
    """How many posters of what, for whom, and how they move."""
    from jobs.cli import show
    from pipeline.poster.brief import PosterBrief

    brief = PosterBrief.model_validate(plan.inputs)
    posters = brief.variants
    told = [("template", brief.template_name), ("posters", f"{len(posters):,}")]
    told += [("for", _names(variant.audience for variant in posters))]
    told += [("in", _names(variant.locale for variant in posters))]
    told += [("sizes", _names(f"{variant.width}x{variant.height}" for variant in posters))]
    if groups := Counter(variant.group for variant in posters if variant.group):
        told.append(("groups", ", ".join(f"{name} {count}" for name, count in sorted(groups.items()))))
    if brief.backgrounds:
        named = [name for name in brief.backgrounds if name]
        told.append(("behind", ", ".join([*named, *(["the job's background"] if "" in brief.backgrounds else [])])))
    if brief.clips:
        rate, ends = float(Fraction(brief.rate)), "; its end leads on to its beginning" if brief.loop else ""
        told.append(("moves", f"{brief.duration_s:g} s at {rate:.6g} fps{ends}"))
    chunks = f"{show.count(len(plan.chunks), 'chunk')}, priority {plan.priority}"
    return [*told, ("chunks", chunks)]


def _names(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(names))
    rest = f" and {len(found) - _SAID} more" if len(found) > _SAID else ""
    return ", ".join(found[:_SAID]) + rest
