"""The model card that lies beside a motion generator's weights. Torch-free."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.training.material import base_name
from pipeline.training.motion.brief import MotionBrief


def model_card(
    brief: MotionBrief, table: str, *, seconds: Mapping[str, float], looped: tuple[str, ...], windows: int, numbers: int
) -> str:
    """The card as Markdown. `table`: of measures.in_markdown. `seconds`: of each class, as learnt. `numbers`: in the
    network."""
    recipe = brief.recipe
    classes = ", ".join(f"{name} {length:.0f} s" for name, length in seconds.items())
    cycle = f"Of {' and '.join(looped)} there is only a cycle, repeated; each is that one and no other. "
    cycles = cycle if looped else ""
    augmented = [
        f"{recipe.stretch:.0%} slower and faster" if recipe.stretch else "",
        "in a mirror" if recipe.mirror else "",
    ]
    size = f"{numbers:,} numbers; {recipe.width} channels, {recipe.blocks} blocks at each of four rates"
    rates = f"{recipe.rate}, {recipe.rate / 2:g} and {recipe.rate / 4:g} frames a second"
    critics = f"from iteration {recipe.adversarial_from:,} on three critics, logistic, at {rates}, R1 {recipe.gamma:g}"
    return f"""# {brief.name}

A generator of motions, trained by Atelier. Network: pipeline/models/motion, our own code.

| | |
|---|---|
| recordings | {brief.credit or base_name(brief.data)} |
| classes | {classes}; also {" and ".join(filter(None, augmented)) or "nothing else"} |
| network | {size}; {recipe.rate} frames a second |
| losses | copies of real windows; {critics}; feet, accelerations |
| windows seen | {windows:,} of {recipe.window} frames, {recipe.batch} an iteration; seed {brief.schedule.seed} |
| weights | the moving average, half precision; licence: {brief.licence} |

{table}

It moves as those that it was shown, and can do nothing else.
{cycles}"Learnt" and "held out" are the recordings themselves; what is held out is the last seconds of one take of each
class, and little.
"""
