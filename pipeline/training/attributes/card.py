"""The card that lies beside a file of attributes, and the sentence about those of which pictures do not tell."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.training.attributes.brief import TOLD, AttributesBrief
from pipeline.training.attributes.fitting import FOLDS, Fit
from pipeline.training.attributes.pictures import Found
from pipeline.training.material import base_name


def untold(names: Sequence[str], fitted: Fit) -> str:
    """A sentence about the attributes of which pictures do not tell; empty if there are none."""
    odd = [f"{name} (R² {share:.2f})" for name, share in zip(names, fitted.told, strict=True) if not share > TOLD]
    if not odd:
        return ""
    return f"pictures do not tell {', '.join(odd)}: what changes along it may be anything; label more of them"


def model_card(brief: AttributesBrief, names: Sequence[str], fitted: Fit, pictures: Found, sha256: str) -> str:
    """The card as Markdown. `names`: of the attributes. `sha256`: the model's."""
    rows = zip(names, fitted.told, fitted.ridges, strict=True)
    table = "\n".join(f"| {name} | {share:.2f} | {ridge:g} |" for name, share, ridge in rows)
    count = len(pictures.names)
    kinds = f"designs {pictures.designs:,}, photographs {count - pictures.designs:,}"
    odd = untold(names, fitted)
    warning = f"\n{odd[0].upper()}{odd[1:]}.\n" if odd else ""
    return f"""# {brief.name}

Attributes for the designer {brief.model}, learnt by Atelier from pictures that somebody gave numbers to. In job files
of the kind interiors: `attributes: {brief.name}.safetensors`, with that designer as `model` and with no other.

| | |
|---|---|
| model | {brief.model}, SHA-256 {sha256} |
| pictures | {brief.credit or base_name(brief.images)}; {count:,} labelled and usable: {kinds} |
| skipped | not usable {len(pictures.skipped):,}; without a row in {brief.labels} {brief.unlabelled:,} |
| licence | {brief.licence} |

| attribute | R² | ridge |
|---|---|---|
{table}

R² says how much of an attribute can be read off pictures that were not learnt from, {FOLDS} parts in turn: 1 is all of
it, 0 nothing.
{warning}
A direction is how the mean design moves when its attribute grows by a standard deviation of the labels, and the others
stay.
"""
