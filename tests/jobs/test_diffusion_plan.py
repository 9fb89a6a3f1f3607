"""Diffusion job files: what they plan, and every sentence about what is wrong with one. Without the library."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jobs.config import Settings
from jobs.confine import confined
from jobs.kinds import diffusion_model
from jobs.kinds.blocklist import blocked
from jobs.records import Plan
from jobs.spec import JobSpecProblems, parse
from jobs.submit import plan_job, submit
from pipeline.diffusion import hub
from pipeline.errors import ConfigError
from pipeline.storage import open_store
from tests.diffusion.folders import write_control, write_folder, write_json, write_lora, write_tensors
from tests.jobs.deployment import Deployment
from tests.servers import S3Server


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of each family, LoRAs, pictures."""
    folder = tmp_path_factory.mktemp("models")
    for family in ("sd", "sdxl", "sd3", "flux"):
        write_folder(folder / family, family)
    for family in ("upscale", "latent-upscale"):
        write_folder(folder / family, family)
    write_folder(folder / "painter", "sd", in_channels=9)
    write_folder(folder / "schnell", "flux", guidance_embeds=False)
    write_lora(folder / "brand.safetensors", 768)
    write_lora(folder / "brand-xl.safetensors", 2048)
    write_tensors(folder / "plain.safetensors", {"weight": (2, 2)})
    for family in ("sd", "sdxl", "sd3", "flux"):
        write_control(folder / f"canny-{family}", family)
    write_control(folder / "union", "flux", num_mode=10)
    write_control(folder / "other", "sd", _class_name="ControlNetXSAdapter")
    for name, size in (("photo", (500, 300)), ("mask", (500, 300)), ("small", (100, 60)), ("tall", (300, 500))):
        Image.fromarray(np.full((size[1], size[0], 3), 200, np.uint8)).save(folder / f"{name}.png")
    return folder


def planned(models: Path, text: str, model: str = "sd", settings: Settings | None = None) -> Plan:
    """The plan of a job file with that model, in the folder of the models."""
    spec, located = parse(f"kind: diffusion\nmodel: {model}\noutput: out/\n{text}", path="d.yaml", folder=models)
    return plan_job(spec, located, settings or Settings())


def told(models: Path, text: str, model: str = "sd", settings: Settings | None = None) -> str:
    """What is said of a wrong one."""
    with pytest.raises(JobSpecProblems) as problems:
        planned(models, text, model, settings)
    return str(problems.value).replace(f"{models}/", "")


# What is planned


def test_one_prompts_pictures_are_called_by_their_seeds(models: Path) -> None:
    plan = planned(models, "prompts: a red door\nseeds: 0-2,100\nchunk: 3")
    assert (plan.frames, plan.chunks, plan.numbers) == (4, ((0, 3), (3, 4)), ((0, 0), (3, 100)))
    assert [plan.frame_name(frame) for frame in (0, 3)] == ["seed0000", "seed0100"]
    assert plan.inputs["settings"] == [{"steps": 30, "guidance": 7.5, "size": [512, 512]}]


def test_a_grid_is_settings_by_prompts_by_seeds(models: Path) -> None:
    plan = planned(models, "prompts: [a door, a sea]\nseeds: 7-8\nsteps: [20, 30]\nguidance: [4, 6]")
    assert plan.frames == 16
    assert plan.names[:3] == (
        "0001-seed0007-steps20-guidance4",
        "0001-seed0008-steps20-guidance4",
        "0002-seed0007-steps20-guidance4",
    )
    assert len(set(plan.names)) == 16
    close = planned(models, "prompts: a door\nguidance: [6, 6.0000001]").names
    assert close == ("0001-seed0000-guidance6", "0001-seed0000-guidance6.0000001")


def test_variables_are_combined(models: Path) -> None:
    text = (
        'prompts: ["a {colour} {thing}", a sea]\nvariables: {colour: [red, green], thing: [door, hat]}\nnegative: dull'
    )
    subjects = planned(models, text).inputs["subjects"]
    assert [row["prompt"] for row in subjects] == ["a red door", "a red hat", "a green door", "a green hat", "a sea"]
    assert {row["negative"] for row in subjects} == {"dull"}


