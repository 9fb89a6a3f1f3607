"""An interrupt is heard once, and after the block that holds it back."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.interrupts import ENDINGS, held_back

ROOT = Path(__file__).parents[2]


def test_interrupt_is_heard_when_the_block_ends() -> None:
    reached: list[bool] = []

    def work() -> None:
        with held_back():
            signal.raise_signal(signal.SIGINT)
            reached.append(True)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert reached


def test_handlers_are_as_they_were() -> None:
    before = [signal.getsignal(number) for number in ENDINGS]
    with held_back():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in ENDINGS] == before


def test_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with held_back():
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("held", [True, False])
def test_interrupt_during_a_fork_is_lost_unless_held_back(held: bool) -> None:
    script = (
        "import contextlib, os, signal, subprocess\n"
        "from jobs.interrupts import held_back\n"
        "os.register_at_fork(after_in_parent=lambda: signal.raise_signal(signal.SIGINT))\n"
        f"with {'held_back()' if held else 'contextlib.nullcontext()'}:\n"
        "    subprocess.Popen(['true'], preexec_fn=int).wait()\n"
        "print('never heard')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ("never heard" in done.stdout) is not held
    assert done.stderr.rstrip().endswith("KeyboardInterrupt:" if not held else "KeyboardInterrupt"), done.stderr


def test_child_hears_signals_as_usual() -> None:
    with held_back():
        child = subprocess.Popen(["sleep", "60"], preexec_fn=int)
    child.terminate()
    assert child.wait(5) == -signal.SIGTERM
