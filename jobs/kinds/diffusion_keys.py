"""What a diffusion job file may say, one check a key. How it is planned is diffusion.py's."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, model_validator

from jobs.copywriter.brief import from_text
from jobs.copywriter.prompts import PicturesBrief
from jobs.kinds import prompts
from jobs.kinds.base import JobSpec, Place, place
from jobs.kinds.diffusion_control import Control, as_list, check_led
from jobs.kinds.diffusion_film_keys import check_film
from jobs.kinds.diffusion_model import check_file, check_folder, check_model
from jobs.kinds.keys import Keys
from jobs.kinds.seeds import check_numbers
from jobs.kinds.values import (
    Deliverable,
    check_alias,
    check_cuts,
    check_frames,
    check_is_list,
    check_rate,
    check_source,
    each_once,
    shown,
)
from pipeline.diffusion.families import Task
from pipeline.film.deliverables import DELIVERABLES

SHEET = "contact-sheet"
"""Every job has one; as a deliverable it may be asked for alone."""

_MOST_STEPS = 999
"""One less than the steps of noise that models learn: schedulers of many begin at the second."""

_FURTHEST = 100.0
"""Of guidance: beyond, there are only flat colours."""

_LARGEST_PX = 16_384

_MOST_VALUES = 64
"""Values of one setting in a grid."""

_MOST_LORAS = 16

T = TypeVar("T")


def _listed(check: Callable[[Any, str], T]) -> Callable[[Any, ValidationInfo], Any]:
    """The check of a key that says one value, or a list of them for a grid."""

    def checked(value: Any, info: ValidationInfo) -> Any:
        key = info.field_name or ""
        if not isinstance(value, list):
            return None if value is None else [check(value, key)]
        if not value or len(value) > _MOST_VALUES:
            raise ValueError(f"{key}: is a list of {len(value)}; a grid has 1 to {_MOST_VALUES} values of a setting")
        return list(dict.fromkeys(check(each, key) for each in value))

    return checked


def _steps(value: Any, key: str) -> int:
    if type(value) is not int or not 1 <= value <= _MOST_STEPS:
        raise ValueError(f"{key}: {shown(value)} is no number of steps; write 1 to {_MOST_STEPS:,}, as in 30")
    return value


def _guidance(value: Any, key: str) -> float:
    if type(value) not in (int, float) or not 0 <= value <= _FURTHEST:
        raise ValueError(f"{key}: {shown(value)} is out of range; write 0 to {_FURTHEST:g}, as in 6")
    return float(value)


def _strength(value: Any, key: str) -> float:
    if type(value) not in (int, float) or not 0 < value <= 1:
        raise ValueError(f"{key}: {shown(value)} is out of range; above 0, which leaves the picture, up to 1")
    return float(value)


def _word(value: Any, key: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{key}: {shown(value)} is no scheduler; write its name, as in euler")
    return value


def _size(value: Any, key: str) -> str:
    match = re.fullmatch(r"([0-9]{1,6})(?:\s*[xX\u00d7]\s*([0-9]{1,6}))?", str(value).strip())
    if isinstance(value, bool) or match is None:
        raise ValueError(
            f"{key}: {shown(value)} is no size; write width x height in px, as in 1024x1024, or one number"
        )
    width, height = int(match[1]), int(match[2] or match[1])
    if not (1 <= width <= _LARGEST_PX and 1 <= height <= _LARGEST_PX):
        raise ValueError(f"{key}: {value} is out of range; sides are 1 to {_LARGEST_PX:,} px")
    return f"{width}x{height}"


def size_of(text: str) -> tuple[int, int]:
    """Width and height of a checked size."""
    width, _, height = text.partition("x")
    return int(width), int(height)


def _check_prompts(value: object, info: ValidationInfo) -> object:
    if isinstance(value, str):
        if prompts.is_table(value):
            whole = place(value, info)
            if "://" not in whole and not Path(whole).is_file():
                raise ValueError(f"{whole}: no such table of prompts; check the path")
            return whole
        value = [value]
    if not isinstance(value, list) or not value or not all(isinstance(each, str) and each.strip() for each in value):
        raise ValueError("prompts: write a list, as in [a red door, a blue door], or the path of a .csv table")
    if len(value) > prompts.MOST:
        raise ValueError(f"prompts: there are {len(value):,}; at most {prompts.MOST:,} are read")
    for each in value:
        if len(each) > prompts.LONGEST:
            raise ValueError(f"prompts: {shown(each)} has {len(each):,} letters; at most {prompts.LONGEST:,} are read")
    return value


def _check_negative(value: str) -> str:
    if len(value) > prompts.LONGEST:
        raise ValueError(f"negative: has {len(value):,} letters; at most {prompts.LONGEST:,} are read")
    return value.strip()


def _check_variables(value: object) -> object:
    right = "write the words that each may stand for: {colour: [red, green]}"
    if not isinstance(value, Mapping):
        raise ValueError(f"variables: {right}")
    for name, words in value.items():
        if not isinstance(name, str) or not re.fullmatch(r"\w{1,40}", name):
            raise ValueError(f"variables: {shown(name)} is no name; {right}")
        if not isinstance(words, list) or not words or not all(isinstance(each, str | int | float) for each in words):
            raise ValueError(f"variables: {name}: {right}")
    return {name: [str(each) for each in words] for name, words in value.items()}


def _check_images(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _check_seeds(value: object) -> str:
    return check_numbers(value, "seeds")


def _check_deliver(value: list[str], info: ValidationInfo) -> list[str]:
    if info.data.get("task") == "film":
        return each_once(value, (SHEET, *DELIVERABLES))
    if not value:
        raise ValueError(f"deliver: is empty; name at least one of {', '.join((SHEET, *DELIVERABLES))}")
    if moving := [name for name in value if name != SHEET and DELIVERABLES[name].made_of != "frames"]:
        hint = "; did you mean 'webp-still'?" if moving == ["webp"] else "; write png, png16, jpeg, tiff or webp-still"
        raise ValueError(f"deliver: {', '.join(moving)} shows a film, and these are pictures{hint}")
    return list(dict.fromkeys(value))


def _check_weight(value: float) -> float:
    if not math.isfinite(value) or abs(value) > _FURTHEST:
        raise ValueError(f"weight: is out of range; write a number, as in 0.8, at most {_FURTHEST:g}")
    return value


def _check_loras(value: object) -> object:
    rows = [{"path": value}] if isinstance(value, str) else [value] if isinstance(value, Mapping) else value
    right = "write lora: [{path: brand.safetensors, weight: 0.8}]"
    if not isinstance(rows, list) or len(rows) > _MOST_LORAS:
        raise ValueError(f"lora: is a list of at most {_MOST_LORAS}; {right}")
    if not all(isinstance(row, str | Mapping | Lora) for row in rows):
        raise ValueError(f"lora: {right}")
    return [{"path": row} if isinstance(row, str) else row for row in rows]


class Lora(Keys):
    """Learnt differences that are added to the model's weights, and how much of them."""

    path: Annotated[str, AfterValidator(check_file), Field(description="a .safetensors file; a path or s3://")]
    weight: Annotated[
        float, AfterValidator(_check_weight), Field(description="how much it counts; 1 is as it learnt")
    ] = 1.0


