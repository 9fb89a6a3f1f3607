"""What is learnt and what is held out, how batches are cut, and what becomes of bad pictures and labels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pipeline.drawing.rooms import MEASURES
from pipeline.errors import MediaError
from pipeline.training.vae import labels, sources
from tests.training.vae.tiny import brief, disc, source


def folder_of(path: Path, count: int, side: int = 70) -> list[Path]:
    path.mkdir()
    for number in range(count):
        Image.fromarray(disc(number, side)).save(path / f"disc{number:02d}.png")
    return sorted(path.iterdir())


def test_what_is_held_out_is_never_learnt_and_does_not_depend_on_the_trainings_seed() -> None:
    first, second = (source(brief(seed=seed), count=40).material for seed in (0, 7))
    assert first.held_out == second.held_out
    assert len(first.held_out) == 4
    assert sorted((*first.learnt, *first.held_out)) == list(range(40))


def test_batches_are_cut_turned_and_coloured_and_the_same_for_the_same_lots() -> None:
    asked = brief(crop=1.25, mirror=True, jitter=0.3)
    material = source(asked).material
    first, second = (material.batch(6, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(first, second)
    assert first.shape == (6, 3, 64, 64)
    assert 0 <= float(first.min()) < float(first.max()) <= 1
    middle = material.of([0])
    assert torch.equal(middle[0], torch.from_numpy(disc(0, 80)[8:72, 8:72]).permute(2, 0, 1).float().div(255)) or (
        (middle[0] - torch.from_numpy(disc(0, 80)[8:72, 8:72]).permute(2, 0, 1) / 255).abs().max() < 1e-6
    )


def test_unusable_pictures_among_good_ones_are_skipped_and_told(tmp_path: Path) -> None:
    paths = folder_of(tmp_path / "discs", 22)
    (tmp_path / "discs" / "broken.png").write_bytes(paths[0].read_bytes()[:200])
    (tmp_path / "discs" / "words.jpg").write_text("no picture", encoding="utf-8")
    Image.new("RGB", (20, 20)).save(tmp_path / "discs" / "tiny.png")
    told: list[int] = []
    found = sources.folder(sorted((tmp_path / "discs").iterdir()), "discs/", brief().recipe, report=told.append)
    assert found.material.count == 22
    assert [said.partition(":")[0] for said in found.skipped] == ["broken.png", "tiny.png", "words.jpg"]
    assert "20x20 px is too small" in found.skipped[1]
    assert told == list(range(1, 26))
    assert found.material.attributes == ("brightness", "warmth", "contrast", "saturation", "clutter")
    assert found.known([0, 3]).shape == (2, 5)


def test_a_folder_with_too_few_usable_pictures_says_so_and_why(tmp_path: Path) -> None:
    folder_of(tmp_path / "discs", 19)
    (tmp_path / "discs" / "words.jpg").write_text("no picture", encoding="utf-8")
    with pytest.raises(
        MediaError, match=r"discs/: holds 19 usable pictures \(1 picture was skipped: words.jpg: .*needs 20"
    ):
        sources.folder(sorted((tmp_path / "discs").iterdir()), "discs/", brief().recipe)


def test_labels_become_attributes_and_what_is_not_labelled_is_not_known(tmp_path: Path) -> None:
    paths = folder_of(tmp_path / "discs", 24)
    rows = "\n".join(f"{path.name},{number / 10}" for number, path in enumerate(paths[:12]))
    told = labels.read(f"file,cosiness\n{rows}\n".encode(), "labels.csv")
    found = sources.folder(paths, "discs/", brief().recipe, labels=told)
    assert found.material.attributes[-1] == "cosiness"
    assert found.labelled == tuple(range(12))
    assert found.known([3])[0, -1] == pytest.approx(0.3)
    assert torch.isnan(found.known([20])[0, -1])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"labels.csv:1: begins with file and the names of attributes"),
        ("file\na.png\n", r"labels.csv:1: begins with file"),
        ("name,x\na.png,1\n", r"labels.csv:1: begins with file"),
        ("file,x,x\na.png,1,2\n", r"labels.csv:1: begins with file"),
        ("file,FILE,x\na.png,b.png,2\n", r"labels.csv:1: begins with file"),
        ("file,x\n", r"labels.csv: has names of columns and no rows; give each picture a row"),
        ("file,two words\na.png,1\n", r"labels.csv:1: 'two words' is no name of an attribute"),
        ("file,x\na.png,1\nb.png\n", r"labels.csv:3: has 1 columns where 2 belong"),
        ("file,x\na.png,warm\n", r"labels.csv:2: 'warm' is no number"),
        ("file,x\na.png,nan\n", r"labels.csv:2: nan is not finite"),
        ('file,x\n"a.png,1\n', r"labels.csv: is no CSV file"),
        ("file;x\na.png;1\n", r"labels.csv:1: begins with file.*; here semicolons part its columns: save it with"),
        ("file\tx\na.png\t1\n", r"labels.csv:1: begins with file.*; here tabs part its columns"),
        ("file,x\na.png,1\nb.png,2\na.png,1\n", r"labels.csv:4: 'a.png' has a row already, line 2; keep one"),
        ("file," + ",".join(f"x{n}" for n in range(1001)), r"labels.csv:1: has 1,001 attributes; at most 1,000"),
    ],
)
def test_bad_labels_get_one_sentence_with_the_line(text: str, said: str) -> None:
    with pytest.raises(MediaError, match=said):
        labels.read(text.encode(), "labels.csv")


@pytest.mark.parametrize("column", ["File", "FILE", " file "])
def test_the_column_of_names_may_be_written_in_capitals(column: str) -> None:
    assert labels.read(f"{column},x\na.png,1\n".encode(), "labels.csv").rows == {"a.png": (1.0,)}


def test_labels_that_are_called_as_what_is_measured_are_refused(tmp_path: Path) -> None:
    told = labels.read(b"file,x,clutter\na.png,1,2\n", "labels.csv")
    with pytest.raises(MediaError, match=r"labels.csv:1: 'clutter' is measured of every picture"):
        sources.folder(folder_of(tmp_path / "discs", 24), "discs/", brief().recipe, labels=told)


def test_labels_of_other_pictures_are_refused() -> None:
    told = labels.read(b"file,x\na.png,1\n", "labels.csv")
    with pytest.raises(MediaError, match=r"^labels.csv: has rows of 0 of the pictures, and 10 are the .* as b.png"):
        told.of(["b.png", "c.png"])


def test_rooms_are_drawn_when_they_are_wanted_and_all_of_their_measures_are_known(tmp_path: Path) -> None:
    recipe = replace(brief().recipe, held_out=0.25)
    found = sources.rooms(20, recipe, file=tmp_path / "rooms.npy")
    assert found.material.of([2]).shape == (1, 3, 64, 64)
    made = np.load(tmp_path / "rooms.made.npy")
    assert made.tolist() == [0, 0, 1] + [0] * 17
    assert found.material.attributes == MEASURES
    assert found.known([2]).shape == (1, len(MEASURES))
