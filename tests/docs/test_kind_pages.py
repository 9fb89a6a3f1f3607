"""The pages of kinds say of every key what the code says, and their job files can be planned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image

from jobs import registry
from jobs.config import Settings
from jobs.spec import json_schema, parse
from jobs.submit import plan_job
from pipeline.motion import bvh_text
from pipeline.motion.bvh import bvh_of
from pipeline.retouch.edits import EDITS, edit_of
from pipeline.training.gan.brief import FEWEST, PORTRAITS
from pipeline.training.material import FEWEST_PHOTOS, MOST_PHOTOS, SMALLEST_PX
from pipeline.training.vae.brief import ROOMS, VaeRecipe
from tests.diffusion.folders import write_control, write_folder
from tests.docs.edits import write_edit_files
from tests.docs.motions import register_cmu
from tests.docs.pages import ROOT, blocks
from tests.docs.rooms import register_rooms, write_rooms_attributes
from tests.media import write_film, write_sound
from tests.motion.making import walk
from tests.portraits.making import write_generator, write_pickle
from tests.speech.folders import write_vits
from tests.training.motion.tiny import write_clips

PAGES = {
    "train-style": ROOT / "docs/training.md",
    "train-gan": ROOT / "docs/training-gan.md",
    "train-vae": ROOT / "docs/training-vae.md",
    "train-attributes": ROOT / "docs/training-attributes.md",
    "train-motion": ROOT / "docs/motion-training.md",
    "artwork": ROOT / "docs/artwork.md",
    "portraits": ROOT / "docs/portraits.md",
    "projection": ROOT / "docs/projection.md",
    "diffusion": ROOT / "docs/diffusion.md",
    "speech": ROOT / "docs/speech.md",
    "interiors": ROOT / "docs/interiors.md",
    "motion": ROOT / "docs/motion.md",
    "posters": ROOT / "docs/posters.md",
    "retouch": ROOT / "docs/retouch.md",
}
"""Kind → its page."""

_CHUNKED = ("portraits", "diffusion", "speech", "interiors", "motion", "posters", "retouch")

UNTOLD = {kind: set[str]() if kind in _CHUNKED else {"chunk"} for kind in PAGES}
"""Keys that a kind refuses."""

_PICTURE_PX = (640, 640)
"""Of pictures that the pages' job files read: the pages' faces lie within."""

_LEARNT_PX = max(SMALLEST_PX, VaeRecipe().size_px)
"""Of pictures in folders."""

KEYS = [
    pytest.param(kind, key, id=f"{kind}-{key}")
    for kind in PAGES
    for key in sorted(json_schema(kind)["properties"].keys() - UNTOLD[kind])
]

FILES = [
    pytest.param(kind, text, id=f"{kind}-{number}")
    for kind, page in PAGES.items()
    for number, text in enumerate(blocks(page, "yaml"))
    if kind in text
]


def default(name: str, schema: dict[str, Any]) -> str:
    """A key's default, as it is written in YAML."""
    if name in schema["required"]:
        return "must be given"
    value = schema["properties"][name].get("default")
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return f"`[{', '.join(value)}]`"
    if value in (None, ""):
        return "none"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


@pytest.mark.parametrize(("kind", "key"), KEYS)
def test_every_key_stands_there_as_the_schema_has_it(kind: str, key: str) -> None:
    schema = json_schema(kind)
    said = schema["properties"][key]["description"]
    assert f"| `{key}` | {default(key, schema)} | {said} |" in PAGES[kind].read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("kind", PAGES)
def test_no_other_key_stands_there(kind: str) -> None:
    table = PAGES[kind].read_text(encoding="utf-8").partition("\n## Keys\n")[2].partition("\n#")[0]
    assert (
        set(re.findall(r"^\| `([^`]+)` \|", table, flags=re.MULTILINE))
        == set(json_schema(kind)["properties"]) - UNTOLD[kind]
    )


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("speech", "VoiceKeys"),
        ("speech", "LineKeys"),
        ("interiors", "Strips"),
        ("interiors", "Interpolation"),
        ("motion", "Take"),
        ("motion", "CameraKeys"),
        ("motion", "TrailKeys"),
    ],
)
def test_every_key_within_a_key_stands_there(kind: str, shape: str) -> None:
    schema: dict[str, Any] = {"required": [], **json_schema(kind)["$defs"][shape]}
    lines = PAGES[kind].read_text(encoding="utf-8").splitlines()
    for key, told in schema["properties"].items():
        assert f"| `{key}` | {default(key, schema)} | {told['description']} |" in lines


@pytest.mark.parametrize("name", EDITS)
def test_every_key_of_every_edit_stands_below_its_name(name: str) -> None:
    schema: dict[str, Any] = {"required": [], **json_schema("retouch")["$defs"][edit_of(name).__name__]}
    text = PAGES["retouch"].read_text(encoding="utf-8").partition(f"\n### `{name}`\n")[2].partition("\n#")[0]
    wanted = [
        f"| `{key}` | {default(key, schema)} | {told['description']} |" for key, told in schema["properties"].items()
    ]
    assert [line for line in text.splitlines() if line.startswith("| `")] == wanted


