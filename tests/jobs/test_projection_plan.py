"""Projection job files: what they plan, and every sentence about what is wrong with one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from jobs.cli.check import _facts
from jobs.config import Settings
from jobs.naming import delivered_names
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.models.stylegan.design import untrained
from pipeline.models.stylegan.files import to_safetensors
from pipeline.portraits.projection.brief import ProjectionBrief
from tests.portraits.making import CONFIGS, write_generator, write_pickle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small generators, photographs, and what is neither."""
    made = tmp_path_factory.mktemp("projection")
    for kind in ("stylegan2", "conditional", "stylegan3"):
        write_generator(made / f"{kind}.safetensors", kind)
    write_pickle(made / "official.pkl")
    noiseless = replace(CONFIGS["stylegan2"], synthesis=replace(CONFIGS["stylegan2"].synthesis, noisy=False))
    (made / "noiseless.safetensors").write_bytes(to_safetensors(untrained(noiseless, seed=0)))
    Image.new("RGB", (60, 40), "teal").save(made / "anna.jpg")
    Image.new("RGB", (200, 15)).save(made / "strip.png")
    (made / "letter.jpg").write_text("Dear Anna")
    return made


def planned(folder: Path, text: str = "", **keys: str) -> Plan:
    """The plan of a job file whose first four lines are `keys`."""
    head = {"kind": "projection", "model": "stylegan2.safetensors", "photograph": "anna.jpg", "output": "out/"} | keys
    lines = "\n".join(f"{key}: {value}" for key, value in head.items())
    spec, located = parse(f"{lines}\n{text}", path="p.yaml", folder=folder)
    return plan_job(spec, located, Settings())


def told(folder: Path, text: str, **keys: str) -> str:
    """What is said of a wrong one."""
    with pytest.raises(JobSpecProblems) as problems:
        planned(folder, text, **keys)
    return str(problems.value).replace(f"{folder}/", "")


def brief(plan: Plan) -> ProjectionBrief:
    """What its painter reads."""
    return ProjectionBrief.from_json(plan.inputs)


def test_a_photograph_becomes_one_picture_and_its_latents(folder: Path) -> None:
    plan = planned(folder)
    assert (plan.frames, plan.chunks, plan.pictures, plan.rate) == (1, ((0, 1),), (0,), None)
    assert {"png/anna.png", "anna.npz"} <= set(delivered_names(plan))
    assert [file.name for file in plan.files] == ["anna.jpg", "atelier-features-1.safetensors"]
    assert (plan.models[0].name, plan.style) == (f"{folder}/stylegan2.safetensors", "stylegan2")
    assert (brief(plan).recipe.steps, brief(plan).recipe.noise, brief(plan).face) == (500, True, None)


def test_a_brief_comes_back_from_json(folder: Path) -> None:
    made = brief(planned(folder, "face: [8, 0, 40, 32]\nclass: 1\nplus: 1\n", model="conditional.safetensors"))
    assert (made.face, made.label, made.recipe.plus) == ((8, 0, 40, 32), 1, 1)
    assert ProjectionBrief.from_json(made.to_json()) == made


def test_the_film_of_a_projection_delivers_its_last_picture(folder: Path) -> None:
    plan = planned(folder, "becoming: 48\nfps: 12\ndeliver: [h264, tiff]\n")
    assert (plan.frames, plan.chunks, plan.rate, plan.deep) == (48, ((0, 48),), "12", True)
    names = set(delivered_names(plan))
    assert {name for name in names if name.startswith("tiff/")} == {"tiff/anna.tif"}
    assert "anna-h264.mp4" in names


def test_an_official_pickle_is_projected_into_as_ours_is(folder: Path) -> None:
    ours, theirs = planned(folder), planned(folder, model="official.pkl")
    assert theirs.models[0].entry == "pipeline.models.stylegan.files:load_official"
    assert ours.inputs | {"model": ""} == theirs.inputs | {"model": ""}


@pytest.mark.parametrize("change", [{"photograph": "strip.jpg"}, {"model": "stylegan3.safetensors"}, {"seed": "1"}])
def test_another_photograph_generator_or_seed_is_another_job(folder: Path, change: dict[str, str]) -> None:
    Image.new("RGB", (60, 40), "red").save(folder / "strip.jpg")
    assert planned(folder).job == planned(folder).job != planned(folder, **change).job


