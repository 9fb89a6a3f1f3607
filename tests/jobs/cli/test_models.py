"""Styles registered on this machine: added, listed, named in job files, and removed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from jobs import styles
from jobs.cli import guard
from pipeline.catalog import MODELS
from pipeline.errors import ConfigError
from tests.jobs.cli.conftest import Shell
from tests.jobs.files import write_checkpoint


def test_models_lists_everything_that_ships(shell: Shell) -> None:
    listed = shell("models").stdout
    assert all(name in listed for name in MODELS)
    found = {row["name"]: row for row in shell.json("models")}
    assert {name: row["sha256"] for name, row in found.items()} == {name: m.sha256 for name, m in MODELS.items()}
    assert all(row["ships"] for row in found.values())


def test_an_added_style_is_listed_and_known_to_job_files(shell: Shell) -> None:
    write_checkpoint(shell.folder / "dunes.safetensors")
    (shell.folder / "dunes.md").write_text("# dunes")
    result = shell("models", "add", str(shell.folder / "dunes.safetensors"))
    assert "registered: style: dunes in job files" in result.stdout
    row = shell.json("models")[-1]
    assert (row["name"], row["kind"], row["ships"]) == ("dunes", "style", False)
    assert Path(row["where"]).with_suffix(".md").read_text() == "# dunes"
    assert row["where"] in shell("models").stdout
    assert shell("check", shell.job_file(style="dunes")).exit_code == 0


def test_what_a_style_says_of_itself_is_listed(shell: Shell) -> None:
    said = {"name": "Dunes", "credit": "Nobody, Dunes, 1900", "licence": "mine"}
    write_checkpoint(shell.folder / "a.safetensors", **said)
    shell("models", "add", str(shell.folder / "a.safetensors"), "--name", "dunes")
    row = shell.json("models")[-1]
    assert (row["title"], row["credit"], row["licence"]) == ("Dunes", "Nobody, Dunes, 1900", "mine")


def test_a_style_is_replaced_by_another_of_its_name(shell: Shell) -> None:
    write_checkpoint(shell.folder / "dunes.safetensors")
    shell("models", "add", str(shell.folder / "dunes.safetensors"))
    write_checkpoint(shell.folder / "other.safetensors", fill=1)
    shell("models", "add", str(shell.folder / "other.safetensors"), "--name", "dunes")
    (path,) = styles.folder().iterdir()
    assert path.read_bytes() == (shell.folder / "other.safetensors").read_bytes()


def test_a_removed_style_is_unknown(shell: Shell) -> None:
    write_checkpoint(shell.folder / "dunes.safetensors")
    shell("models", "add", str(shell.folder / "dunes.safetensors"))
    assert shell("models", "remove", "dunes").exit_code == 0
    assert list(styles.folder().iterdir()) == []
    again = shell("models", "remove", "dunes")
    assert again.exit_code == guard.BAD_INPUT
    assert "'dunes' is no style that was registered here; registered are: none" in again.stderr


def test_shipped_styles_stay(shell: Shell) -> None:
    result = shell("models", "remove", "starry-night")
    assert result.exit_code == guard.BAD_INPUT
    assert "shipped styles stay" in result.stderr


def test_damaged_and_foreign_files_are_not_registered(shell: Shell) -> None:
    (shell.folder / "noise.safetensors").write_bytes(b"noise")
    save_file({"weight": np.zeros(3)}, shell.folder / "other.safetensors", metadata={"architecture": "other"})
    write_checkpoint(shell.folder / "half.safetensors", half="x")
    write_checkpoint(shell.folder / "narrow.safetensors", quarter="9")
    for file, said in {
        "half.safetensors": "half: its metadata lacks whole numbers for half, quarter and blocks",
        "narrow.safetensors": "narrow: is not the atelier-style-1 checkpoint that its metadata tells of: ",
        "noise.safetensors": "noise: is no whole safetensors file",
        "other.safetensors": "other: its metadata names the architecture 'other'",
        "gone.safetensors": "no such file",
        "style.pth": "a style to register is a .safetensors file",
    }.items():
        result = shell("models", "add", str(shell.folder / file))
        assert result.exit_code == guard.BAD_INPUT
        assert said in result.stderr
    assert styles.registered() == {}


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "-a", "a b", "a.pth", "x" * 61, "None", "Starry-Night"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"is no name for a style|choose another name"):
        styles.check_name(name)


@pytest.mark.parametrize("name", ["dunes", "Dunes_2", "дюны", "7"])
def test_a_good_name_is_taken(name: str) -> None:
    styles.check_name(name)


def test_a_style_that_ships_by_now_hides_a_registered_one(shell: Shell) -> None:
    styles.folder().mkdir(parents=True)
    write_checkpoint(styles.folder() / "starry-night.safetensors")
    assert styles.registered() == {}
