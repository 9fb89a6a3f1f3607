"""deploy/secrets.sh makes secrets that only their owner can reach, and that fit each other."""

from __future__ import annotations

import configparser
import json
import stat
import subprocess
from pathlib import Path

import pytest

from jobs.tokens import holders
from tests.deploy.compose import ROOT
from tests.deploy.secrets import made_secrets


def make(folder: Path) -> str:
    """What the script says."""
    command = ["sh", str(ROOT / "deploy/secrets.sh"), str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def contents(folder: Path) -> dict[str, str]:
    """What is in every file."""
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_the_folder_is_its_owners_and_containers_may_read_the_files() -> None:
    folder = made_secrets()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}


def test_no_two_deployments_have_a_secret_in_common(tmp_path: Path) -> None:
    make(tmp_path / "a")
    for name, content in contents(tmp_path / "a").items():
        assert content != (made_secrets() / name).read_text(), name
        assert len(content) >= 24, name


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    make(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "webhook_secret").unlink()
    said = make(tmp_path)
    after = contents(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"webhook_secret"}
    assert said.count(": kept") == len(before) - 1


@pytest.mark.parametrize("lost", ["aws_credentials", "store.json", "watcher_token", "web_tokens"])
def test_a_secret_that_is_made_again_fits_its_twin(tmp_path: Path, lost: str) -> None:
    make(tmp_path)
    (tmp_path / lost).unlink()
    make(tmp_path)
    check_twins(tmp_path)


def test_the_watcher_is_found_among_tokens_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "web_tokens").write_text(
        "operator olga 0123456789abcdef; viewer watcher fedcba9876543210; viewer me 1234"
    )
    make(tmp_path)
    assert (tmp_path / "watcher_token").read_text() == "fedcba9876543210"


def test_secrets_that_are_shared_are_the_same() -> None:
    check_twins(made_secrets())


def check_twins(folder: Path) -> None:
    """The store's keys and ours, the dashboard's tokens and Prometheus'."""
    ours = configparser.ConfigParser()
    ours.read(folder / "aws_credentials")
    [identity] = json.loads((folder / "store.json").read_text())["identities"]
    [theirs] = identity["credentials"]
    assert dict(ours["default"]) == {
        "aws_access_key_id": theirs["accessKey"],
        "aws_secret_access_key": theirs["secretKey"],
    }
    known = holders((folder / "web_tokens").read_text())
    assert [(holder.role, holder.name) for holder in known] == [("operator", "me"), ("viewer", "watcher")]
    assert known[1].token == (folder / "watcher_token").read_text()
