"""Throws damaged files at every reader, and text at every parser, and counts what should not have happened.

python -m tests.fuzz.run [--count 10000] [--first 0] [--found out/fuzz] [KIND …]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import seeds
from tests.fuzz.child import suffix, tell
from tests.fuzz.inputs import damaged, seeds_of

TEXT = "text"
"""The kind that is no file: what test_text.py makes up, as many inputs of it for each parser."""

_BATCH = 2000
"""Inputs that one process reads: what leaks a little is not found guilty of running out of memory."""


@dataclass(frozen=True)
class Finding:
    """An input that did harm."""

    kind: str
    number: int
    what: str


def fuzz(kinds: Sequence[str], folder: Path, *, first: int = 0, count: int) -> list[Finding]:
    """Have `count` inputs of each kind read in child processes; one that dies is replaced, and its input blamed."""
    rows = [(kind, at, min(_BATCH, first + count - at)) for kind in kinds for at in range(first, first + count, _BATCH)]
    findings: list[Finding] = []
    while rows:
        took = rows if sum(row[2] for row in rows) <= _BATCH * 4 else rows[:1]
        left, found = _child(took, folder)
        findings += found
        rows = left + rows[len(took) :]
    return findings


def fuzz_text(count: int, found: Path, *, only: str = "") -> list[str]:
    """Have every parser read `count` texts; a line for each that failed. What it failed of is in `found/text.log`.

    `only`: which of the page's tests, as pytest's -k takes it; "" is all.
    """
    page = Path(__file__).with_name("test_text.py")
    command = [sys.executable, "-m", "pytest", "-q", "--timeout=0", "--no-header", "--tb=short", str(page), "-k", only]
    done = subprocess.run(
        command, env=os.environ | {"FUZZ_COUNT": str(count)}, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{page}: the tests did not run: {done.stdout[-3000:]}")
    if done.returncode:
        found.mkdir(parents=True, exist_ok=True)
        (found / "text.log").write_text(done.stdout)
    return [line for line in done.stdout.splitlines() if line.startswith("FAILED ")]


def _child(rows: list[tuple[str, int, int]], folder: Path) -> tuple[list[tuple[str, int, int]], list[Finding]]:
    """What is still to be read after this child, and what it found."""
    command = [sys.executable, "-m", "tests.fuzz.child", str(folder), *(f"{k}:{first}:{n}" for k, first, n in rows)]
    with tempfile.TemporaryFile() as errors:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=errors, text=True, check=False)
        errors.seek(0)
        said = errors.read()[-3000:].decode(errors="replace")
    kind, number, findings = "", -1, []
    for line in done.stdout.splitlines():
        if line.startswith("! "):
            findings.append(Finding(kind, number, line[2:]))
        elif line != "done":
            kind, _, at = line.partition(" ")
            number = int(at)
    if done.stdout.endswith("done\n"):
        return [], findings
    if not kind:
        raise RuntimeError(f"{rows}: the child did not begin: {said}")
    why = "took too long" if "Timeout" in said else f"died with {done.returncode}"
    findings.append(Finding(kind, number, f"{why}: {' '.join(said.split())[-600:]}"))
    return list(_after(rows, kind, number)), findings


def _after(rows: list[tuple[str, int, int]], kind: str, number: int) -> Iterator[tuple[str, int, int]]:
    here = next(n for n, (name, first, count) in enumerate(rows) if name == kind and first <= number < first + count)
    _, first, count = rows[here]
    if number + 1 < first + count:
        yield kind, number + 1, first + count - number - 1
    yield from rows[here + 1 :]


def main() -> None:
    """Fuzz, print a line for each kind, keep the inputs that did harm; exit with 1 if any did."""
    parser = argparse.ArgumentParser(prog="fuzz")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--found", type=Path, default=Path("out/fuzz"))
    parser.add_argument("kinds", nargs="*", default=[*seeds.ALL, TEXT])
    arguments = parser.parse_args()
    harmful = 0
    with tempfile.TemporaryDirectory(prefix="atelier-fuzz-") as folder:
        for kind in arguments.kinds:
            began = time.monotonic()
            if kind == TEXT:
                found = fuzz_text(arguments.count, arguments.found)
            else:
                found = _damaged_files(kind, Path(folder), arguments)
            took = time.monotonic() - began
            tell(f"{kind:14} {arguments.count:7,} inputs  {len(found):4} findings  {took:7.1f} s")
            for line in found:
                tell(f"  {line}")
            harmful += len(found)
    sys.exit(1 if harmful else 0)


def _damaged_files(kind: str, folder: Path, arguments: argparse.Namespace) -> list[str]:
    """A line for each input that did harm; the input itself is kept."""
    lines = []
    for finding in fuzz([kind], folder, first=arguments.first, count=arguments.count):
        arguments.found.mkdir(parents=True, exist_ok=True)
        kept = arguments.found / f"{kind}-{finding.number}{suffix(kind)}"
        kept.write_bytes(damaged(kind, seeds_of(kind, folder), finding.number))
        lines.append(f"{kept}: {finding.what}")
    return lines


if __name__ == "__main__":
    main()
