"""Training a style from the command line, on pictures and weights that mean nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from PIL import Image

from pipeline.errors import MediaError, ModelError
from pipeline.models import style
from pipeline.training import style_cli
from pipeline.training.style import export, read_painting
from pipeline.weights import read
from tests.training.tiny import draw_pictures, write_vgg


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    folder = tmp_path_factory.mktemp("material")
    draw_pictures(folder / "photos")
    draw_pictures(folder / "paintings", count=1)
    write_vgg(folder / "vgg.npz")
    return folder


@pytest.fixture(autouse=True)
def own_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def arguments(material, tmp_path):
    return [
        *("--name", "tiny", "--painting", str(material / "paintings/0.png"), "--photos", str(material / "photos")),
        *("--vgg", str(material / "vgg.npz"), "--out", str(tmp_path), "--device", "cpu", "--iterations", "2"),
        *("--batch", "1", "--crop-px", "32", "--painting-px", "48", "--save-every", "1", "--warmup", "1"),
        *("--threads", "1"),
    ]


def test_training_writes_weights_a_card_and_previews(arguments, tmp_path):
    assert style_cli.main([*arguments, "--credit-painting", "Nobody, Nothing, 1900"]) == 0
    weights = tmp_path / "tiny.safetensors"
    assert weights.stat().st_size <= 2_000_000
    assert read(weights).metadata["iterations"] == "2"
    assert style.load(weights)(torch.rand(1, 3, 9, 9)).shape == (1, 3, 9, 9)
    card = weights.with_suffix(".md").read_text()
    assert "Nobody, Nothing, 1900" in card
    assert "2, 1 crops of 32 px each" in card
    assert sorted(path.name for path in (tmp_path / "tiny.training").iterdir()) == [
        "000001.png",
        "000002.png",
        "state.pt",
    ]
    with Image.open(tmp_path / "tiny.training/000002.png") as preview:
        assert preview.size == (768, 512)


def test_another_styles_weights_can_be_begun_from(arguments, tmp_path):
    beginning = tmp_path / "before.safetensors"
    export(style.StyleNetwork(), beginning, {})
    assert style_cli.main([*arguments, "--warm-start", str(beginning), "--learning-rate", "0"]) == 0
    before, after = read(beginning).tensors, read(tmp_path / "tiny.safetensors").tensors
    # A rate of nothing changes nothing.
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_what_is_wrong_is_said_in_one_sentence_with_exit_code_2(arguments, capsys):
    assert style_cli.main([*arguments, "--painting", "gone.jpg"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("gone.jpg: is no picture")
    assert said.count("\n") == 1


def test_the_module_runs_as_a_command():
    command = [sys.executable, "-m", "pipeline.training.style", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "--painting-px" in done.stdout


def test_a_painting_is_scaled_to_its_longest_side_and_blurred(material):
    assert read_painting(material / "paintings/0.png", 24).shape == (1, 3, 20, 24)
    fine, smooth = (read_painting(material / "paintings/0.png", 24, smooth_px=radius) for radius in (0, 2))
    assert smooth.diff(dim=3).abs().mean() < fine.diff(dim=3).abs().mean()
    with pytest.raises(MediaError):
        read_painting(material / "vgg.npz", 24)


def test_only_style_networks_are_exported(tmp_path):
    with pytest.raises(ModelError, match="a Linear is no StyleNetwork"):
        export(torch.nn.Linear(1, 1), tmp_path / "a.safetensors", {})


def test_networks_and_training_need_no_farm_or_film_libraries():
    code = (
        "import sys, pipeline.models.fns, pipeline.training.style_cli;"
        "sys.exit(bool({'av', 'boto3', 'pydantic', 'celery', 'redis', 'typer', 'rich'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