@pytest.mark.parametrize("model", ["stylegan3", "noiseless"])
def test_where_there_is_no_noise_none_is_found(folder: Path, model: str) -> None:
    assert not brief(planned(folder, model=f"{model}.safetensors")).recipe.noise


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("face: [10, 10, 61, 40]", "5: face: [10, 10, 61, 40] lies outside of the photograph, which is 60x40 px"),
        ("face: [-1, 0, 20, 20]", "5: face: [-1, 0, 20, 20] lies outside of the photograph"),
        ("face: [40, 0, 20, 20]", "5: face: [40, 0, 20, 20] has nothing in it; its order is left, top, right, bottom"),
        ("face: [10, 10, 40]", "5: face: [10, 10, 40] is no box; write left, top, right and bottom in pixels: [120,"),
        ("face: 10, 10, 40, 40", "5: face: '10, 10, 40, 40' is no box"),
        ("face: [0.5, 0, 20, 20]", "5: face: [0.5, 0, 20, 20] is no box"),
        ("class: 0", "5: class: the model knows no classes; leave it out"),
        ("steps: 0", "5: steps: input should be greater than or equal to 1 (it is 0)"),
        ("steps: 100001", "5: steps: input should be less than or equal to 100000 (it is 100001)"),
        ("plus: 1.5", "5: plus: input should be less than or equal to 1 (it is 1.5)"),
        ("plus: .nan", "5: plus: "),
        ("seed: -1", "5: seed: input should be greater than or equal to 0 (it is -1)"),
        ("noise: loud", "5: noise: input should be a valid boolean"),
        ("steps: true", "5: steps: is true, as YAML reads it; write a number"),
        ("steps: 20\nbecoming: 22", "6: becoming: 22 frames need as many steps; write 21 or less"),
        ("deliver: [png, h264]", "5: deliver: h264 shows the picture coming into being; add `becoming: 120`"),
        ("fps: 12", "5: fps: is of a film; add `becoming: 120`, or leave it out for a picture alone"),
        ("deliver: []", "5: deliver: is empty"),
        ("chunk: 4", "5: chunk: this kind of job is one piece of work; leave it out"),
        ("features: vgg16", "5: features: 'vgg16' is neither atelier nor torchvision"),
        ("features: gone.pth", "5: gone.pth: no such file; give VGG19's convolutions"),
        ("photo: anna.jpg", "5: unknown key 'photo'; did you mean 'photograph'?"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(folder: Path, text: str, said: str) -> None:
    found = told(folder, text)
    assert found.startswith(f"p.yaml:{said}")
    assert "\n" not in found


@pytest.mark.parametrize(
    ("keys", "text", "said"),
    [
        ({"photograph": "gone.jpg"}, "", "3: gone.jpg: no such file"),
        ({"photograph": "letter.jpg"}, "", "3: letter.jpg: "),
        ({"photograph": "strip.png"}, "", "3: strip.png: is 200x15 px; nothing can be seen in less than 16 px"),
        ({"photograph": "."}, "", "3: "),
        ({"model": "gone.pkl"}, "", "2: gone.pkl: no such generator; check the path"),
        ({"model": "ffhq"}, "", "2: model: unknown generator 'ffhq'"),
        ({"model": "great-wave"}, "", "2: model: "),
        ({"model": "anna.jpg"}, "", "2: "),
        ({"model": "conditional.safetensors"}, "", "2: 'class' is missing: the model knows 3; write class: 0 to 2"),
        ({"model": "conditional.safetensors"}, "class: 3", "5: class: there is no 3; the model knows 0 to 2"),
        ({"model": "stylegan3.safetensors"}, "noise: true", "5: noise: StyleGAN3 has none, and this is one; leave it"),
        ({"model": "noiseless.safetensors"}, "noise: false", "5: noise: this model was trained without any; leave"),
    ],
)
def test_what_cannot_be_projected_is_named(folder: Path, keys: dict[str, Any], text: str, said: str) -> None:
    found = told(folder, text, **keys)
    assert found.startswith(f"p.yaml:{said}")
    assert "\n" not in found


def test_a_photograph_that_nothing_can_be_called_after_is_named(folder: Path) -> None:
    name = "a" * 245 + ".jpg"
    Image.new("RGB", (60, 40)).save(folder / name)
    assert told(folder, "", photograph=name).startswith("p.yaml:3: photograph: the name 'aaa")


def test_check_tells_of_the_projection(folder: Path) -> None:
    facts = _facts(planned(folder, "face: [8, 0, 40, 32]\nclass: 2\n", model="conditional.safetensors"))
    assert facts == [
        ("model", f"{folder}/conditional.safetensors"),
        ("photo", f"{folder}/anna.jpg, about 8, 0 to 40, 32 px"),
        ("picture", "16x16 px, 8 bits a channel"),
        ("work", "500 steps, w+ from step 251, seed 0, noise found, class 2, priority 5"),
        ("latents", "anna.npz"),
        ("deliver", "png"),
        ("output", f"{folder}/out/"),
    ]
    film = planned(folder, "becoming: 48\ndeliver: [h264]\nplus: 1\nsteps: 60", model="stylegan3.safetensors")
    assert ("work", "60 steps, w, seed 0, priority 5") in _facts(film)
    assert ("becoming", "48 frames (1-48), 0:02 at 24 fps") in _facts(film)


def test_planning_takes_no_torch(folder: Path) -> None:
    text = "kind: projection\nmodel: official.pkl\nphotograph: anna.jpg\noutput: /out/"
    script = (
        "import sys\nfrom pathlib import Path\nfrom jobs.config import Settings\nfrom jobs.spec import parse\n"
        "from jobs.submit import plan_job\n"
        f"plan_job(*parse({text!r}, path='p', folder=Path({str(folder)!r})), Settings())\n"
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
