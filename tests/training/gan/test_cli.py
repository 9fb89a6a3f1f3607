"""`python -m pipeline.training.gan`: it trains, stops in time, goes on, and says in one sentence what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from pipeline.models.stylegan.files import load
from pipeline.training.gan import cli
from tests.training.tiny import draw_pictures


@pytest.fixture(autouse=True)
def own_threads():
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    return [
        *("--data", "portraits", "--count", "6", "--size", "32", "--out", str(tmp_path / "out"), "--name", "tiny"),
        *("--channels", "4", "--channels-most", "8", "--latent", "8", "--batch", "4", "--distance-pictures", "0"),
        *("--kimg", "0.024", "--save-every", "0.008", "--preview-every", "0.012", "--print-every", "1"),
        *("--threads", "1", "--device", "cpu", "--no-mixed-precision"),
    ]


def test_training_writes_weights_a_card_a_sheet_curves_and_a_state(words: list[str], tmp_path: Path) -> None:
    assert cli.main([*words, "--credit", "ours", "--licence", "CC BY 4.0"]) == 0
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == [
        "state-0000006.0", "state.json", "tiny-curves.png", "tiny.md", "tiny.png", "tiny.safetensors",
    ]  # fmt: skip
    assert load(out / "tiny.safetensors").config.synthesis.resolution == 32
    assert "licence: CC BY 4.0" in (out / "tiny.md").read_text()
    with Image.open(out / "tiny.png") as page:
        assert page.width > 256


def test_a_training_stops_in_time_and_goes_on_bit_for_bit(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) == 0
    parts, on = ["--out", str(tmp_path / "part")], ["--out", str(tmp_path / "rest")]
    assert cli.main([*words, *parts, "--minutes", "0"]) == 0
    assert "stopped after 0 minutes" in capsys.readouterr().out
    assert cli.main([*words, *on, "--resume", str(tmp_path / "part")]) == 0
    assert "1/6 iterations done" in capsys.readouterr().out
    whole, rest = (load(tmp_path / name / "tiny.safetensors").state_dict() for name in ("out", "rest"))
    assert all(torch.equal(whole[name], rest[name]) for name in whole)


def test_a_folder_of_pictures_is_learnt(words: list[str], tmp_path: Path) -> None:
    draw_pictures(tmp_path / "discs", count=100, size=(40, 34))
    assert cli.main([*words, "--data", str(tmp_path / "discs"), "--kimg", "0.004"]) == 0
    assert "100 of them" in (tmp_path / "out" / "tiny.md").read_text()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--data", "{0}/gone"], "{0}/gone: is no folder; give the folder that the pictures are in, or portraits"),
        (["--data", "{0}/empty"], "{0}/empty: holds no photographs"),
        (["--data", "{0}/few"], "{0}/few: holds 9 photographs, and a training needs 100"),
        (["--data", "{0}/damaged"], "{0}/damaged/7.png: is no picture"),
        (["--data", "{0}/small"], "{0}/small/0.png: 40x31 px is too small to learn from; give 32 px"),
        (["--size", "48"], "--size: 48 px; give a power of two, 32, 64, 128, 256"),
        (["--size", "16"], "--size: 16 px; give a power of two"),
        (["--device", "tpu"], "unknown device 'tpu'"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    words: list[str], more: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    draw_pictures(tmp_path / "few", count=9)
    draw_pictures(tmp_path / "damaged", count=100)
    (tmp_path / "damaged/7.png").write_bytes(b"none")
    draw_pictures(tmp_path / "small", count=100, size=(40, 31))
    assert cli.main([*words, *(word.format(tmp_path) for word in more)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(said.format(tmp_path)), error
    assert error.count("\n") == 1


def test_another_trainings_state_is_refused(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*words, "--kimg", "0.004"]) == 0
    assert cli.main([*words, "--channels", "8"]) == 2
    assert "out/state.json: it is the state of another training" in capsys.readouterr().err
