"""Diffusion: what its painter makes is what diffusers makes, whatever the batch; and a job from file to deliverables.

The one module that imports the library, which takes seconds. Its models are tiny, of random weights, and real.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import torch
from PIL import Image

from jobs.certificate import read
from jobs.config import Settings
from jobs.kinds import KINDS
from jobs.records import ModelRef, Plan
from jobs.spec import parse
from jobs.submit import plan_job
from jobs.verify import verify_folder, verify_job
from pipeline import provenance
from pipeline.backgrounds.kept import Kept
from pipeline.device import threads
from pipeline.diffusion import tiles
from pipeline.diffusion.assembly import Assembly
from pipeline.diffusion.brief import DiffusionBrief
from pipeline.diffusion.families import FAMILIES, SAMPLERS
from pipeline.diffusion.film import fitted
from pipeline.diffusion.noise import Noise
from pipeline.diffusion.painter import DiffusionPainter
from pipeline.diffusion.painters import AnyPainter
from pipeline.errors import MediaError, ModelError
from pipeline.film.decode import read_frames
from pipeline.film.flow import Tracker
from pipeline.film.source import Source
from pipeline.images import decode_image
from pipeline.painter import Easel, Work
from pipeline.storage import StoreOptions, open_store
from pipeline.stream import Stopwatch
from tests.backgrounds.making import KIND
from tests.backgrounds.making import planned as backed
from tests.diffusion.making import PX, make, make_control, make_lora, make_single
from tests.media import numbered_picture, write_film
from tests.workers.farm import Farm
from workers.certify import _prompts
from workers.residents import Residents

# The library's own affair.
pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:diffusers"),
    pytest.mark.filterwarnings("ignore::FutureWarning:diffusers"),
]

MAKING = [name for name, family in FAMILIES.items() if not family.enlarges]
"""Families that make pictures of words."""

PROMPTS = ("a red door", "the sea at night")

SHOTS = (9, 6)
"""Frames of each of the film's shots."""

