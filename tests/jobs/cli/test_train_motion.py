"""`atelier train motion`: the job file that its options amount to, and what is wrong at which option."""

from __future__ import annotations

import pytest

from jobs.cli import guard, train
from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import parse
from jobs.submit import plan_job
from tests.jobs.cli.conftest import Shell
from tests.training.motion.tiny import write_clips

WORDS = ["train", "motion", "--data", "clips", "--labels", "clips/labels.csv"]


def test_options_amount_to_a_job_file(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Plan] = []
    write_clips(shell.folder / "clips")
    monkeypatch.chdir(shell.folder)
    monkeypatch.setattr(train, "_drive", lambda spec, plan, go_on: plans.append(plan))
    result = shell(*WORDS, "--name", "moves", "--iterations", "50", "--set", "width=64")
    assert result.exit_code == 0, result.output
    text = "kind: train-motion\ndata: clips\nlabels: clips/labels.csv\nname: moves\noutput: moves-motion/\n"
    spec, located = parse(text + "iterations: 50\nwidth: 64\n", path="moves.yaml", folder=shell.folder)
    assert plans == [plan_job(spec, located, Settings())]
    assert f"model: {shell.folder}/moves-motion/moves.safetensors" in result.stdout
    wrong = shell(*WORDS, "--set", "rate=25")
    assert wrong.exit_code == guard.BAD_INPUT
    assert wrong.stderr == "--set rate=25: rate: 25 frames a second; write 15, 30 or 60\n"
