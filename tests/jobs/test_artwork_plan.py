"""Artwork job files: what they may say, and the plan that comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from jobs.cli.check import _article, _facts
from jobs.config import Settings
from jobs.kinds import KINDS
from jobs.naming import delivered_names
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.artwork.brief import ArtworkBrief
from tests.training.tiny import draw_pictures, write_features


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = draw_pictures(tmp_path_factory.mktemp("artwork"), count=3)
    write_features(made / "features.safetensors")
    (made / "letter.jpg").write_text("Dear Theo")
    return made


def planned(folder: Path, text: str) -> Plan:
    head = "kind: artwork\ncontent: 0.png\noutput: out/\nfeatures: features.safetensors\n"
    spec, located = parse(head + text, path="art.yaml", folder=folder)
    return plan_job(spec, located, Settings())


def problem(folder: Path, text: str) -> str:
    with pytest.raises(JobSpecProblems) as raised:
        planned(folder, text)
    return str(raised.value)


def test_one_painting_makes_one_picture(folder: Path) -> None:
    plan = planned(folder, "paintings: 1.png\n")
    assert (plan.frames, plan.chunks, plan.pictures, plan.rate) == (1, ((0, 1),), (0,), None)
    assert [name for name in delivered_names(plan) if name.startswith("png/")] == ["png/0.png"]
    assert [file.name for file in plan.files] == ["0.png", "1.png", "features.safetensors"]
    assert plan.notes == ("pictures are compared by features.safetensors",)


def test_several_paintings_have_weights_and_masks(folder: Path) -> None:
    plan = planned(folder, "paintings: {1.png: 0.7, 2.png: {weight: 0.3, mask: 0.png}}\n")
    brief = ArtworkBrief.from_json(plan.inputs)
    assert [(wanted.file, wanted.weight, wanted.mask) for wanted in brief.paintings] == [(1, 0.7, None), (2, 0.3, 3)]
    assert ArtworkBrief.from_json(brief.to_json()) == brief
    assert plan.style == "1.png + 2.png"


def test_the_film_of_its_becoming_delivers_one_picture(folder: Path) -> None:
    plan = planned(folder, "paintings: 1.png\nbecoming: 48\nfps: 12\ndeliver: [h264, png]\n")
    assert (plan.frames, plan.chunks, plan.rate) == (48, ((0, 48),), "12")
    names = list(delivered_names(plan))
    assert [name for name in names if name.startswith("png/")] == ["png/0.png"]
    assert "0-h264.mp4" in names


def test_other_pictures_make_another_job(folder: Path) -> None:
    first = planned(folder, "paintings: 1.png\n")
    assert planned(folder, "paintings: 1.png\n").job == first.job
    assert planned(folder, "paintings: 2.png\n").job != first.job
    assert planned(folder, "paintings: 1.png\nseed: 1\n").job != first.job


def test_deep_pictures_are_kept_deep(folder: Path) -> None:
    assert planned(folder, "paintings: 1.png\ndeliver: [tiff]\n").deep
    assert not planned(folder, "paintings: 1.png\nbecoming: 4\ndeliver: [prores, png]\n").deep


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("paintings: 9.png\n", "art.yaml:5: "),
        ("paintings: {}\n", "paintings: write one picture"),
        ("paintings: {1.png: 0}\n", "greater than 0"),
        ("paintings: {1.png: true}\n", "write a number"),
        (
            "paintings: {1.png: much}\n",
            "art.yaml:5: paintings: write a number for each, or {weight: 0.3, mask: sky.png}",
        ),
        ("paintings:\n  1.png: 1\n  letter.jpg: 1\n", "art.yaml:7: "),
        ("paintings:\n  1.png: 1\n  2.png:\n    mask: letter.jpg\n", "art.yaml:8: "),
        ("paintings: 1.png\nfps: 12\n", "art.yaml:6: fps: is of a film; add `becoming: 120`"),
        ("paintings: 1.png\nsource: 1.png\n", "unknown key 'source'; known are output"),
        ("paintings: letter.jpg\n", "letter.jpg"),
        (
            "paintings: 1.png\ndeliver: [h264]\n",
            "art.yaml:6: deliver: h264 shows the picture coming into being; add `becoming: 120`",
        ),
        (
            "paintings: 1.png\nbecoming: 50\niterations: 20\n",
            "art.yaml:6: becoming: 50 frames need as many iterations; write 21 or less",
        ),
        ("paintings: 1.png\nchunk: 4\n", "leave it out"),
        ("paintings: 1.png\nfetures: x\n", "did you mean 'features'"),
        ("paintings: 1.png\nsize: 9000\n", "8192"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(folder: Path, text: str, said: str) -> None:
    assert said in problem(folder, text)


def test_a_black_mask_is_named_with_its_line(folder: Path) -> None:
    Image.new("RGB", (8, 8)).save(folder / "night.png")
    said = problem(folder, "paintings:\n  1.png: 1\n  2.png:\n    mask: night.png\n")
    assert said == f"art.yaml:8: {folder}/night.png: the mask is black all over; leave its painting out instead"


def test_check_tells_of_the_artwork(folder: Path) -> None:
    plan = planned(folder, "paintings: {1.png: 0.7, 2.png: {weight: 0.3, mask: 0.png}}\nsize: 512\n")
    assert _facts(plan)[:5] == [
        ("content", f"{folder}/0.png"),
        ("size", "512 px on the longest side, 8 bits a channel"),
        ("work", "at most 500 evaluations, at 256, 512 px, priority 5"),
        ("paintings", f"{folder}/1.png, weight 0.7"),
        ("", f"{folder}/2.png, weight 0.3, where 0.png is white"),
    ]
    assert "becoming" not in dict(_facts(plan))
    film = planned(folder, "paintings: 1.png\nbecoming: 48\ndeliver: [h264]\n")
    assert dict(_facts(film))["becoming"] == "48 frames (1-48), 0:02 at 24 fps"
    assert {kind for kind in KINDS if _article(kind) == "an"} == {"artwork", "interiors"}


@pytest.mark.parametrize(
    ("features", "said"),
    [("0.png", "neither atelier nor torchvision"), ("nothing.npz", "no such file"), ("vgg16", "neither atelier")],
)
def test_features_that_are_none_are_refused(folder: Path, features: str, said: str) -> None:
    text = f"kind: artwork\ncontent: 0.png\npaintings: 1.png\noutput: out/\nfeatures: {features}\n"
    with pytest.raises(JobSpecProblems, match=said):
        plan_job(*parse(text, path="art.yaml", folder=folder), Settings())
