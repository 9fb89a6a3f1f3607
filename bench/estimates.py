"""How near `atelier estimate` comes: job files are estimated, then made, each in a home of its own.

    python -m bench.estimates examples/film.yaml examples/portraits.yaml

Compared are seconds from submission to result on this machine's own workers, bytes in the store, and bytes delivered.
The frame cache is off, and nothing of it stays. On a machine that does other work meanwhile the two see different
machines.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml

from bench.machine import describe

_CALL = "from jobs.cli import main; main()"


def _atelier(home: Path, *words: str) -> str:
    """What a command prints. The machine's own, whatever the settings of whoever measures are."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ATELIER_")}
    environment |= {"ATELIER_HOME": str(home), "ATELIER_CACHE": "off", "ATELIER_CONFIG": str(home / "settings.yaml")}
    done = subprocess.run([sys.executable, "-c", _CALL, *words], env=environment, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode()


def _there(file: Path, output: Path) -> Path:
    """The job file with another output, beside the first so that its relative paths hold."""
    content: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    made = file.with_name(f".estimated-{file.name}")
    made.write_text(yaml.safe_dump(content | {"output": f"{output}/"}), encoding="utf-8")
    return made


def compare(file: Path) -> dict[str, tuple[float, float]]:
    """What was estimated and what came, by what it is."""
    with tempfile.TemporaryDirectory(prefix="atelier-") as short:
        home = Path(short)
        (home / "settings.yaml").write_text("{}\n")
        job_file = _there(file, home / "out")
        try:
            told = json.loads(_atelier(home, "estimate", str(job_file), "--workers", str(_workers()), "--json"))
            _atelier(home, "run", str(job_file))
            [job] = [path.name for path in (home / "store" / "index").iterdir()]
            came = json.loads(_atelier(home, "status", job, "--json"))
        finally:
            job_file.unlink()
        stored = sum(
            path.stat().st_size for path in (home / "store/jobs" / job / "attempts").rglob("*") if path.is_file()
        )
    [hours] = [row for row in told["hours"] if row["workers"] == _workers()]
    delivered = {row["name"]: row["size"] for row in came["deliverables"]}
    found = {"seconds": (3600 * hours["expected"], came["finished"] - came["submitted"])}
    found["bytes in the store"] = sum(amount["bytes"] for amount in told["store"].values()), stored
    for name, amount in told["delivered"].items():
        found[f"bytes of {name}"] = amount["bytes"], delivered[name]
    return found


def _workers() -> int:
    return max(1, len(os.sched_getaffinity(0)) // 2)


def main() -> None:
    """Print a row for each job file and quantity."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    chosen = parser.parse_args()
    sys.stdout.write(f"{describe()}\n")
    for file in chosen.files:
        for name, (told, came) in compare(file.absolute()).items():
            row = f"{file.name:<20} {name:<20} estimated {told:>14,.1f}  came {came:>14,.1f}  ratio {told / came:.2f}"
            sys.stdout.write(f"{row}\n")


if __name__ == "__main__":
    main()