class DiffusionSpec(JobSpec):
    """A diffusion job file."""

    switches = frozenset({"allow_pickle"})

    kind: Annotated[Literal["diffusion"], Field(description="what the job makes")]
    model: Annotated[
        str,
        AfterValidator(check_model),
        Field(
            description="a diffusers folder or .safetensors file; a path, s3://, or an id of the hub, downloaded before"
        ),
    ]
    config: Annotated[
        Annotated[str, AfterValidator(check_folder)] | None,
        Field(description="of a single file: a diffusers folder of its design, whose weights need not be there"),
    ] = None
    allow_pickle: Annotated[
        bool, Field(description="whether a folder's weights may be torch's .bin files; their tensors alone are read")
    ] = False
    task: Annotated[Task, Field(description="what is made: of words alone, or of words and pictures")] = "generate"
    prompts: Annotated[
        str | list[str] | None,
        BeforeValidator(_check_prompts, json_schema_input_type=str | list[str]),
        Field(
            description="what is to be seen: a list, or a .csv table with a column `prompt`; {variables} are filled in"
        ),
    ] = None
    brief: Annotated[
        PicturesBrief | None,
        BeforeValidator(from_text, json_schema_input_type=str | PicturesBrief),
        Field(description="in place of prompts: what they are about, for a language model to write them"),
    ] = None
    negative: Annotated[
        str, AfterValidator(_check_negative), Field(description="what is not to be seen, in all pictures")
    ] = ""
    variables: Annotated[
        dict[str, list[str]],
        BeforeValidator(_check_variables),
        Field(description="words that prompts are combined with, as {colour: [red, green]}"),
    ] = {}  # noqa: RUF012 - pydantic copies defaults
    image: Annotated[
        list[Place] | None,
        BeforeValidator(_check_images, json_schema_input_type=str | list[str]),
        Field(description="picture to begin with, or several; a path or s3://"),
    ] = None
    mask: Annotated[
        Place | None, Field(description="picture of the same size that is white where it is painted anew")
    ] = None
    film: Annotated[
        Annotated[Place, AfterValidator(check_source)] | None,
        Field(
            description="of film: the film, or sequence of pictures (shot.%04d.png), that is changed; a path or s3://"
        ),
    ] = None
    frames: Annotated[
        str | int | None,
        AfterValidator(lambda v: None if v is None else check_frames(v)),
        Field(description="of film: first and last frame, inclusive, as 1-240; default all"),
    ] = None
    fps: Annotated[
        str | int | float | None,
        AfterValidator(lambda v: None if v is None else check_rate(v)),
        Field(description="of film: frame rate of a sequence, or to resample a film to; default the film's own, or 24"),
    ] = None
    cuts: Annotated[
        Literal["detect", "none"] | list[int] | None,
        BeforeValidator(check_cuts),
        Field(description="of film: `detect`, `none`, or the first frame of each shot; default detect"),
    ] = None
    keyframes: Annotated[
        int,
        Field(
            ge=1,
            le=48,
            description="of film: one in so many frames is diffused, and carried along the motion to those between; "
            "1 diffuses every frame",
        ),
    ] = 8
    seeds: Annotated[
        Annotated[str, BeforeValidator(_check_seeds, json_schema_input_type=str | int | list[str | int])],
        Field(description="one picture each of every prompt, as 0-15"),
    ] = "0"
    steps: Annotated[
        list[int] | None,
        BeforeValidator(_listed(_steps), json_schema_input_type=int | list[int]),
        Field(description="in which the noise is taken away; several make a grid; default: the family's"),
    ] = None
    guidance: Annotated[
        list[float] | None,
        BeforeValidator(_listed(_guidance), json_schema_input_type=float | list[float]),
        Field(description="how closely the words are followed; several make a grid; default: the family's"),
    ] = None
    scheduler: Annotated[
        list[str] | None,
        BeforeValidator(_listed(_word), json_schema_input_type=str | list[str]),
        Field(description="how the noise is taken away, as in euler; several make a grid; default: the model's own"),
    ] = None
    strength: Annotated[
        list[float] | None,
        BeforeValidator(_listed(_strength), json_schema_input_type=float | list[float]),
        Field(
            description="how far pictures are left, up to 1; several make a grid; default 0.6, inpaint 1, upscale 0.3, "
            "film 0.5"
        ),
    ] = None
    size: Annotated[
        list[str] | None,
        BeforeValidator(_listed(_size), json_schema_input_type=str | int | list[str | int]),
        Field(description="width x height in px; several make a grid; default: the model's, or the picture's"),
    ] = None
    scale: Annotated[
        float, Field(gt=1, le=8, description="of upscale: how many times as wide and high the picture becomes")
    ] = 2.0
    lora: Annotated[
        list[Lora],
        BeforeValidator(_check_loras, json_schema_input_type=str | Lora | list[str | Lora]),
        Field(description="learnt differences, as [{path: brand.safetensors, weight: 0.8}]"),
    ] = []  # noqa: RUF012 - pydantic copies defaults
    control: Annotated[
        list[Control],
        BeforeValidator(as_list, json_schema_input_type=Control | list[Control]),
        Field(description="ControlNets, which lead by a picture, as [{model: ./canny/, image: edges.png}]"),
    ] = []  # noqa: RUF012 - pydantic copies defaults
    precision: Annotated[
        Literal["float32", "bfloat16", "float16"] | None,
        Field(description="what the model computes in; default: the worker's settings"),
    ] = None
    on_error: Annotated[
        Literal["skip", "fail"],
        Field(description="what becomes of a prompt that cannot be pictured: `skip` makes all others, and names it"),
    ] = "skip"
    deliver: Annotated[
        list[Annotated[Deliverable | Literal["contact-sheet"], BeforeValidator(check_alias)]],
        BeforeValidator(check_is_list),
        AfterValidator(_check_deliver),
        Field(description="what to make; default png, of films h264. A contact sheet comes with everything"),
    ] = ["png"]  # noqa: RUF012 - pydantic copies defaults

    @model_validator(mode="after")
    def _fits_its_task(self) -> DiffusionSpec:
        told = self.model_fields_set
        if self.prompts is None and self.brief is None:
            raise ValueError("'prompts' is missing: what is to be seen, as in [a red door]; or write a brief")
        if self.prompts is not None and self.brief is not None:
            raise ValueError("brief: stands in place of prompts; leave one of them out")
        check_film(self)
        if self.task == "generate":
            for key in ("image", "mask", "strength"):
                if key in told and getattr(self, key) is not None:
                    raise ValueError(
                        f"{key}: is of no use where pictures are made of words; write task: image-to-image"
                    )
        elif self.task != "film" and not prompts.is_table(self.prompts) and self.image is None:
            raise ValueError(f"'image' is missing: {self.task} begins with a picture; write image: photo.jpg")
        if self.mask is not None and self.task != "inpaint":
            raise ValueError("mask: says where a picture is painted anew; write task: inpaint")
        if self.task == "inpaint" and not prompts.is_table(self.prompts) and self.mask is None:
            raise ValueError("'mask' is missing: a picture that is white where the image is painted anew")
        if "scale" in told and self.task != "upscale":
            raise ValueError("scale: says how much larger pictures become; write task: upscale")
        if self.size is not None and self.task == "upscale":
            raise ValueError("size: upscale says it by `scale`; leave it out")
        is_begun = self.image is not None or self.film is not None
        check_led(self.control, is_begun=is_begun, is_table=prompts.is_table(self.prompts))
        return self