def test_a_table_has_a_prompt_a_row_and_a_wrong_row_is_left_out(models: Path, tmp_path: Path) -> None:
    table = tmp_path / "prompts.csv"
    table.write_text("name;prompt;negative\ndoor;a {colour} door;\n;;\n;;blurry\nsea;a sea;night\n", encoding="utf-8")
    plan = planned(models, f"prompts: {table}\nvariables: {{colour: [red, green]}}\nnegative: dull")
    subjects = plan.inputs["subjects"]
    assert [(row["prompt"], row.get("negative", "")) for row in subjects] == [
        ("a red door", "dull"),
        ("a green door", "dull"),
        ("", ""),
        ("a sea", "night"),
    ]
    assert plan.notes == ("left out: prompts.csv:4: has no prompt; say what is to be seen",)
    assert plan.names[-1] == "sea-seed0000"
    table.write_text("prompt,name\na,x-0003\nb,x\nc,x\n", encoding="utf-8")
    assert len(set(planned(models, f"prompts: {table}").names)) == 3


def test_a_wrong_row_refuses_the_job_where_its_user_says_so(models: Path, tmp_path: Path) -> None:
    table = tmp_path / "prompts.csv"
    table.write_text("name;prompt;negative\ndoor;a {colour} door;\n;;\n;;blurry\n", encoding="utf-8")
    said = told(models, f"prompts: {table}\non_error: fail\nvariables: {{colour: [red]}}")
    assert said == "d.yaml:4: prompts.csv:4: has no prompt; say what is to be seen"


def test_sizes_are_the_models_or_the_pictures(models: Path) -> None:
    for model, size in (("sd", 512), ("sdxl", 1024), ("sd3", 1024), ("flux", 1024)):
        assert planned(models, "prompts: a door", model).inputs["settings"][0]["size"] == [size, size]
    begun = planned(models, "task: image-to-image\nimage: photo.png\nprompts: a door")
    assert begun.inputs["subjects"][0]["size"] == [504, 304]
    larger = planned(models, "task: upscale\nimage: [photo.png, small.png]\nscale: 2\nprompts: a door")
    assert [row["size"] for row in larger.inputs["subjects"]] == [[1000, 600], [200, 120]]
    for model, sizes in (("upscale", [[2000, 1200], [400, 240]]), ("latent-upscale", [[1024, 576], [192, 128]])):
        plan = planned(models, "task: upscale\nimage: [photo.png, small.png]\nprompts: a door", model)
        assert [row["size"] for row in plan.inputs["subjects"]] == sizes
        assert plan.inputs["settings"][0].get("strength") is None
    assert (begun.origin, [file.name for file in larger.files]) == ("composed", ["photo.png", "small.png"])


def test_a_model_in_parts_is_pinned_by_all_of_them(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "sd", tmp_path / "sd")
    before = planned(tmp_path, "prompts: a door")
    assert {part.name for part in before.models[0].parts} >= {"model_index.json", "unet/config.json"}
    write_json(tmp_path / "sd/scheduler/scheduler_config.json", {"steps_offset": 1})
    after = planned(tmp_path, "prompts: a door")
    assert before.job != after.job


