"""What processes have used so far, as Linux tells it in /proc: theirs alone to know, whoever started them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Stat:
    """One process at one moment."""

    pid: int
    parent: int
    cpu_s: float
    """User and system time, with that of its children that have ended and been waited for."""


def stat(line: str) -> Stat:
    """A process from its line in /proc/<pid>/stat. Source: proc(5)."""
    pid = int(line[: line.index(" ")])
    # The name stands in brackets and may hold anything.
    fields = line[line.rindex(")") + 2 :].split()
    return Stat(pid=pid, parent=int(fields[1]), cpu_s=sum(map(int, fields[11:15])) / _TICKS)


def stats() -> dict[int, Stat]:
    """Every process of this machine, by its id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                found[int(folder.name)] = stat((folder / "stat").read_text())
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended while we looked
    return found


def families(roots: Iterable[int], known: dict[int, Stat]) -> set[int]:
    """The processes and all that descend from them."""
    found, grown = set(roots) & known.keys(), True
    while grown:
        children = {pid for pid, seen in known.items() if seen.parent in found and pid not in found}
        found |= children
        grown = bool(children)
    return found


def memory_mb(pids: Iterable[int]) -> float:
    """Megabytes that the processes hold together, pages that several share counted once."""
    total = 0.0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6
    return total
