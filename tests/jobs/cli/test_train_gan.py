"""`atelier train gan`: the job file that its options amount to, what is wrong at which option, and how it goes on."""

from __future__ import annotations

import pytest

from jobs.cli import guard, train
from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import parse
from jobs.submit import plan_job
from tests.jobs.cli.conftest import Shell
from tests.jobs.cli.test_steering import interrupt, no_workers

WORDS = ["train", "gan", "--images", "portraits", "--name", "faces"]


def test_options_amount_to_a_job_file(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    plans: list[Plan] = []
    monkeypatch.chdir(shell.folder)
    monkeypatch.setattr(train, "_drive", lambda spec, plan, go_on: plans.append(plan))
    result = shell(*WORDS, "--size", "32", "--kimg", "10", "--set", "gamma=0.5", "--set", "mirror=true")
    assert result.exit_code == 0, result.output
    text = "kind: train-gan\nimages: portraits\nname: faces\noutput: faces-gan/\nsize: 32\nkimg: 10\n"
    spec, located = parse(text + "gamma: 0.5\nmirror: true\n", path="faces.yaml", folder=shell.folder)
    assert plans == [plan_job(spec, located, Settings())]
    assert f"model: {shell.folder}/faces-gan/faces.safetensors" in result.stdout


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--size", "48", "--size: size: 48 px; write a power of two, 32, 64, 128 or 256\n"),
        ("--images", "gone", "--images: {folder}/gone: no such file"),
        ("--name", "a/b", "--name: name: 'a/b' is no name for a generator"),
        ("--set", "gama=1", "--set gama=1: unknown key 'gama'; did you mean 'gamma'?"),
    ],
)
def test_what_is_wrong_is_said_at_its_option(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, option: str, value: str, said: str
) -> None:
    monkeypatch.chdir(shell.folder)
    result = shell(*WORDS, option, value)
    assert result.exit_code == guard.BAD_INPUT, result.output
    assert result.stderr.startswith(said.format(folder=shell.folder)), result.stderr
    assert result.stderr.count("\n") == 1


def test_interrupting_says_how_to_go_on(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shell.folder)
    monkeypatch.setattr("jobs.cli.machine.own_workers", no_workers)
    monkeypatch.setattr("jobs.cli.drive.follow", interrupt)
    result = shell(*WORDS, "--size", "32", "--set", "mirror=true")
    assert result.exit_code == guard.INTERRUPTED
    go_on = "atelier train gan --images portraits --name faces --output faces-gan/ --size 32 --set mirror=true"
    assert f"`{go_on}` goes on" in result.stderr
