"""What a drill says in the end: per round, per trouble, as JSON or Markdown."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Literal

Verdict = Literal["identical", "differs", "hung", "failed"]
"""`identical` to the undisturbed run, or not; `hung`: not done within its limit; `failed`: ended, but not well."""

_PACKAGES = ("atelier", "celery", "kombu", "redis", "boto3", "moto", "torch", "av")


@dataclass(frozen=True)
class Struck:
    """A trouble of a round, as it went."""

    trouble: str
    moment: float
    what: str
    at_s: float | None
    """Seconds after submission; None if its moment never came, or it met nothing."""
    recovery_s: float | None
    """None if the film was over before a sign of it, or was not done at all."""


@dataclass(frozen=True)
class Played:
    """A round, as it went."""

    seed: int
    verdict: Verdict
    seconds: float
    """From submission to result."""
    struck: tuple[Struck, ...]
    repeated_frames: int = 0
    """Frames that were stored more than once, by attempts that do not count."""
    attempts: int = 0
    chunks: int = 0
    trouble: tuple[str, ...] = ()
    """What is wrong with it: differences, or why it failed."""
    logs: str = ""
    """The folder with its logs, if anything is wrong."""

    @property
    def is_untouched(self) -> bool:
        """Whether the film came out though nothing struck: that proves nothing."""
        return self.verdict == "identical" and all(row.at_s is None for row in self.struck)


@dataclass(frozen=True)
class Summary:
    """A trouble over all rounds."""

    trouble: str
    struck: int
    missed: int
    """Rounds whose film was over before its moment came, and those in which it met nothing."""
    median_s: float | None
    max_s: float | None
    repeated_frames: float | None
    """Mean over rounds that met it alone; None without one."""


@dataclass
class Report:
    """The whole drill."""

    command: str
    seed: int
    frames: int
    chunks: int
    undisturbed_s: float
    frames_sha256: str
    store: str
    left_out: dict[str, str]
    rounds: list[Played] = field(default_factory=list)
    machine: dict[str, Any] = field(default_factory=lambda: machine())
    versions: dict[str, str] = field(default_factory=lambda: versions())
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether every round came out bit for bit the same."""
        return all(played.verdict == "identical" for played in self.rounds)

    @property
    def identical(self) -> int:
        """Rounds that came out bit for bit the same, those among them that nothing struck."""
        return sum(played.verdict == "identical" for played in self.rounds)

    @property
    def untouched(self) -> int:
        """Rounds that neither prove nor fail, for nothing struck."""
        return sum(played.is_untouched for played in self.rounds)

    @property
    def caveat(self) -> str:
        """What the count of identical rounds would hide; empty if that is nothing."""
        return f"; in {self.untouched} of them nothing struck, which proves nothing" if self.untouched else ""

    def summaries(self) -> list[Summary]:
        """Each trouble that was drawn, by name."""
        names = sorted({row.trouble for played in self.rounds for row in played.struck})
        return [self._summary(name) for name in names]

    def _summary(self, name: str) -> Summary:
        rows = [row for played in self.rounds for row in played.struck if row.trouble == name]
        hit = [row for row in rows if row.at_s is not None]
        times = [row.recovery_s for row in hit if row.recovery_s is not None]
        alone = [played.repeated_frames for played in self.rounds if _only(played) == name]
        return Summary(
            name,
            struck=len(hit),
            missed=len(rows) - len(hit),
            median_s=_rounded(statistics.median(times)) if times else None,
            max_s=_rounded(max(times)) if times else None,
            repeated_frames=_rounded(statistics.mean(alone)) if alone else None,
        )

    def as_json(self) -> str:
        """Everything, for scripts."""
        body = asdict(self) | {"passed": self.passed, "identical": self.identical, "untouched": self.untouched}
        body |= {"summary": [asdict(row) for row in self.summaries()]}
        return json.dumps(body, indent=1, ensure_ascii=False) + "\n"

    def as_markdown(self) -> str:
        """Everything, for people."""
        lines = [
            "# A drill",
            "",
            f"`{self.command}`: {self.identical} of {len(self.rounds)} rounds bit-identical to an undisturbed run of "
            f"{self.frames} frames in {self.chunks} chunks ({self.undisturbed_s:.1f} s), in {self.seconds:.0f} s"
            f"{self.caveat}.",
            "",
            f"{', '.join(f'{name} {value}' for name, value in self.machine.items())}; "
            f"{', '.join(f'{name} {value}' for name, value in self.versions.items())}; store {self.store}.",
            "",
            *_table(
                ("trouble", "struck", "missed", "recovery, median", "max", "frames repeated"),
                (cells(row) for row in self.summaries()),
            ),
            "",
            *[f"Left out: {name}, because {why}." for name, why in self.left_out.items()],
            "",
            *_table(
                ("seed", "troubles", "seconds", "frames repeated", "verdict"),
                (_round_cells(played) for played in self.rounds),
            ),
        ]
        return "\n".join(lines) + "\n"


def _only(played: Played) -> str:
    hit = [row.trouble for row in played.struck if row.at_s is not None]
    return hit[0] if len(hit) == 1 else ""


def _rounded(value: float) -> float:
    return round(value, 2)


def cells(row: Summary) -> tuple[str, ...]:
    """A summary as a table shows it."""
    repeated = "-" if row.repeated_frames is None else f"{row.repeated_frames:g}"
    return (row.trouble, str(row.struck), str(row.missed), seconds(row.median_s), seconds(row.max_s), repeated)


def _round_cells(played: Played) -> tuple[str, ...]:
    what = "; ".join(describe(row) for row in played.struck)
    verdict = judgement(played) + "".join(f"; {line}" for line in played.trouble)
    return (str(played.seed), what, f"{played.seconds:.1f}", str(played.repeated_frames), verdict)


def judgement(played: Played) -> str:
    """A round's verdict, in words."""
    return f"{played.verdict}, nothing struck" if played.is_untouched else played.verdict


def describe(row: Struck) -> str:
    """A trouble of a round, in words."""
    if row.at_s is None:
        return f"{row.trouble} ({row.what or 'its moment never came'})"
    recovery = "no recovery seen" if row.recovery_s is None else f"recovered in {seconds(row.recovery_s)}"
    return f"{row.trouble} at {row.at_s:.1f} s ({row.what}), {recovery}"


def seconds(value: float | None) -> str:
    """`1.2 s`; a dash if it is not known."""
    return "-" if value is None else f"{value:.1f} s"


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [heads, ("---",) * len(heads), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]


def machine() -> dict[str, Any]:
    """What the drill ran on."""
    return {"system": platform.system(), "architecture": platform.machine(), "cores": len(os.sched_getaffinity(0))}


def versions() -> dict[str, str]:
    """Of everything that takes part."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
