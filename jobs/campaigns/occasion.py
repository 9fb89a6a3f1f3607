"""What `{campaign}`, `{date}` and `{time}` stand for in a job file's output: one run of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from difflib import get_close_matches
from zoneinfo import ZoneInfo

_PLACEHOLDER = re.compile(r"\{([^{}/]*)\}")

NAMES = ("campaign", "date", "time")
"""What may stand in braces."""

UNSCHEDULED = "run"
"""`{time}` of what people run by hand: all day the same, so that running a file again is the same job."""


@dataclass(frozen=True)
class Occasion:
    """One run of a job file."""

    campaign: str
    date: str
    """`2026-12-07`, where the run is."""
    time: str
    """`0600`."""

    @classmethod
    def scheduled(cls, campaign: str, local: datetime, *, ordered: bool = False) -> Occasion:
        """A campaign's run at a time, as the campaign's clock shows it; `ordered` out of turn, by people.

        Runs whose outputs must not meet are called differently: an hour that the clock shows again is `0230b`, and what
        is ordered has seconds.
        """
        time = f"{local:%H%M}{f'{local:%S}' if ordered or local.second else ''}"
        return cls(campaign, f"{local:%Y-%m-%d}", time + ("b" if _is_shown_again(local) else ""))

    @classmethod
    def today(cls, stem: str, zone: tzinfo | None) -> Occasion:
        """A job file that somebody runs now. `zone`: its schedule's; None: this machine's."""
        return cls(stem, f"{datetime.now(UTC).astimezone(zone):%Y-%m-%d}", UNSCHEDULED)

    def fill(self, text: str) -> str:
        """The text with what its placeholders stand for. Raises: ValueError for one that there is not."""
        return _PLACEHOLDER.sub(self._value, text)

    def _value(self, found: re.Match[str]) -> str:
        name = found[1]
        if name not in NAMES:
            near = get_close_matches(name.lower(), NAMES, n=1)
            known = ", ".join(f"{{{known}}}" for known in NAMES)
            right = f"did you mean {{{near[0]}}}?" if near else f"there are {known}"
            raise ValueError(f"output: {found[0][:40]} stands for nothing; {right}")
        return str(getattr(self, name))


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return set(_PLACEHOLDER.findall(text))


def _is_shown_again(local: datetime) -> bool:
    """Whether the clock shows this time for the second time today."""
    if not isinstance(local.tzinfo, ZoneInfo) or not local.fold:
        return False
    return local.utcoffset() != local.replace(fold=0).utcoffset()