def test_models_in_a_bucket_are_looked_at_there_and_copied_into_the_store(
    deployment: Deployment, models: Path, moto_s3: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    moto_s3.use(monkeypatch)
    there = open_store(moto_s3.url, moto_s3.options)
    for path in (*(models / "sd").rglob("*"), *(models / "canny-sd").rglob("*"), models / "brand.safetensors"):
        if path.is_file():
            there.upload(path, f"nets/{path.relative_to(models)}")
    config = deployment.settings.model_copy(update={"s3_endpoint": moto_s3.endpoint, "s3_addressing": "path"})
    at = f"{moto_s3.url}/nets"
    text = f"prompts: a\nlora: {at}/brand.safetensors\ncontrol: {{model: {at}/canny-sd/, image: small.png}}"
    here = "prompts: a\nlora: brand.safetensors\ncontrol: {model: canny-sd, image: small.png}"
    spec, located = parse(f"kind: diffusion\nmodel: {at}/sd/\noutput: out/\n{text}", path="d.yaml", folder=models)
    plan = plan_job(spec, located, config)
    local = planned(models, here)
    assert (plan.models[0].name, plan.models[0].sha256) == ("sd", local.models[0].sha256)
    assert plan.inputs == local.inputs
    submit(spec, plan, deployment.truth, deployment.ledger, deployment.queue, config)
    [model] = deployment.truth.plan(plan.job).models
    for part, own in zip(model.parts, local.models[0].parts, strict=True):
        assert deployment.truth.store.get(part.key) == Path(own.key).read_bytes()
    broken = (models / "sd/unet/diffusion_pytorch_model.safetensors").read_bytes()
    there.put("nets/sd/unet/diffusion_pytorch_model.safetensors", broken[:-3])
    said = told(models, text, f"{at}/sd", config)
    assert f"model: {at}/sd/unet/diffusion_pytorch_model.safetensors: is no whole safetensors file" in said
    assert f"model: {at}/no: no such model: the store has no file there" in told(models, text, f"{at}/no/", config)


def test_halved_weights_are_taken_where_there_are_no_others(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "sd", tmp_path / "sd")
    stem = tmp_path / "sd/unet/diffusion_pytorch_model"
    stem.with_suffix(".safetensors").rename(f"{stem}.fp16.safetensors")
    parts = {part.name: part.key for part in planned(tmp_path, "prompts: a door").models[0].parts}
    assert parts["unet/diffusion_pytorch_model.safetensors"].endswith(".fp16.safetensors")


def test_a_model_of_the_hub_is_found_in_its_cache_alone(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    said = told(models, "prompts: a door", "someone/doors")
    assert said.startswith("d.yaml:2: model: someone/doors: is no folder here, and was not downloaded from the hub;")
    folder = tmp_path / "models--someone--doors"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs/main").write_text("0123456789abcdef")
    shutil.copytree(models / "sd", folder / "snapshots/0123456789abcdef")
    plan = planned(models, "prompts: a door", "someone/doors")
    assert (plan.models[0].name, plan.stem) == ("someone/doors", "doors")
    assert hub.is_id("someone/doors")
    assert not any(map(hub.is_id, ("../doors", "a/b/c", "doors")))


# What is wrong


@pytest.mark.parametrize(
    ("model", "text", "said"),
    [
        ("sd", "prompts: a\nsize: 500x300", "size: 500x300 cannot be made: sides are multiples of 8 px; write 504x304"),
        (
            "sd3",
            "prompts: a\nsize: 2048",
            "size: 2048x2048 cannot be made: sides are multiples of 16 px and at most 1536; write 1536x1536",
        ),
        ("sd", "prompts: a\nsize: big", "size: 'big' is no size; write width x height in px, as in 1024x1024"),
        ("sd", "prompts: a\nscheduler: eulr", "scheduler: unknown scheduler 'eulr'; did you mean 'euler'?"),
        ("flux", "prompts: a\nscheduler: ddim", "scheduler: ddim cannot take Flux's noise away; there are flow-euler"),
        ("flux", "prompts: a\nnegative: b", "negative: Flux learnt none; leave it out"),
        ("sd", "prompts: a\nsteps: 0", "steps: 0 is no number of steps; write 1 to 999, as in 30"),
        ("sd", "prompts: a\nsteps: 60\nscheduler: lcm", "steps: lcm takes at most 50, and not 60; write fewer"),
        ("sd", "prompts: ' '", "prompts: write a list, as in [a red door, a blue door]"),
        (
            "sd",
            f"prompts: '{{a}}{{b}}{{c}}{{d}}'\nvariables: { {name: list(range(99)) for name in 'abcd'} }",
            "prompts: there are more than 100,000, with all combinations of their variables, and no more are read",
        ),
        ("sd", "prompts: a\nstrength: 0.5", "strength: is of no use where pictures are made of words"),
        ("sd", "prompts: []", "prompts: write a list, as in [a red door, a blue door]"),
        ("sd", "prompts: no.csv", "no.csv: no such table of prompts; check the path"),
        ("sd", 'prompts: ["a {b}"]', "prompts: nothing gives {b} of 'a {b}'; write variables: {b: [red, green]}"),
        ("sd", "prompts: a\ndeliver: [h264]", "deliver: h264 shows a film, and these are pictures"),
        ("sd", "prompts: a\ntask: inpaint\nimage: photo.png", "'mask' is missing: a picture that is white"),
        ("sd", "prompts: a\ntask: upscale", "'image' is missing: upscale begins with a picture"),
        (
            "sd",
            "prompts: a\ntask: inpaint\nimage: photo.png\nmask: small.png",
            "prompt 0001: small.png is 100x60 px, and photo.png 500x300; make them alike",
        ),
        (
            "sd",
            "prompts: a\ntask: image-to-image\nimage: photo.png\nsteps: 4\nstrength: 0.2",
            "strength: steps x strength is below 1, 4 x 0.2; write more of either",
        ),
        ("upscale", "prompts: a", "model: upscale: enlarges pictures and makes none; write task: upscale, or take"),
        (
            "upscale",
            "prompts: a\ntask: upscale\nimage: small.png\nscale: 2",
            "scale: Stable Diffusion's upscaler of pixels makes pictures 4 times as large; leave it out",
        ),
        (
            "latent-upscale",
            "prompts: a\ntask: upscale\nimage: small.png\nscheduler: ddim",
            "scheduler: Stable Diffusion's upscaler of latents learnt its own and no other; leave it out",
        ),
        ("painter", "prompts: a", "model: painter: learnt to inpaint and makes nothing else; write task: inpaint"),
        (
            "sd",
            "prompts: a\nlora: brand-xl.safetensors",
            "takes 2048 numbers where there are 768; take one made for it",
        ),
        ("sd3", "prompts: a\nlora: brand.safetensors", "was trained on a U-Net, as Stable Diffusion 1 or XL"),
        ("sd", "prompts: a\nlora: plain.safetensors", "is no LoRA: none of its 1 tensors is called one"),
        ("sd", "prompts: a\nlora: brand.pt", "path: 'brand.pt' is no .safetensors file; others may hold code"),
        (
            "gone",
            "prompts: a",
            "gone: no such model; give a diffusers folder, a .safetensors file, or an id of the hub",
        ),
        (
            "https://a.b/c",
            "prompts: a",
            "model: https://a.b/c: is on the web; Atelier fetches no diffusion model, copy",
        ),
        (
            "sd",
            "prompts: a\nlora: https://a.b/c.safetensors",
            "path: https://a.b/c.safetensors: is on the web, and not",
        ),
        ("plain.safetensors", "prompts: a", "model: plain.safetensors is a single file, without configurations"),
        ("plain.safetensors", "prompts: a\nconfig: sd", "model: plain.safetensors: holds no diffusion model that"),
        ("brand.safetensors", "prompts: a\nconfig: sd", "model: brand.safetensors: is a LoRA and no model; write lora"),
        (
            "sd",
            "prompts: a\ncontrol: {model: canny-sdxl, image: photo.png}",
            "was made for another design than sd's: its cross_attention_dim is 2048, and sd's 768; take one",
        ),
        (
            "sd",
            "prompts: a\ncontrol: {model: canny-flux, image: photo.png}",
            "control: canny-flux: leads Flux, and sd is Stable Diffusion 1 and 2; take one made for it",
        ),
        (
            "sd3",
            "prompts: a\ntask: image-to-image\nimage: photo.png\ncontrol: {model: canny-sd3, preprocessor: none}",
            "control: canny-sd3: diffusers leads Stable Diffusion 3 at task: generate alone, not at image-to-image",
        ),
        (
            "sd",
            "prompts: a\ncontrol: {model: canny-sd}",
            "canny-sd has no picture that leads it; write image: edges.png",
        ),
        (
            "sd",
            "prompts: a\ntask: image-to-image\nimage: photo.png\ncontrol: {model: canny-sd}",
            "write image: edges.png, or preprocessor: canny, which leads by the picture's own edges, or none",
        ),
        (
            "sd",
            "prompts: a\ntask: image-to-image\nimage: photo.png\ncontrol: {model: canny-sd, image: tall.png}",
            "prompt 0001: tall.png is 300x500 px, and photo.png 500x300: they have other shapes; make them alike",
        ),
        ("sd", "prompts: a\ncontrol: {model: other, image: photo.png}", "other: is a ControlNetXSAdapter, and no"),
        (
            "sd",
            "prompts: a\ncontrol: {model: sd, image: photo.png}",
            "sd: is a whole diffusion model and no ControlNet",
        ),
        ("sd", "prompts: a\ncontrol: {model: canny-sd, image: small.png, mode: 1}", "canny-sd: learnt one kind of"),
        (
            "flux",
            "prompts: a\ncontrol: {model: union, image: photo.png}",
            "union: learnt 10 kinds of pictures; say which",
        ),
        ("sd", "prompts: a\ncontrol: {model: canny-sd, image: photo.png, start: 0.5, end: 0.5}", "start: 0.5 is not"),
        ("sd", "prompts: a\ncontrol: canny-sd", "control: is a list of ControlNets; write control: [{model: ./"),
        ("sd", "prompts: a\nconfig: sd", "config: is for a single file; a folder has configurations of its own"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(models: Path, model: str, text: str, said: str) -> None:
    assert said in told(models, text, model)


def test_a_lora_for_the_model_is_taken(models: Path) -> None:
    plan = planned(models, "prompts: a\nlora: {path: brand.safetensors, weight: 0.8}")
    assert plan.inputs["loras"] == [{"name": "brand.safetensors", "weight": 0.8}]
    assert "lora/0.safetensors" in {part.name for part in plan.models[0].parts}


def test_what_leads_is_the_rows_or_the_jobs(models: Path, tmp_path: Path) -> None:
    table = tmp_path / "prompts.csv"
    table.write_text(
        f"prompt,control,control-2\na,{models}/small.png,\nb,,{models}/small.png\nc,,\nd,{tmp_path}/no.png,\n",
        encoding="utf-8",
    )
    led = "control: [{model: canny-sd, image: photo.png, preprocessor: canny, weight: 0.8, end: 0.5}]"
    plan = planned(models, f"prompts: {table}\n{led}")
    assert plan.inputs["controls"] == [{"name": "canny-sd", "preprocessor": "canny", "weight": 0.8, "end": 0.5}]
    rows = plan.inputs["subjects"]
    # Without a size, pictures have that of what leads them.
    assert [(row.get("controls"), row.get("size")) for row in rows] == [
        ([0], [104, 64]),
        (None, None),
        ([1], [504, 304]),
        (None, None),
    ]
    assert [file.name for file in plan.files] == ["small.png", "photo.png"]
    assert "has a picture under control-2, and the job no such ControlNet" in rows[1]["problem"]
    assert "no.png: no such file; check the path" in rows[3]["problem"]
    names = {part.name for part in plan.models[0].parts}
    assert names > {"control/0/config.json", "control/0/diffusion_pytorch_model.safetensors"}
    both = planned(
        models,
        "prompts: a\ntask: image-to-image\nimage: photo.png\n"
        "control: [{model: canny-sd, preprocessor: none}, {model: canny-sd, image: small.png}]",
    )
    # A picture of the same shape is scaled.
    assert both.inputs["subjects"][0]["controls"] == [0, 1]


def test_a_distilled_model_is_not_guided(models: Path) -> None:
    assert planned(models, "prompts: a", "schnell").inputs["settings"][0]["guidance"] == 0


def _break(folder: Path, how: str) -> None:
    weights = folder / "unet/diffusion_pytorch_model.safetensors"
    index = json.loads((folder / "model_index.json").read_text())
    match how:
        case "no pipeline":
            (folder / "model_index.json").unlink()
        case "component":
            shutil.rmtree(folder / "tokenizer")
        case "weights":
            weights.unlink()
        case "cut":
            weights.write_bytes(weights.read_bytes()[:-3])
        case "pickle":
            weights.unlink()
            (folder / "unet/diffusion_pytorch_model.bin").write_bytes(b"\x80\x04.")
        case "json":
            (folder / "vae/config.json").write_text("{")
        case "code":
            write_json(folder / "model_index.json", index | {"unet": ["my_module", "MyUnet"]})
        case "class":
            write_json(folder / "model_index.json", index | {"_class_name": "KandinskyPipeline"})
        case "config":
            write_json(folder / "vae/config.json", {})
        case "huge":
            write_json(folder / "vae/config.json", {"latent_channels": 4, "block_out_channels": [1] * 2_000})


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (
            "no pipeline",
            "model: sd: is no diffusers folder: it holds no model_index.json; give a folder that diffusers",
        ),
        ("component", "model: sd/tokenizer: is missing or empty, and model_index.json names it; copy the model again"),
        ("weights", "model: sd/unet: holds no weights; copy the model again"),
        ("cut", "model: sd/unet/diffusion_pytorch_model.safetensors: is no whole safetensors file"),
        ("pickle", "model: sd/unet/diffusion_pytorch_model.bin: is a pickle, which may hold code; save the model with"),
        ("json", "model: sd/vae/config.json: is no whole JSON file; copy the model again"),
        ("code", "unet is of 'my_module', whose code is never executed; give a pipeline whose components are"),
        ("class", "model: sd: is a KandinskyPipeline, which Atelier does not call; it calls Stable Diffusion 1 and 2"),
        ("config", "model: sd: its configurations lack what they must say ('block_out_channels')"),
        ("huge", "model: sd: its configurations lack what they must say (they tell of sides that are not 1 to 16,384"),
    ],
)
def test_what_is_wrong_with_a_model_is_said_in_a_sentence(models: Path, tmp_path: Path, how: str, said: str) -> None:
    shutil.copytree(models / "sd", tmp_path / "sd")
    _break(tmp_path / "sd", how)
    assert said in told(tmp_path, "prompts: a")


def test_a_pickle_is_taken_where_its_user_says_so(models: Path, tmp_path: Path) -> None:
    shutil.copytree(models / "sd", tmp_path / "sd")
    _break(tmp_path / "sd", "pickle")
    plan = planned(tmp_path, "prompts: a\nallow_pickle: true")
    assert "unet/diffusion_pytorch_model.bin" in {part.name for part in plan.models[0].parts}


def test_a_machine_without_the_library_is_told_what_to_install(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffusion_model, "find_spec", lambda name: None if name == "peft" else object())
    assert told(models, "prompts: a") == (
        "d.yaml:1: kind: diffusion needs peft, which this machine lacks; "
        "write pip install 'atelier[diffusion]', here and where workers run"
    )
    # A submitter's laptop has no torch either, and workers may have both.
    monkeypatch.setattr(diffusion_model, "find_spec", lambda name: None)
    assert planned(models, "prompts: a").frames == 1


def test_words_on_the_farms_list_stand_in_no_prompt(models: Path, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("# Not here\nSword\nred  rose\n刀\n", encoding="utf-8")
    settings = Settings(prompt_blocklist=str(tmp_path / "words.txt"))
    assert blocked(settings, ["passwords and swordfish"]) is None
    assert blocked(settings, ["a door", "A \uff33\uff37\uff2f\uff32\uff24!"]) == "sword"
    assert blocked(settings, ["one red\nrose"]) == "red rose"
    assert blocked(settings, ["一把刀子"]) == "刀"
    plan = planned(models, "prompts: [a sword, a door]", settings=settings)
    assert plan.notes == (
        "left out: prompt 0001: 'a sword' holds 'sword', which is on this farm's list of words not to be used",
    )
    with pytest.raises(ConfigError, match="ATELIER_PROMPT_BLOCKLIST"):
        blocked(Settings(prompt_blocklist=str(tmp_path / "gone.txt")), ["a"])


def test_a_link_into_the_farms_home_is_no_part_of_a_model_from_afar(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.registry.HOME", tmp_path / "home")
    (tmp_path / "home").mkdir()
    shutil.copytree(models / "sd", tmp_path / "sent/sd")
    config = tmp_path / "sent/sd/vae/config.json"
    config.rename(tmp_path / "home/secret.json")
    config.symlink_to(tmp_path / "home/secret.json")
    with confined([str(tmp_path / "sent")]):
        assert "is in no folder that job files sent to this dashboard may name" in told(tmp_path / "sent", "prompts: a")
