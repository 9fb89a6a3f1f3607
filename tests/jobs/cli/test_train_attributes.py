"""`atelier train attributes`: the job file that its options amount to, and what it says in the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jobs.cli import guard, train
from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import parse
from jobs.submit import plan_job
from tests.interiors.making import write_design, write_designer
from tests.jobs.cli.conftest import Shell
from tests.jobs.cli.test_steering import interrupt, no_workers

WORDS = ["train", "attributes", "--model", "rooms.safetensors", "--images", "seen", "--labels", "told.csv"]
WORDS += ["--name", "taste"]


@pytest.fixture(autouse=True)
def here(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the command is right."""
    model = write_designer(shell.folder / "rooms.safetensors")
    (shell.folder / "seen").mkdir()
    for number in range(12):
        write_design(shell.folder / f"seen/{number}.png", model, np.full(8, number / 10, np.float32))
    rows = "".join(f"{number}.png,{number}\n" for number in range(12))
    (shell.folder / "told.csv").write_text(f"file,cosiness\n{rows}", encoding="utf-8")
    monkeypatch.chdir(shell.folder)
    return shell.folder


def test_options_amount_to_a_job_file(shell: Shell, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Plan] = []
    monkeypatch.setattr(train, "_drive", lambda spec, plan, go_on: plans.append(plan))
    result = shell(*WORDS, "--set", "credit=ours")
    assert result.exit_code == 0, result.output
    text = "kind: train-attributes\nmodel: rooms.safetensors\nimages: seen\nlabels: told.csv\nname: taste\n"
    spec, located = parse(f"{text}output: taste-attributes/\ncredit: ours\n", path="taste.yaml", folder=here)
    assert plans == [plan_job(spec, located, Settings())]
    assert f"attributes: {here}/taste-attributes/taste.safetensors in interiors job files" in result.stdout


def test_check_tells_of_which_model_and_from_what(shell: Shell, here: Path) -> None:
    text = (
        "kind: train-attributes\nmodel: rooms.safetensors\nimages: seen\nlabels: told.csv\nname: taste\noutput: out\n"
    )
    (here / "taste.yaml").write_text(text, encoding="utf-8")
    result = shell("check", str(here / "taste.yaml"))
    assert result.exit_code == 0, result.output
    told = " ".join(result.stdout.split())
    assert f"labels {here}/told.csv pictures 12 labelled pictures of {here}/seen" in told
    assert " style " not in told


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--model", "gone.safetensors", "--model: {folder}/gone.safetensors: no such designer"),
        ("--images", "gone", "--images: {folder}/gone: no such file"),
        ("--labels", "gone.csv", "--labels: {folder}/gone.csv: no such file"),
        ("--name", "a/b", "--name: name: 'a/b' is no name for a taste"),
        ("--set", "seed=1", "--set seed=1: unknown key 'seed'"),
    ],
)
def test_what_is_wrong_is_said_at_its_option(shell: Shell, here: Path, option: str, value: str, said: str) -> None:
    result = shell(*WORDS, option, value)
    assert result.exit_code == guard.BAD_INPUT, result.output
    assert result.stderr.startswith(said.format(folder=here)), result.stderr
    assert result.stderr.count("\n") == 1


def test_interrupting_says_how_to_go_on(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.cli.machine.own_workers", no_workers)
    monkeypatch.setattr("jobs.cli.drive.follow", interrupt)
    result = shell(*WORDS)
    assert result.exit_code == guard.INTERRUPTED
    assert f"`atelier {' '.join(WORDS)} --output taste-attributes/` goes on" in result.stderr
