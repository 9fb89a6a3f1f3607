"""Frame numbers as people write them: `120-140,155`, inclusive, as in render farms."""

from __future__ import annotations

import re

from jobs.records import Plan
from pipeline.errors import InputError


def frame_numbers(text: str, plan: Plan) -> list[int]:
    """The numbers that `text` names, in order, each once.

    Raises: InputError if it is no range, ends before it begins, or leaves the job.
    """
    numbers: set[int] = set()
    for part in text.replace(" ", "").split(","):
        match = re.fullmatch(r"([0-9]{1,10})(?:-([0-9]{1,10}))?", part)
        if match is None:
            raise InputError(f"frames: {part!r} is no range; write first and last frame, as in 120-140 or 120-140,155")
        begin, end = int(match[1]), int(match[2] or match[1])
        if end < begin:
            raise InputError(f"frames: {part} ends before it begins; write {end}-{begin}")
        first, last = plan.frame_of(begin), plan.frame_of(end)
        if first is None or last is None or last - first != end - begin:
            raise InputError(f"frames: {part} leaves {plan.job}, which has {plan.extent}")
        numbers.update(range(begin, end + 1))
    return sorted(numbers)