@pytest.mark.parametrize("shape", ["Trim", "Sound", "MixedSound", "DuckKeys", "SoundFade", "LoudnessKeys"])
def test_every_key_within_a_key_of_retouch_stands_there(shape: str) -> None:
    schema: dict[str, Any] = {"required": [], **json_schema("retouch")["$defs"][shape]}
    lines = PAGES["retouch"].read_text(encoding="utf-8").splitlines()
    for key, told in schema["properties"].items():
        assert f"| `{key}` | {default(key, schema)} | {told['description']} |" in lines


@pytest.mark.parametrize(("kind", "text"), FILES)
def test_their_job_files_can_be_planned(kind: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.registry.HOME", tmp_path)
    registry.register("ffhq", write_generator(tmp_path / "ours.safetensors", "deeper").read_bytes(), role="generator")
    write_pickle(tmp_path / "ffhq.pkl", "deeper")
    register_rooms(tmp_path)
    register_cmu(tmp_path)
    np.savez(tmp_path / "anna.npz", w=np.zeros((1, 8)))
    np.save(tmp_path / "smile.npy", np.ones(8))
    for value in pictures_of(yaml.safe_load(text)):
        target = tmp_path / value
        if value.endswith("/"):
            target.mkdir(parents=True, exist_ok=True)
            for number in range(max(FEWEST, FEWEST_PHOTOS)):
                Image.new("RGB", (_LEARNT_PX, _LEARNT_PX)).save(target / f"{number}.png")
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            half = Image.new("RGB", _PICTURE_PX, "white")
            half.paste("black", (0, 0, _PICTURE_PX[0] // 2, _PICTURE_PX[1]))
            half.save(target)
    write_beside(yaml.safe_load(text), tmp_path)
    spec, located = parse(text, path="job.yaml", folder=tmp_path)
    # Only a page's briefs need the endpoint, and nobody asks it.
    plan = plan_job(spec, located, Settings(copy_url="http://127.0.0.1:9/v1", copy_model="small"))
    assert plan.kind == kind
    # Nothing that a model makes leaves without saying so.
    is_their_own = (kind == "posters" and "{kind:" not in text) or (kind == "motion" and "action:" not in text)
    assert plan.marks is not None or is_their_own or kind == "retouch"


def pictures_of(values: dict[str, Any]) -> set[str]:
    """The files and folders that a job file reads."""
    found = {values.get(key) for key in ("painting", "photos", "content", "images", "photograph", "image", "mask")}
    paintings = values.get("paintings", {})
    if isinstance(paintings, str):
        paintings = {paintings: 1}
    found |= {*paintings, *(told["mask"] for told in paintings.values() if isinstance(told, dict))}
    found |= {led["image"] for led in values.get("control", ())}
    found |= {values.get("around"), values.get("keep"), *values.get("breed", ())}
    film = values.get("film")
    found |= {item for item in (film.get("through", ()) if isinstance(film, dict) else ()) if isinstance(item, str)}
    return {path for path in found if path and path not in (PORTRAITS, ROOMS)}


def write_beside(values: dict[str, Any], folder: Path) -> None:
    """The labels and attributes that a job file reads besides pictures."""
    if data := values.get("data"):
        write_clips(folder / data)
    elif labels := values.get("labels"):
        rows = "".join(f"{number}.png,{number}\n" for number in range(FEWEST_PHOTOS))
        (folder / labels).write_text(f"file,cosiness\n{rows}", encoding="utf-8")
    for clip in values.get("clips", ()):
        if "file" in clip:
            bvh_text.write(bvh_of(walk(5)), folder / clip["file"])
    if isinstance(values.get("audiences"), str):
        (folder / values["audiences"]).write_text("audience,locale\nstudents,en de\n", encoding="utf-8")
    for sound in (values.get("sound") or {}).get("mix", ()) if values["kind"] == "posters" else ():
        file = sound if isinstance(sound, str) else sound["file"]
        for locale in ("en", "de"):
            write_sound(folder / file.replace("{locale}", locale), codec="flac")
    for name in (values.get("background"), *values.get("backgrounds", {}).values()):
        if isinstance(name, str) and "." in name:
            Image.new("RGB", _PICTURE_PX).save(folder / name)
    if values["kind"] == "diffusion":
        write_folder(folder / values["model"], "sdxl")
        for led in values.get("control", ()):
            write_control(folder / led["model"], "sdxl")
        if film := values.get("film"):
            write_film(folder / film, 96)
    for voice in values.get("voices", {}).values():
        if isinstance(voice, dict) and "/" in voice["model"]:
            write_vits(folder / voice["model"])
    if source := values.get("source"):
        write_film(folder / source, 96, size=(320, 180), sound="aac")
        write_edit_files(values, folder)
    if path := values.get("attributes"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_rooms_attributes(folder / path, ("cosiness",))


def test_the_limits_of_training_are_the_codes() -> None:
    text = PAGES["train-style"].read_text(encoding="utf-8")
    for number in (FEWEST_PHOTOS, MOST_PHOTOS, SMALLEST_PX):
        assert f"{number:,}" in text
