"""A short drill, with everything real: processes die, Redis forgets, the store breaks off, and no bit changes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import pytest

from jobs.drill.children import descendants, is_alive
from jobs.drill.seeds import rounds
from tests import typed
from tests.media import write_film

COMMAND = [sys.executable, "-c", "from jobs.cli import main; main()", "drill"]
ROUNDS, SEED = 2, 1672
"""Two rounds in which each of the troubles strikes once, well apart from the others."""
TROUBLES = ("worker-kill", "redis-kill-aof", "redis-flush", "duplicate", "store-truncated", "two-submitters")


def test_the_rounds_have_every_trouble() -> None:
    struck = [blow.trouble for planned in rounds(SEED, ROUNDS, TROUBLES) for blow in planned.blows]
    assert sorted(struck) == sorted(TROUBLES)


def environment(folder: Path) -> dict[str, str]:
    """Nothing of this machine's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ATELIER_")}
    return kept | {"ATELIER_HOME": str(folder / "home"), "NO_COLOR": "1"}


@pytest.mark.timeout(170)
def test_a_short_drill_ends_bit_identical(tmp_path: Path) -> None:
    report = tmp_path / "drill.json"
    film = write_film(tmp_path / "four_chunks.mp4", 16, rate=Fraction(24), size=(160, 90), sound="aac")
    command = [*COMMAND, "--rounds", str(ROUNDS), "--seed", str(SEED), "--only", ",".join(TROUBLES)]
    command += ["--film", str(film), "--report", str(report)]
    done = subprocess.run(command, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(report.read_text())
    assert [row["verdict"] for row in told["rounds"]] == ["identical"] * ROUNDS
    assert [row["seed"] for row in told["rounds"]] == [SEED, SEED + 1]
    assert sum(row["struck"] for row in told["summary"]) > len(TROUBLES) / 2
    assert f"{ROUNDS} of {ROUNDS} rounds bit-identical" in done.stdout


@pytest.mark.parametrize("number", [pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGINT])
def test_an_interrupted_drill_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "log"
    with log.open("w") as output:
        drill = subprocess.Popen(
            [*COMMAND, "--only", "delay"], env=environment(tmp_path), stdout=output, stderr=output, text=True
        )
    below: list[int] = []
    # Redis, the S3 server, two supervisors and the reconciler.
    while len(below) < 5:
        assert drill.poll() is None, log.read_text()
        time.sleep(0.05)
        below = list(descendants(drill.pid))
    drill.send_signal(number)
    assert drill.wait(60) == 130, log.read_text()
    # What hangs below a child ends when the kernel has told it of its parent's death.
    deadline = time.monotonic() + 10
    while left := [pid for pid in below if is_alive(pid)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def test_a_report_of_no_known_form_is_refused_before_anything_starts(tmp_path: Path) -> None:
    done = typed.atelier("drill", "--report", str(tmp_path / "drill.pdf"))
    assert done.exit_code == 2
    assert "neither .json nor .md" in done.stderr
    assert "starting" not in done.output


def test_a_film_that_cannot_be_painted_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no film")
    for name, why in (("none.mp4", "is no file on this machine"), ("text.mp4", "text.mp4")):
        done = typed.atelier("drill", "--film", str(tmp_path / name))
        assert done.exit_code != 0
        assert why in done.stderr
        assert "starting" not in done.output
