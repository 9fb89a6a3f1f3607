"""Styles registered on this machine: added, listed, named in job files, and removed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from jobs import registry
from jobs.cli import guard
from pipeline.catalog import MODELS
from pipeline.errors import ConfigError
from tests.interiors.making import write_designer
from tests.jobs.cli.conftest import Shell
from tests.jobs.files import write_checkpoint
from tests.portraits.making import write_generator, write_pickle
from tests.web import serving


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
    (shell.folder / "p.yaml").write_text("kind: portraits\nmodel: dunes\nseeds: 1\noutput: out/\n")
    assert "dunes: paints pictures and makes none" in shell("check", str(shell.folder / "p.yaml")).stderr


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
    (path,) = registry.folder().iterdir()
    assert path.read_bytes() == (shell.folder / "other.safetensors").read_bytes()


def test_a_removed_style_is_unknown(shell: Shell) -> None:
    write_checkpoint(shell.folder / "dunes.safetensors")
    shell("models", "add", str(shell.folder / "dunes.safetensors"))
    assert shell("models", "remove", "dunes").exit_code == 0
    assert list(registry.folder().iterdir()) == []
    again = shell("models", "remove", "dunes")
    assert again.exit_code == guard.BAD_INPUT
    assert "'dunes' is no style that was registered here; registered are: none" in again.stderr


def test_shipped_styles_stay(shell: Shell) -> None:
    result = shell("models", "remove", "starry-night")
    assert result.exit_code == guard.BAD_INPUT
    assert "shipped styles stay" in result.stderr


def test_an_upscaler_is_not_registered_as_a_style(shell: Shell) -> None:
    weights = str(MODELS["upscaler"].path)
    assert "'upscaler' is an upscaler that ships with Atelier" in shell("models", "add", weights).stderr
    result = shell("models", "add", weights, "--name", "larger")
    assert result.exit_code == guard.BAD_INPUT
    assert "larger: is an upscaler, which enlarges pictures and paints none" in result.stderr


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
    assert registry.registered() == {}


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "-a", "a b", "a.pth", "x" * 61, "None", "Starry-Night"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=r"is no name for a style|choose another name"):
        registry.check_name(name)


@pytest.mark.parametrize("name", ["dunes", "Dunes_2", "дюны", "7"])
def test_a_good_name_is_taken(name: str) -> None:
    registry.check_name(name)


def test_a_style_that_ships_by_now_hides_a_registered_one(shell: Shell) -> None:
    registry.folder().mkdir(parents=True)
    write_checkpoint(registry.folder() / "starry-night.safetensors")
    assert registry.registered() == {}


def test_a_checkpoint_is_imported_from_the_web(shell: Shell) -> None:
    write_pickle(shell.folder / "ffhq.pkl")
    with serving(shell.folder) as address:
        result = shell("models", "import", f"{address}/ffhq.pkl?signature=abc")
        absent = shell("models", "import", f"{address}/gone.pkl?signature=abc")
    assert "registered: model: ffhq in job files" in result.stdout
    assert absent.exit_code == guard.BAD_INPUT
    assert absent.stderr.strip().endswith("/gone.pkl: no such file; the server answers 404 File not found")


def test_an_imported_generator_is_listed_and_known_to_job_files(shell: Shell) -> None:
    write_pickle(shell.folder / "ffhq.pkl")
    result = shell("models", "import", str(shell.folder / "ffhq.pkl"), "--name", "faces")
    assert "registered: model: faces in job files" in result.stdout
    row = shell.json("models")[-1]
    assert (row["name"], row["kind"], row["credit"]) == ("faces", "generator", "imported from ffhq.pkl")
    (shell.folder / "p.yaml").write_text("kind: portraits\nmodel: faces\nseeds: 0-63,100\noutput: out/\n")
    told = shell("check", str(shell.folder / "p.yaml")).stdout
    for said in ("a portraits job", "faces", "65 pictures of 16x16 px", "0-63,100", "truncation 1"):
        assert said in told
    wrong = shell("check", shell.job_file(style="faces"))
    assert "faces: is a generator, which makes pictures and paints none" in wrong.stderr
    assert "is no generator any more" in shell("models", "remove", "faces").stderr
    assert list(registry.folder("generator").iterdir()) == []


def test_a_generator_of_ours_is_added_as_it_is(shell: Shell) -> None:
    write_generator(shell.folder / "small.safetensors")
    assert "registered: model: small" in shell("models", "add", str(shell.folder / "small.safetensors")).stdout
    assert shell("models", "add", str(shell.folder / "small.safetensors")).exit_code == 0
    taken = shell("models", "import", str(write_pickle(shell.folder / "small.pkl")))
    assert taken.exit_code == 0
    write_checkpoint(shell.folder / "small.safetensors")
    refused = shell("models", "add", str(shell.folder / "small.safetensors"))
    assert "'small' is a generator that was registered here; choose another name" in refused.stderr


def test_an_added_designer_is_listed_and_known_to_job_files(shell: Shell) -> None:
    write_designer(shell.folder / "lofts.safetensors")
    assert (
        "registered: model: lofts in job files"
        in shell("models", "add", str(shell.folder / "lofts.safetensors")).stdout
    )
    assert (shell.json("models")[-1]["name"], shell.json("models")[-1]["kind"]) == ("lofts", "designer")
    keys = "seeds: 0-11\nedit: {warmth: 1.5}\nstrips: [sofa]\nfilm: {seconds: 1}\ndeliver: [png, board, interpolation]"
    (shell.folder / "i.yaml").write_text(f"kind: interiors\nmodel: lofts\noutput: out/\n{keys}\n")
    told = shell("check", str(shell.folder / "i.yaml")).stdout
    designs = ("an interiors job", "12 pictures of 256x256 px, enlarged from 64", "0-11", "sofa of seed0000")
    film = ("through 0-11 and back to the first", "288 frames (17-304), 0:12 at 24 fps", "h264, board")
    for said in (*designs, *film, "truncation 0.8, +1.5 warmth"):
        assert said in told
    wrong = shell("check", shell.job_file(style="lofts"))
    assert "lofts: is a designer, whose pictures are its own; write kind: interiors" in wrong.stderr
    assert "is no designer any more" in shell("models", "remove", "lofts").stderr


@pytest.mark.parametrize("protocol", ["half", "foreign", "nan", "safetensors"])
def test_what_cannot_be_imported_leaves_nothing(shell: Shell, protocol: str) -> None:
    path = write_pickle(shell.folder / "bad.pkl")
    said = {
        "half": "breaks off after",
        "foreign": "nothing in it was executed",
        "nan": "holds values that are not finite",
        "safetensors": "`atelier models add` registers .safetensors files",
    }
    if protocol == "half":
        path.write_bytes(path.read_bytes()[:-100])
    elif protocol == "foreign":
        path.write_bytes(b"\x80\x04cos\nsystem\n\x8c\x04true\x85R.")
    elif protocol == "nan":
        write_pickle(path, **{"mapping.fc0.weight": torch.full((8, 8), float("nan"))})
    else:
        path = write_generator(shell.folder / "ours.safetensors")
    result = shell("models", "import", str(path), "--name", "faces")
    assert result.exit_code == guard.BAD_INPUT
    assert said[protocol] in result.stderr
    assert registry.registered("generator") == {}
    assert not [*registry.folder("generator").glob("*")]
