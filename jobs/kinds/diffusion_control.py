"""The ControlNets that a diffusion job file names, and the pictures that lead them: `control`.

control: [{model: ./controlnet-canny/, image: photo.jpg, preprocessor: canny, weight: 0.8}]
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from jobs.kinds.base import Place
from jobs.kinds.diffusion_model import check_folder
from jobs.kinds.keys import Keys
from jobs.kinds.prompts import CONTROLS, Prompt
from pipeline.diffusion.brief import ControlBrief
from pipeline.diffusion.controlnet import MOST
from pipeline.diffusion.preprocess import Preprocessor
from pipeline.errors import InputError
from pipeline.film.access import basename

_HEAVIEST = 100.0

_RIGHT = "write control: [{model: ./controlnet-canny/, image: edges.png}]"


def _check_weight(value: float) -> float:
    if not math.isfinite(value) or not 0 <= value <= _HEAVIEST:
        raise ValueError(f"weight: is out of range; write 0 to {_HEAVIEST:g}, as in 0.8")
    return value


class Control(Keys):
    """A network that leads the model by a picture."""

    model: Annotated[
        str,
        AfterValidator(check_folder),
        Field(description="a ControlNet's diffusers folder; a path, s3://, or an id of the hub that was downloaded"),
    ]
    image: Annotated[
        Place | None,
        Field(description="picture that leads; a path or s3://. Default: the table's column, or what is begun with"),
    ] = None
    preprocessor: Annotated[
        Preprocessor | None,
        Field(description="what the picture becomes before: canny, its edges; none, which leaves it as it is"),
    ] = None
    weight: Annotated[
        float, AfterValidator(_check_weight), Field(description="how much it counts; 1 is as it learnt")
    ] = 1.0
    start: Annotated[float, Field(ge=0, le=1, description="from where it leads, of the steps, 0 to 1")] = 0.0
    end: Annotated[float, Field(ge=0, le=1, description="to where it leads, of the steps, 0 to 1")] = 1.0
    mode: Annotated[
        int | None,
        Field(ge=0, le=1_000, description="of one that learnt several kinds of pictures: its number"),
    ] = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Control:
        if self.start >= self.end:
            raise ValueError(f"start: {self.start:g} is not before end, {self.end:g}; write less, from 0 on")
        return self

    def brief(self) -> ControlBrief:
        """As a plan holds it."""
        return ControlBrief(
            name=basename(self.model),
            preprocessor=self.preprocessor or "none",
            weight=self.weight,
            start=self.start,
            end=self.end,
            mode=self.mode,
        )


def as_list(value: object) -> object:
    """One ControlNet alone is a list of one."""
    rows = [value] if isinstance(value, Mapping | Control) else value
    if not isinstance(rows, list) or not all(isinstance(row, Mapping | Control) for row in rows):
        raise ValueError(f"control: is a list of ControlNets; {_RIGHT}")
    if len(rows) > MOST:
        raise ValueError(f"control: is a list of {len(rows)}; at most {MOST} ControlNets lead a picture")
    return rows


def check_led(controls: Sequence[Control], *, is_begun: bool, is_table: bool) -> None:
    """Raises: ValueError if a ControlNet can have no picture. `is_begun`: whether there is one to begin with."""
    for control in controls:
        if control.image is None and not is_table and (control.preprocessor is None or not is_begun):
            raise ValueError(f"control: {_lacks(control, is_begun=is_begun)}")


def _leads(controls: Sequence[Control], prompt: Prompt, begun: str) -> tuple[str, ...]:
    """The pictures that lead a row's ControlNets; `begun`: the one that it begins with, if any. Raises: InputError."""
    named = prompt.controls or ("",) * MOST
    if spare := [column for column, url in list(zip(CONTROLS, named, strict=True))[len(controls) :] if url]:
        raise InputError(f"has a picture under {spare[-1]}, and the job no such ControlNet; {_RIGHT}")
    urls = []
    for control, own in zip(controls, named, strict=False):
        url = own or control.image or (begun if control.preprocessor else "")
        if not url:
            raise InputError(_lacks(control, is_begun=bool(begun)))
        urls.append(url)
    return tuple(urls)


def _check_shape(name: str, size: tuple[int, int], begun: str, own: tuple[int, int]) -> None:
    """Raises: InputError if what leads has another shape than the picture that is begun with."""
    # As large as the other would be, to the pixel.
    if abs(size[0] * own[1] - size[1] * own[0]) > max(*size, *own):
        said = f"{name} is {size[0]}x{size[1]} px, and {begun} {own[0]}x{own[1]}"
        raise InputError(f"{said}: they have other shapes; make them alike")


def _lacks(control: Control, *, is_begun: bool) -> str:
    name = basename(control.model)
    if is_begun:
        made = "preprocessor: canny, which leads by the picture's own edges, or none, by the picture as it is"
        return f"{name} has no picture that leads it; write image: edges.png, or {made}"
    return f"{name} has no picture that leads it; write image: edges.png, or add a column {CONTROLS[0]} to the table"


def places(
    controls: Sequence[Control], prompt: Prompt, begun: str, look: Callable[[str], tuple[int, tuple[int, int]]]
) -> tuple[tuple[int, ...], tuple[int, int] | None]:
    """Places of a row's leading pictures among the plan's files, and the size of the first, if there is any.

    `begun`: the picture that the row begins with. `look` gives a picture's place and size. Raises: InputError.
    """
    urls = _leads(controls, prompt, begun)
    looked = [look(url) for url in urls]
    if begun:
        _, own = look(begun)
        for url, (_, size) in zip(urls, looked, strict=True):
            _check_shape(basename(url), size, basename(begun), own)
    return tuple(place for place, _ in looked), looked[0][1] if looked else None
