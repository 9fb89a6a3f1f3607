"""Time zones by name, as the IANA database has them: the machine's own copy, else that of the package tzdata."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_NEAR = 0.6

_ABBREVIATION = 5
"""Letters of CEST and the like, for which there is no one zone."""


def zone_of(name: str) -> ZoneInfo:
    """The time zone of that name. Raises: ValueError with the nearest one if there is none."""
    if name not in _names():
        raise ValueError(f"timezone: {name[:60]!r} is no time zone; {_nearest(name)}")
    return ZoneInfo(name)


@lru_cache
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def _nearest(name: str) -> str:
    """People write `berlin` and `europe/berlin`, and some misspell it."""
    said = name.strip().lower().replace(" ", "_")
    known = {zone.lower(): zone for zone in sorted(_names())}
    cities = {zone.rpartition("/")[2]: whole for zone, whole in known.items() if "/" in zone}
    found = known.get(said) or cities.get(said)
    for among in (known, cities) if len(said) > _ABBREVIATION else ():
        if found is None and (near := get_close_matches(said, among, n=1, cutoff=_NEAR)):
            found = among[near[0]]
    return f"did you mean {found!r}?" if found else "write a name as Europe/Berlin, or UTC"
