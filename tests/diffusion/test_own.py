"""Our own model of words in jobs of diffusion: planned by its file's header, painted by our networks.

Its weights here are random and few; what it is asked, and what becomes of the answer, is what is tested.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from jobs.config import Settings
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job
from pipeline.catalog import find_upscaler
from pipeline.device import threads
from pipeline.diffusion.own import load
from pipeline.diffusion.painter import DiffusionPainter
from pipeline.models.words import files
from pipeline.models.words.config import WordsConfig
from pipeline.models.words.unet import WordsNetwork
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions
from pipeline.stream import Stopwatch
from tests.media import numbered_picture

PX = 32
CONFIG = WordsConfig(
    size_px=PX, channels=16, depth=1, head=8, text_width=16, text_depth=1, tokens=6, words=("blue", "red", "sofa")
)
QUICK = "steps: 3\nsize: 32x32\n"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model, a picture and a mask."""
    folder = tmp_path_factory.mktemp("models")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = WordsNetwork(CONFIG)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
    (folder / "tiny.safetensors").write_bytes(files.to_safetensors(network))
    Image.fromarray(numbered_picture(7, 96, 64)).save(folder / "photo.png")
    mask = np.zeros((64, 96), np.uint8)
    mask[:, 48:] = 255
    Image.fromarray(mask).save(folder / "mask.png")
    return folder


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As on a worker."""
    with threads(1):
        yield


def planned(models: Path, text: str) -> Plan:
    spec, located = parse(
        f"kind: diffusion\nmodel: tiny.safetensors\noutput: out/\n{text}", path="d.yaml", folder=models
    )
    return plan_job(spec, located, Settings())


def told(models: Path, text: str) -> str:
    with pytest.raises(JobSpecProblems) as problems:
        planned(models, text)
    return str(problems.value).replace(f"{models}/", "")


def painted(plan: Plan, folder: Path, *, lanes: int = 1, step: int = 100, **asked: Any) -> np.ndarray:
    """All of a plan's pictures, in chunks of so many; the model's files lie in `folder`, as on a worker."""
    for part in plan.models[0].parts:
        (folder / part.name).write_bytes(Path(part.key).read_bytes())
    assembly = load(folder)
    easel = Easel(device=torch.device("cpu"), precision=torch.float32, batch=4, lanes=lanes, options=StoreOptions())
    painter = DiffusionPainter(plan.inputs, easel, deep=plan.deep)
    frames = []
    for start in range(0, plan.frames, step):
        work = Work(
            start=start,
            stop=min(start + step, plan.frames),
            watch=Stopwatch(),
            model=lambda index, precision=None: assembly,
            file=lambda index: Path(plan.files[index].key).read_bytes(),
            model_digests=tuple(f"{model.entry} {model.sha256}" for model in plan.models),
            **asked,
        )
        frames += list(painter.paint(work))
    return np.stack(frames)


def test_a_plan_names_both_networks_and_needs_no_library(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.kinds.diffusion_model._NEEDED", ("no_such_library",))
    plan = planned(models, "prompts: a red sofa\nseeds: 0-1")
    assert plan.models[0].entry == "pipeline.diffusion.own:load"
    assert [part.name for part in plan.models[0].parts] == ["upscaler.safetensors", "words.safetensors"]
    assert plan.models[0].parts[0].sha256 == find_upscaler().sha256
    assert plan.inputs["settings"] == [{"steps": 12, "guidance": 3.0, "size": [4 * PX, 4 * PX]}]


def test_a_picture_does_not_depend_on_its_batch_chunk_or_lanes(models: Path, tmp_path: Path) -> None:
    plan = planned(models, f"prompts: [a red sofa, a blue sofa]\nseeds: 0-1\n{QUICK}")
    whole = painted(plan, tmp_path)
    assert np.array_equal(whole, painted(plan, tmp_path, lanes=3, step=3))
    assert len({picture.tobytes() for picture in whole}) == 4


def test_words_negatives_guidance_steps_and_samplers_all_count(models: Path, tmp_path: Path) -> None:
    texts = (
        "prompts: a red sofa",
        "prompts: a blue sofa",
        "prompts: a red sofa\nnegative: blue",
        "prompts: a red sofa\nguidance: 1",
        "prompts: a red sofa\nscheduler: flow-euler",
    )
    made = [painted(planned(models, f"{text}\n{QUICK}"), tmp_path) for text in texts]
    assert len({pictures.tobytes() for pictures in made}) == len(texts)
    heun = painted(planned(models, f"{texts[0]}\nscheduler: flow-heun\n{QUICK}"), tmp_path)
    assert np.array_equal(made[0], heun)


def test_pictures_are_enlarged_to_the_size_that_is_asked_for(models: Path, tmp_path: Path) -> None:
    small, large = (
        painted(planned(models, f"prompts: red\nsteps: 2\nsize: {side}x{side}"), tmp_path)[0] for side in (32, 96)
    )
    assert large.shape == (96, 96, 3)
    shrunk = np.asarray(Image.fromarray(large).resize((32, 32), Image.Resampling.BOX), int)
    assert np.abs(shrunk - small).mean() < 12


def test_a_picture_is_changed_by_as_much_as_strength_says(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A network that guesses that what it sees is the picture leaves the noise that the picture was begun with.
    monkeypatch.setattr(WordsNetwork, "forward", lambda self, noisy, share, text, said: noisy)
    text = f"task: image-to-image\nimage: photo.png\nprompts: red\n{QUICK}"
    little, much = (painted(planned(models, f"{text}strength: {s}"), tmp_path)[0].astype(int) for s in (0.34, 1))
    own = np.asarray(Image.open(models / "photo.png").convert("RGB").crop((16, 0, 80, 64)).resize((32, 32)), int)
    assert np.abs(little - own).mean() < 0.6 * np.abs(much - own).mean()
    assert planned(models, "task: image-to-image\nimage: photo.png\nprompts: red").inputs["subjects"][0]["size"] == [
        64,
        64,
    ]


def test_inpainting_leaves_the_users_pixels_where_the_mask_is_black(models: Path, tmp_path: Path) -> None:
    text = f"task: inpaint\nimage: photo.png\nmask: mask.png\nprompts: red\n{QUICK}"
    made = painted(planned(models, text), tmp_path)[0]
    own = np.asarray(Image.open(models / "photo.png").convert("RGB").crop((16, 0, 80, 64)).resize((32, 32), 1), int)
    assert np.abs(made[:, :14].astype(int) - own[:, :14]).max() <= 2
    assert np.abs(made[:, 18:].astype(int) - own[:, 18:]).mean() > 8


def test_what_a_model_does_not_know_is_remarked(models: Path, tmp_path: Path) -> None:
    remarks = []
    plan = planned(models, f"prompts: a red dragon on a red red red red sofa\n{QUICK}")
    painted(plan, tmp_path, remark=lambda frame, text: remarks.append((frame, text)))
    assert remarks == [
        (0, "0001: the model does not know dragon"),
        (0, "0001: the prompt's last 1 words were not read"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompts: a dragon", "holds no word that tiny.safetensors knows"),
        (
            "prompts: red\nsize: 640x360",
            "640x360 cannot be made: tiny.safetensors makes squares of 32 to 512 px; write 360",
        ),
        ("prompts: red\nsize: 2048x2048", "write 512x512"),
        ("prompts: red\ntask: upscale\nimage: photo.png", "enlarge by kind: retouch, or take another model"),
        ("prompts: red\ntask: film\nfilm: photo.png", "paint films by kind: film, or take another model"),
        ("prompts: red\nscheduler: dpm++", "dpm++ cannot take Atelier's own model's noise away; there are flow-euler"),
        ("prompts: red\nlora: [{path: tiny.safetensors}]", "lora: Atelier's own model takes none; leave it out"),
        ("prompts: red\nconfig: ./", "config: Atelier's own model takes none; leave it out"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(models: Path, text: str, said: str) -> None:
    assert said in told(models, text)


def test_one_prompt_without_known_words_leaves_the_others(models: Path) -> None:
    plan = planned(models, "prompts: [a dragon, a red sofa]")
    assert [bool(subject.get("problem")) for subject in plan.inputs["subjects"]] == [True, False]


def test_a_damaged_model_is_refused_when_the_job_is_planned(models: Path, tmp_path: Path) -> None:
    network = files.load(models / "tiny.safetensors")
    network.places.data[0, 0, 0, 0] = float("inf")
    (tmp_path / "tiny.safetensors").write_bytes(files.to_safetensors(network))
    assert "places holds values that are not finite; its training failed" in told(tmp_path, "prompts: red")
