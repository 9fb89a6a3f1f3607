"""The command line of training an autoencoder alone: what it writes, and that it goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.models.vae.files import load
from pipeline.training.vae.cli import main
from tests.training.tiny import draw_pictures

SMALL = [
    "--size",
    "64",
    "--channels",
    "4",
    "--channels-most",
    "8",
    "--latent",
    "6",
    "--batch",
    "4",
    "--perceptual",
    "0",
    "--adversarial",
    "0",
    "--kimg",
    "0.024",
    "--save-every",
    "0.008",
    "--preview-every",
    "0.012",
    "--distance-pictures",
    "0",
    "--print-every",
    "2",
    "--threads",
    "1",
    "--name",
    "tiny",
]


def test_a_folder_becomes_weights_a_card_a_report_and_a_sheet(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = draw_pictures(tmp_path / "discs", count=24, size=(70, 66))
    (folder / "bad.png").write_bytes(b"none")
    assert main(["--data", str(folder), "--out", str(tmp_path / "out"), *SMALL]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith("state")}
    assert names == {"tiny.safetensors", "tiny.md", "tiny.png", "tiny-report.png"}
    assert load(tmp_path / "out/tiny.safetensors").config.latent == 6
    said = capsys.readouterr().out
    assert "1 picture was skipped: bad.png" in said
    assert "reconstruction" in said


def test_the_same_command_goes_on_and_is_the_same_in_the_end(tmp_path: Path) -> None:
    folder = draw_pictures(tmp_path / "discs", count=24, size=(70, 66))
    command = ["--data", str(folder), *SMALL]
    assert main([*command, "--out", str(tmp_path / "whole")]) == 0
    assert main([*command, "--out", str(tmp_path / "broken"), "--minutes", "0"]) == 0
    assert main([*command, "--out", str(tmp_path / "broken")]) == 0
    first, second = ((tmp_path / name / "tiny.safetensors").read_bytes() for name in ("whole", "broken"))
    assert first == second


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--data", "rooms", "--size", "100"], "--size: 100 px; give 64, 128, 256"),
        (["--data", "gone"], "gone: is no folder; give the folder that the pictures are in, or rooms"),
    ],
)
def test_what_is_wrong_gets_one_sentence(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.startswith(said)
    assert not (tmp_path / "out").exists()
