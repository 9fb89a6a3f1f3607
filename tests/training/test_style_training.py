"""Training a style from the command line, on pictures and weights that mean nothing."""

from __future__ import annotations

import pytest
import torch
from PIL import Image

from pipeline.errors import ModelError
from pipeline.models import style
from pipeline.training import style_cli
from pipeline.training.material import open_picture
from pipeline.training.preview import Preview
from pipeline.training.style import encode, export, fresh_network, scaled_painting
from pipeline.weights import read
from tests.training.tiny import draw_pictures, write_features


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    folder = tmp_path_factory.mktemp("material")
    draw_pictures(folder / "photos", count=10, size=(120, 100))
    draw_pictures(folder / "paintings", count=1)
    write_features(folder / "features.safetensors")
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
        *(
            "--features",
            str(material / "features.safetensors"),
            "--out",
            str(tmp_path),
            "--device",
            "cpu",
            "--iterations",
            "2",
        ),
        *("--batch", "1", "--crop-px", "32", "--painting-px", "48", "--save-every", "1", "--preview-every", "1"),
        *("--warmup", "1", "--threads", "1"),
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
    assert "| began from | starry-night |" in card
    assert "distilled from VGG19" in card


def test_a_broken_training_goes_on_when_the_command_is_given_again(arguments, tmp_path, capsys):
    assert style_cli.main([*arguments, "--iterations", "1"]) == 0
    assert style_cli.main(arguments) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["1/1", "2/2"]
    assert read(tmp_path / "tiny.safetensors").metadata["iterations"] == "2"


def test_a_style_is_always_the_same_bytes():
    about = {str(number): "said" for number in range(20)}
    network = fresh_network(1)
    assert len({encode(network, about) for _ in range(5)}) == 1
    assert all(torch.equal(*pair) for pair in zip(fresh_network(1).parameters(), network.parameters(), strict=True))


def test_a_preview_has_the_painting_and_photographs_above_their_paintings(material):
    class Black(torch.nn.Conv2d):
        def forward(self, pictures):
            return torch.zeros_like(pictures)

    photos = sorted((material / "photos").iterdir())
    red = Image.new("RGB", (300, 600), "red")
    page = Preview(red, photos).draw(Black(1, 1, 1), title="tiny", note="1 of 2")
    height, width, _ = page.shape
    assert (height % 2, width % 2) == (0, 0)
    assert tuple(page[height // 2, 100]) == (255, 0, 0)
    assert page[60, width - 60].max() > 0
    assert page[height - 70, width - 60].max() == 0


def test_too_few_photographs_are_refused(arguments, material, tmp_path, capsys):
    draw_pictures(tmp_path / "few", count=9, size=(120, 100))
    assert style_cli.main([*arguments, "--photos", str(tmp_path / "few")]) == 2
    assert "holds 9 photographs, and a training needs 10" in capsys.readouterr().err


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


def test_a_painting_is_scaled_to_its_longest_side_and_blurred(material):
    painting = open_picture(material / "paintings/0.png")
    assert scaled_painting(painting, 24).shape == (1, 3, 20, 24)
    fine, smooth = (scaled_painting(painting, 24, smooth_px=radius) for radius in (0, 2))
    assert smooth.diff(dim=3).abs().mean() < fine.diff(dim=3).abs().mean()


def test_only_style_networks_are_exported(tmp_path):
    with pytest.raises(ModelError, match="a Linear is no StyleNetwork"):
        export(torch.nn.Linear(1, 1), tmp_path / "a.safetensors", {})