FILM = (
    f"task: film\nfilm: film.mp4\ncuts: [{SHOTS[0] + 1}]\nsize: 32x32\nprompts: [{PROMPTS[0]}]\nsteps: 2\nkeyframes: 4"
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of tiny models, one a family, with a LoRA, a single file, a picture and a mask."""
    folder = tmp_path_factory.mktemp("models")
    for family in (*MAKING, "inpaint"):
        make(folder / family, family)
    make_lora(folder / "brand.safetensors", folder / "sd")
    make_single(folder / "single.safetensors", folder / "sd")
    Image.fromarray(numbered_picture(7, PX, PX)).save(folder / "photo.png")
    Image.fromarray(numbered_picture(7, 32, 16)).save(folder / "tiny.png")
    mask = np.zeros((PX, PX), np.uint8)
    mask[8:24, 8:24] = 255
    Image.fromarray(mask).save(folder / "mask.png")
    write_film(folder / "film.mp4", [_view(shot, n) for shot, frames in enumerate(SHOTS) for n in range(frames)])
    return folder


def _view(shot: int, number: int) -> np.ndarray:
    """A frame of the film: a texture of each shot's own that goes by, (40, 48, 3) uint8."""
    wide = np.random.default_rng(shot).normal(128, 90, (40, 80, 3)).astype(np.float32)
    wide = cv2.resize(cv2.resize(wide, (20, 10), interpolation=cv2.INTER_AREA), (80, 40)) * 2 - 128
    return wide[:, 2 * number : 2 * number + 48].clip(0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def residents(tmp_path_factory: pytest.TempPathFactory) -> Residents:
    """A worker's models, over a store of this module's."""
    store = open_store(str(tmp_path_factory.mktemp("store")), StoreOptions())
    return Residents(store, torch.device("cpu"), budget_bytes=1e9)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As on a worker."""
    with threads(1):
        yield


def planned(models: Path, text: str, model: str = "sd") -> Plan:
    """The plan of a job file with that model, in the folder of the models."""
    spec, located = parse(f"kind: diffusion\nmodel: {model}\noutput: out/\n{text}", path="d.yaml", folder=models)
    return plan_job(spec, located, Settings())


def easel(*, batch: int = 1, lanes: int = 1) -> Easel:
    return Easel(device=torch.device("cpu"), precision=torch.float32, batch=batch, lanes=lanes, options=StoreOptions())


def work(plan: Plan, residents: Residents, span: tuple[int, int], **asked: Any) -> Work:
    """A chunk of a plan whose files lie where its user has them."""
    return Work(
        start=span[0],
        stop=span[1],
        watch=Stopwatch(),
        model=lambda index, precision=None: residents.get(here(plan.models[index], residents), precision),
        file=lambda index: Path(plan.files[index].key).read_bytes(),
        model_digests=tuple(f"{model.entry} {model.sha256}" for model in plan.models),
        **asked,
    )


def here(model: ModelRef, residents: Residents) -> ModelRef:
    """A plan's model, its files in the store as submission puts them there."""
    for part in model.parts:
        if not residents._store.exists(f"models/{part.sha256}"):
            residents._store.upload(Path(part.key), f"models/{part.sha256}")
    parts = [part.model_copy(update={"key": f"models/{part.sha256}"}) for part in model.parts]
    return model.model_copy(update={"parts": tuple(parts)})


def painted(
    plan: Plan, residents: Residents, *, batch: int = 1, lanes: int = 1, step: int | None = None, **asked: Any
) -> np.ndarray:
    """All of a plan's pictures, in chunks of so many."""
    painted_by = AnyPainter(plan.inputs, easel(batch=batch, lanes=lanes), deep=plan.deep)
    step = step or plan.frames
    shots = (*plan.inputs.get("shots", (0,)), plan.frames)
    spans = [(at, min(at + step, stop)) for start, stop in pairwise(shots) for at in range(start, stop, step)]
    asked |= {"lead_in": plan.lead_in}
    return np.stack([frame for span in spans for frame in painted_by.paint(work(plan, residents, span, **asked))])


def theirs(folder: Path, seeds: range, **asked: Any) -> np.ndarray:
    """What diffusers makes of the first prompt, called as its documentation says."""
    from diffusers import AutoPipelineForText2Image

    names = ("text_encoder_3", "tokenizer_3", "image_encoder", "feature_extractor")
    absent = dict.fromkeys(names) if folder.name == "sd3" else {}
    pipeline = AutoPipelineForText2Image.from_pretrained(str(folder), local_files_only=True, **absent)
    pipeline.set_progress_bar_config(disable=True)
    made = [
        pipeline(PROMPTS[0], width=PX, height=PX, generator=torch.Generator().manual_seed(seed), **asked).images[0]
        for seed in seeds
    ]
    return np.stack([np.asarray(image) for image in made])


# The library's pixels


@pytest.mark.parametrize("family", MAKING)
def test_pictures_are_what_diffusers_makes(models: Path, residents: Residents, family: str) -> None:
    text = f"prompts: [{PROMPTS[0]}]\nseeds: 3-4\nsteps: 2\nguidance: 4\nsize: {PX}"
    plan = planned(models, text, family)
    made = painted(plan, residents)
    expected = theirs(models / family, range(3, 5), num_inference_steps=2, guidance_scale=4.0)
    assert made.shape == (2, PX, PX, 3)
    assert made.std() > 20
    assert (made == expected).all()


def test_a_single_file_gives_its_folders_pictures(models: Path, residents: Residents) -> None:
    text = f"prompts: [{PROMPTS[0]}]\nseeds: 0\nsteps: 2\nsize: {PX}"
    whole = painted(planned(models, text), residents)
    single = painted(planned(models, f"{text}\nconfig: sd", "single.safetensors"), residents)
    assert (single == whole).all()


def test_every_sampler_makes_a_picture(models: Path, residents: Residents) -> None:
    for family in ("sd", "sd3"):
        names = [name for name, sampler in SAMPLERS.items() if sampler.flows == FAMILIES[family].flows]
        text = f"prompts: [{PROMPTS[0]}]\nsteps: 3\nsize: {PX}\nscheduler: [{', '.join(names)}]"
        made = painted(planned(models, text, family), residents)
        assert len(made) == len(names)
        assert len({frame.tobytes() for frame in made}) >= len(names) - 1
        assert all(frame.std() > 20 for frame in made)


def test_a_lora_counts_by_its_weight(models: Path, residents: Residents) -> None:
    text = f"prompts: [{PROMPTS[0]}]\nsteps: 2\nsize: {PX}"
    plain = painted(planned(models, text), residents)
    changed, none = (
        painted(planned(models, f"{text}\nlora: [{{path: brand.safetensors, weight: {weight}}}]"), residents)
        for weight in (0.8, 0)
    )
    assert (none == plain).all()
    assert np.abs(changed.astype(int) - plain).max() > 20


# One picture, whatever is beside it


def test_a_picture_depends_on_nothing_but_its_row(models: Path, residents: Residents) -> None:
    # An ancestral sampler adds noise at each step, so that a shared generator would be seen.
    text = f"prompts: [{', '.join(PROMPTS)}]\nseeds: 0-2\nsteps: 2\nsize: {PX}\nscheduler: euler-ancestral"
    plan = planned(models, text)
    alone = painted(plan, residents, step=1)
    for batch, lanes, step in ((2, 1, 4), (4, 3, 6)):
        assert (painted(plan, residents, batch=batch, lanes=lanes, step=step) == alone).all()
    assert len({frame.tobytes() for frame in alone}) == 6
    last = planned(models, f"prompts: [{PROMPTS[1]}]\nseeds: 2\nsteps: 2\nsize: {PX}\nscheduler: euler-ancestral")
    assert (painted(last, residents)[0] == alone[5]).all()


def test_out_of_memory_halves_the_batch_and_changes_no_row(
    models: Path, residents: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(models, f"prompts: [{PROMPTS[0]}]\nseeds: 0-3\nsteps: 2\nsize: {PX}")
    alone = painted(plan, residents)
    asked = []

    @contextmanager
    def scarce(self: Assembly, *args: Any) -> Iterator[Callable[..., Any]]:
        """A device with room for two pictures."""
        with whole(self, *args) as pipeline:

            def call(**given: Any) -> Any:
                asked.append(len(given["prompt"]))
                if asked[-1] > 2:
                    raise torch.OutOfMemoryError("room for two")
                return pipeline(**given)

            call.tokenizer = pipeline.tokenizer  # type: ignore[attr-defined]
            yield call

    whole = Assembly.pipeline
    monkeypatch.setattr(Assembly, "pipeline", scarce)
    # Batches are a GPU's; this one's kernels are the CPU's.
    gpu = replace(easel(batch=4), device=torch.device("cuda", 0))
    painter = DiffusionPainter(plan.inputs, gpu, deep=False)
    made = np.stack(list(painter.paint(work(plan, residents, (0, 4)))))
    assert (asked, painter.batch) == ([4, 2, 2], 2)
    # Kernels for two round otherwise than kernels for one.
    assert np.abs(made.astype(int) - alone).max() <= 1


# Pictures to begin with


@pytest.mark.parametrize("task", ["image-to-image", "inpaint"])
def test_pictures_to_begin_with_go_through_the_librarys_pipelines(
    models: Path, residents: Residents, task: str
) -> None:
    masked = "mask: mask.png\n" if task == "inpaint" else ""
    text = f"task: {task}\nimage: photo.png\n{masked}prompts: [{PROMPTS[0]}]\nseeds: 5\nsteps: 4\nstrength: 0.5"
    made = painted(planned(models, text), residents)[0]
    # Painting has silenced what they warn of when they are imported first.
    from diffusers import AutoPipelineForImage2Image, AutoPipelineForInpainting

    auto = AutoPipelineForInpainting if masked else AutoPipelineForImage2Image
    pipeline = auto.from_pretrained(str(models / "sd"), local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    photo, mask = (Image.fromarray(decode_image((models / name).read_bytes())) for name in ("photo.png", "mask.png"))
    mask = mask.convert("L")
    given = {"mask_image": mask, "width": PX, "height": PX} if masked else {}
    [image] = pipeline(
        PROMPTS[0],
        image=photo,
        strength=0.5,
        num_inference_steps=4,
        generator=torch.Generator().manual_seed(5),
        **given,
    ).images
    expected = np.asarray(image)
    inside = np.asarray(mask) > 0 if masked else np.ones((PX, PX), bool)
    assert (made[inside] == expected[inside]).all()
    assert np.abs(made[inside].astype(int) - np.asarray(photo)[inside]).max() > 20
    # What was not to be painted anew is the user's own, to the last bit.
    assert (made[~inside] == np.asarray(photo)[~inside]).all()


@pytest.mark.parametrize("family", ["sd3", "flux"])
def test_changed_pictures_keep_their_size(models: Path, residents: Residents, family: str) -> None:
    Image.fromarray(numbered_picture(7, 48, 32)).save(models / "small.png")
    text = f"task: image-to-image\nimage: small.png\nprompts: [{PROMPTS[0]}]\nsteps: 2\nstrength: 0.5"
    assert painted(planned(models, text, family), residents).shape == (1, 32, 48, 3)


def test_a_model_that_learnt_to_inpaint_inpaints(models: Path, residents: Residents) -> None:
    text = f"task: inpaint\nimage: photo.png\nmask: mask.png\nprompts: [{PROMPTS[0]}]\nsteps: 2"
    made = painted(planned(models, text, "inpaint"), residents)[0]
    photo = decode_image((models / "photo.png").read_bytes())
    assert (made[:8] == photo[:8]).all()
    assert (made[8:24, 8:24] != photo[8:24, 8:24]).any()


def test_upscale_gives_a_larger_picture_of_the_same(models: Path, residents: Residents) -> None:
    text = f"task: upscale\nimage: photo.png\nscale: 1.5\nprompts: [{PROMPTS[0]}]\nsteps: 4\ndeliver: [png16]"
    made = painted(planned(models, text), residents)
    assert (made.shape, made.dtype) == ((1, 48, 48, 3), np.uint16)


@pytest.mark.parametrize(("family", "times"), [("upscale", 4), ("latent-upscale", 2)])
def test_what_learnt_to_enlarge_enlarges_as_in_diffusers(
    models: Path, residents: Residents, family: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from diffusers import DiffusionPipeline

    make(models / family, family)
    text = f"task: upscale\nimage: tiny.png\nprompts: [{PROMPTS[0]}]\nseeds: 5-6\nsteps: 2"
    made = painted(planned(models, text, family), residents, batch=2, lanes=2)
    pipeline = DiffusionPipeline.from_pretrained(str(models / family), local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    asked = {"image": Image.open(models / "tiny.png"), "num_inference_steps": 2, "guidance_scale": 9.0}
    expected = [
        np.asarray(pipeline(PROMPTS[0], generator=torch.Generator().manual_seed(seed), **asked).images[0])
        for seed in (5, 6)
    ]
    assert made.shape == (2, 16 * times, 32 * times, 3)
    assert (made == np.stack(expected)).all()
    # A row's generator goes on from tile to tile, whatever is beside it.
    monkeypatch.setattr(tiles, "SIDE", 16)
    monkeypatch.setattr(tiles, "OVERLAP", 8)
    tiled = painted(planned(models, text, family), residents, batch=2)
    assert tiled.shape == made.shape
    assert (painted(planned(models, text.replace("5-6", "6"), family), residents)[0] == tiled[1]).all()


# As a background


def test_its_pictures_can_lie_behind_others(
    models: Path, residents: Residents, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, entry in KIND.items():
        monkeypatch.setitem(KINDS, name, entry)
    text = f"prompts: [{PROMPTS[0]}], seeds: 3-4, steps: 2, size: {PX}"
    behind = backed(f"background: {{kind: diffusion, model: sd, {text}}}", models)
    work = behind.work(model=lambda index, precision=None: residents.get(here(behind.parts.models[index], residents)))
    backgrounds = behind.backgrounds(Kept(tmp_path))
    own = painted(planned(models, text.replace(", ", "\n")), residents)
    assert (backgrounds.picture(1, work) == own[1]).all()
    facts = backgrounds.facts(1, work)
    assert (facts["background"], facts["prompt"], facts["seed"]) == ("diffusion", PROMPTS[0], "4")
    inputs = {"backgrounds": {"": behind.plan.brief.model_dump(mode="json")}}
    assert list(_prompts("posters", inputs)) == [(PROMPTS[0], "")]


# ControlNets


def led_theirs(models: Path, family: str, task: str, weights: list[float]) -> np.ndarray:
    """What diffusers makes of it, called with pictures as its documentation says."""
    import cv2
    import diffusers

    kinds = {"sd3": diffusers.SD3ControlNetModel, "flux": diffusers.FluxControlNetModel}
    kind = kinds.get(family, diffusers.ControlNetModel)
    nets = [kind.from_pretrained(models / f"{family}-control{place}") for place in range(len(weights))]
    photo = Image.open(models / "photo.png").convert("RGB")
    edges = Image.fromarray(np.repeat(cv2.Canny(np.asarray(photo), 100, 200)[:, :, None], 3, axis=2))
    auto = {
        "generate": diffusers.AutoPipelineForText2Image,
        "image-to-image": diffusers.AutoPipelineForImage2Image,
        "inpaint": diffusers.AutoPipelineForInpainting,
    }[task]
    names = ("text_encoder_3", "tokenizer_3", "image_encoder", "feature_extractor")
    absent = dict.fromkeys(names) if family == "sd3" else {}
    many = len(weights) > 1
    pipeline = auto.from_pretrained(str(models / family), controlnet=nets if many else nets[0], **absent)
    pipeline.set_progress_bar_config(disable=True)
    is_unet = family in ("sd", "sdxl")
    given: dict[str, Any] = {} if is_unet and task == "image-to-image" else {"width": PX, "height": PX}
    name = "image" if task == "generate" and is_unet else "control_image"
    given[name] = [edges] * len(weights) if many else edges
    if task != "generate":
        given |= {"image": photo, "strength": 0.5}
    if task == "inpaint":
        given["mask_image"] = Image.open(models / "mask.png")
    [image] = pipeline(
        PROMPTS[0],
        num_inference_steps=2,
        controlnet_conditioning_scale=weights if many else weights[0],
        control_guidance_end=0.75,
        guidance_scale=FAMILIES[family].guidance,
        generator=torch.Generator().manual_seed(5),
        **given,
    ).images
    return np.asarray(image)


@pytest.mark.parametrize(
    ("family", "task", "weights"),
    [
        ("sd", "image-to-image", [0.8, 0.5]),
        ("sdxl", "generate", [0.8, 0.5]),
        ("sdxl", "inpaint", [0.8]),
        ("flux", "generate", [0.8]),
        ("flux", "image-to-image", [0.8]),
    ],
)
def test_controlnets_lead_as_they_lead_diffusers(
    models: Path, residents: Residents, family: str, task: str, weights: list[float]
) -> None:
    begun = "" if task == "generate" else "image: photo.png\nstrength: 0.5\n"
    begun += "mask: mask.png\n" if task == "inpaint" else ""
    led = []
    for place, weight in enumerate(weights):
        make_control(models / f"{family}-control{place}", models / family, seed=place)
        net = f"model: {family}-control{place}, image: photo.png, preprocessor: canny"
        led.append(f"{{{net}, weight: {weight}, end: 0.75}}")
    text = f"task: {task}\n{begun}control: [{', '.join(led)}]\nprompts: [{PROMPTS[0]}]\nseeds: 5\nsteps: 2"
    made = painted(planned(models, text, family), residents)[0]
    inside = slice(8, 24) if task == "inpaint" else slice(None)
    assert (made[inside, inside] == led_theirs(models, family, task, weights)[inside, inside]).all()


def test_what_leads_counts_and_is_the_rows_own(models: Path, residents: Residents, tmp_path: Path) -> None:
    make_control(models / "sd3-control", models / "sd3")
    table = tmp_path / "prompts.csv"
    table.write_text(f"prompt,control\n{PROMPTS[0]},{models}/photo.png\n{PROMPTS[0]},{models}/mask.png\n")
    asked = f"seeds: 5\nsteps: 2\nsize: {PX}"
    plan = planned(models, f"prompts: {table}\n{asked}\ncontrol: {{model: sd3-control}}", "sd3")
    by_photo, by_mask = painted(plan, residents, batch=2)
    # SD3's pipeline would encode what leads it by chance.
    assert (painted(plan, residents, step=1) == [by_photo, by_mask]).all()
    assert (by_photo != by_mask).any()
    [plain] = painted(planned(models, f"prompts: [{PROMPTS[0]}]\n{asked}", "sd3"), residents)
    weightless = f"prompts: [{PROMPTS[0]}]\n{asked}\ncontrol: {{model: sd3-control, image: mask.png, weight: 0}}"
    [unled] = painted(planned(models, weightless, "sd3"), residents)
    assert (unled == plain).all()
    assert (by_photo != plain).any()


# Films


def test_a_films_frame_is_what_diffusers_makes_of_it_and_of_the_noise_that_follows(
    models: Path, residents: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(models, f"{FILM}\nfps: 24\nseeds: 5".replace("keyframes: 4", "keyframes: 1"))
    [made] = AnyPainter(plan.inputs, easel(), deep=False).paint(work(plan, residents, (1, 2), lead_in=plan.lead_in))
    from diffusers import AutoPipelineForImage2Image
    from diffusers.pipelines.stable_diffusion import pipeline_stable_diffusion_img2img as theirs

    source = DiffusionBrief.model_validate(plan.inputs).source
    assert source is not None
    frames = [fitted(frame, (32, 32)) for frame in read_frames(source, 0, 2)]
    noise = Noise(4, 16, 16, seed=5)
    noise.follow(Tracker(frames[0]).follow_both(frames[1])[1])
    monkeypatch.setattr(theirs, "randn_tensor", lambda *asked, **more: torch.from_numpy(noise()[None]))
    pipeline = AutoPipelineForImage2Image.from_pretrained(str(models / "sd"), local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    given = {"num_inference_steps": 2, "strength": 0.5, "generator": torch.Generator().manual_seed(5)}
    [expected] = pipeline(PROMPTS[0], image=[frames[1] / np.float32(255)], **given).images
    assert (made == np.asarray(expected)).all()


def test_a_films_frame_is_the_same_wherever_chunks_begin(models: Path, residents: Residents) -> None:
    plan = planned(models, FILM)
    whole = painted(plan, residents)
    assert (len(whole), whole.dtype) == (sum(SHOTS), np.uint8)
    # Chunks that begin between keyframes, and a lane for each of some keyframes.
    assert (painted(plan, residents, step=3, lanes=3) == whole).all()
    # After a cut all begins anew: the shot alone is what it is in the film.
    alone = planned(models, FILM.replace("cuts:", f"frames: {SHOTS[0] + 1}-{sum(SHOTS)}\ncuts:"))
    assert (painted(alone, residents) == whole[SHOTS[0] :]).all()


@pytest.mark.parametrize("family", ["sdxl", "sd3", "flux"])
def test_each_family_begins_films_with_the_noise_that_follows(
    models: Path, residents: Residents, monkeypatch: pytest.MonkeyPatch, family: str
) -> None:
    text = f"{FILM}\nframes: 1-1".replace("steps: 2", "steps: 4")
    made = painted(planned(models, text, family), residents)
    assert made.shape == (1, 32, 32, 3)
    monkeypatch.setattr(Noise, "__call__", lambda self: np.zeros(self._shape, np.float32))
    none = painted(planned(models, text, family), residents)
    assert np.abs(made.astype(int) - none).max() > 20


def test_a_controlnet_is_led_by_a_films_own_frames(models: Path, residents: Residents) -> None:
    make_control(models / "film-control", models / "sd")
    text = f"{FILM}\nframes: 1-1"
    led = f"{text}\ncontrol: {{model: film-control, preprocessor: canny}}"
    plain, made = (painted(planned(models, asked), residents) for asked in (text, led))
    assert np.abs(made.astype(int) - plain).max() > 5


def test_keyframes_are_found_in_the_cache_and_those_of_the_next_chunk_too(models: Path, residents: Residents) -> None:
    plan = planned(models, FILM)
    kept: dict[str, np.ndarray] = {}
    keys: dict[int, tuple[str, bool]] = {}
    asked = {
        "recall": kept.get,
        "remember": lambda frame, key, is_found: keys.update({frame: (key, is_found)}),
    }
    whole = painted(plan, residents, step=4, **asked)
    assert sorted(keys) == [0, 4, 8, 9, 13, 14]
    kept |= {key: whole[frame] for frame, (key, _) in keys.items()}
    assert (painted(plan, residents, **asked) == whole).all()
    assert all(is_found for _, is_found in keys.values())


def test_frames_that_cannot_be_read_end_what_comes_before_them(
    models: Path, residents: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned(models, FILM)

    def torn(source: Source, start: int, stop: int, **asked: Any) -> Iterator[np.ndarray]:
        for number, frame in enumerate(read_frames(source, start, stop, **asked), start):
            if number == 6:
                raise MediaError("frame 7: the film is damaged")
            yield frame

    monkeypatch.setattr("pipeline.diffusion.film.read_frames", torn)
    paint = AnyPainter(plan.inputs, easel(), deep=False).paint
    # Frames before it are painted as before a cut, frames after it as after one; with it, nothing is.
    assert len(list(paint(work(plan, residents, (0, 6), lead_in=plan.lead_in)))) == 6
    assert len(list(paint(work(plan, residents, (7, 9))))) == 2
    for start, stop, lead_in in ((4, 8, plan.lead_in), (6, 7, 0)):
        with pytest.raises(MediaError, match="frame 7: the film is damaged"):
            list(paint(work(plan, residents, (start, stop), lead_in=lead_in)))


def test_a_film_becomes_a_film_with_its_sound(shared_farm: Farm, models: Path, tmp_path: Path) -> None:
    write_film(tmp_path / "film.mp4", [_view(0, n) for n in range(6)], sound="aac")
    text = f"""
        kind: diffusion
        model: {models}/sd
        task: film
        film: {tmp_path}/film.mp4
        prompts: {PROMPTS[0]}
        steps: 2
        keyframes: 3
        chunk: 3
        deliver: [h264, png]
        output: {tmp_path}/out
        """
    plan = shared_farm.submit(text)
    result = shared_farm.finish(plan)
    assert (result.frames, plan.chunks) == (6, ((0, 3), (3, 6)))
    with av.open(str(tmp_path / "out/film-h264.mp4")) as film:
        assert len(film.streams.audio) == 1
        assert sum(1 for _ in film.decode(video=0)) == 6
    first = (tmp_path / "out/png/film.0001.png").read_bytes()
    facts = provenance.read(first)
    assert facts is not None
    assert (facts["task"], facts["prompt"], facts["seed"]) == ("film", PROMPTS[0], "0")
    assert provenance.digital_source_type(first) == provenance.COMPOSED
    certified = read((tmp_path / "out/certificate.json").read_bytes(), "certificate.json")
    assert certified.prompts == ((PROMPTS[0], ""),)
    assert verify_folder(str(tmp_path / "out"), StoreOptions()).is_whole


# A damaged model, and a job


def test_a_model_whose_numbers_are_none_is_told(models: Path, residents: Residents, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    shutil.copytree(models / "sd", tmp_path / "sd")
    weights = tmp_path / "sd/vae/diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    tensors["decoder.conv_out.bias"][:] = float("nan")
    save_file(tensors, weights)
    plan = planned(tmp_path, f"prompts: [{PROMPTS[0]}]\nsteps: 1\nsize: {PX}")
    with pytest.raises(ModelError, match="sd: gives values that are not finite; write precision: bfloat16 or float32"):
        painted(plan, residents)


def test_tensors_of_another_shape_are_told_by_the_models_name(
    models: Path, residents: Residents, tmp_path: Path
) -> None:
    shutil.copytree(models / "sd", tmp_path / "sd")
    config = tmp_path / "sd/vae/config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"block_out_channels": [32, 64]}))
    with pytest.raises(ModelError, match="sd: diffusers cannot load it: "):
        painted(planned(tmp_path, f"prompts: [{PROMPTS[0]}]\nsize: {PX}"), residents)


def test_what_the_library_says_while_it_paints_is_told_by_the_models_name(
    models: Path, residents: Residents, tmp_path: Path
) -> None:
    shutil.copytree(models / "sd", tmp_path / "sd")
    config = tmp_path / "sd/scheduler/scheduler_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"num_train_timesteps": 1}))
    with pytest.raises(ModelError, match=r"sd: cannot paint this .*num_inference_steps.*; copy the model again, or"):
        painted(planned(tmp_path, f"prompts: [{PROMPTS[0]}]\nsteps: 2\nsize: {PX}"), residents)


def test_a_table_of_prompts_becomes_pictures_that_tell_what_made_them(
    shared_farm: Farm, models: Path, residents: Residents, tmp_path: Path
) -> None:
    (tmp_path / "prompts.csv").write_text(
        "name,prompt,colour,negative\n"
        "door,a {colour} door,red,blurry\n"
        "lost,a {colour} {thing},blue,\n"
        "sea,the sea at night,,\n",
        encoding="utf-8",
    )
    text = f"""
        kind: diffusion
        model: {models}/sd
        prompts: {tmp_path}/prompts.csv
        seeds: 0-1
        steps: 2
        size: {PX}
        chunk: 4
        output: {tmp_path}/out
        """
    plan = shared_farm.submit(text)
    result = shared_farm.finish(plan)
    made = {path.name: path.read_bytes() for path in sorted((tmp_path / "out/png").iterdir())}
    # The broken row is told, and the others are made.
    assert list(made) == ["door-seed0000.png", "door-seed0001.png", "sea-seed0000.png", "sea-seed0001.png"]
    assert "left out: prompts.csv:3: nothing gives {thing}; add a column thing" in plan.notes
    alone = painted(planned(models, f"prompts: [a red door]\nnegative: blurry\nsteps: 2\nsize: {PX}"), residents)
    assert (decode_image(made["door-seed0000.png"]) == alone[0]).all()
    facts = provenance.read(made["door-seed0001.png"])
    assert facts is not None
    assert (facts["prompt"], facts["negative"], facts["seed"]) == ("a red door", "blurry", "1")
    assert facts["modelSha256"] == plan.models[0].sha256
    assert provenance.digital_source_type(made["sea-seed0000.png"]) == provenance.GENERATED
    certified = read((tmp_path / "out/certificate.json").read_bytes(), "certificate.json")
    assert certified.prompts == (("a red door", "blurry"), ("the sea at night", ""))
    weights = models / "sd/unet/diffusion_pytorch_model.safetensors"
    [unet] = [row for row in certified.models if row.name == "sd/unet/diffusion_pytorch_model.safetensors"]
    assert unet.sha256 == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert result.frames == 6
    rows = json.loads((tmp_path / "out/manifest.json").read_text(encoding="utf-8"))["pictures"]
    assert [(row["name"], row["seed"], bool(row["problem"]), len(row["files"])) for row in rows[1:4]] == [
        ("door-seed0001", 1, False, 1),
        ("0002-seed0000", 0, True, 0),
        ("0002-seed0001", 1, True, 0),
    ]
    assert verify_folder(str(tmp_path / "out"), StoreOptions()).is_whole
    assert verify_job(plan.job, shared_farm.truth, StoreOptions()).is_whole
