"""The artwork kind: one superb picture by optimisation, and if asked for the film of how it comes into being.

One chunk: every frame grows out of the one before, and the last is the artwork.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from jobs.config import Settings
from jobs.features import Features, planned_features
from jobs.kinds.base import FieldProblem, Kind, Place
from jobs.kinds.becoming import BecomingSpec, check_film, plan_of
from jobs.kinds.keys import Keys
from jobs.kinds.values import check_colour
from jobs.pictures import picture_file
from jobs.records import FileRef, Plan
from pipeline.artwork.brief import ArtworkBrief, Wanted
from pipeline.artwork.recipe import ArtworkRecipe
from pipeline.errors import ConfigError, InputError, MediaError
from pipeline.film.access import read_bytes
from pipeline.images import read_picture
from pipeline.training.brief import ATELIER, TORCHVISION

_RECIPE = ArtworkRecipe()

_DEEPEST = "features.10.weight"
"""Of the layers that the shallower recipe compares by: relu3_1."""


class MaskedPainting(Keys):
    """One of several paintings: how much it counts, and where."""

    weight: Annotated[float, Field(gt=0, le=1000, description="relative to the others'")] = 1.0
    mask: Annotated[Place | None, Field(description="picture that is white where this painting is wanted")] = None


def _check_paintings(value: object) -> object:
    """One painting is a mapping of one."""
    if isinstance(value, str):
        return {value: {}}
    if not isinstance(value, Mapping) or not value:
        raise ValueError("paintings: write one picture, or how much each counts: {wave.jpg: 0.7, scream.jpg: 0.3}")
    return value


def _weighted(value: object) -> object:
    """A number is a weight."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return {"weight": value}
    if not isinstance(value, Mapping | MaskedPainting):
        raise ValueError("paintings: write a number for each, or {weight: 0.3, mask: sky.png}")
    return value


class ArtworkSpec(BecomingSpec):
    """An artwork job file."""

    switches = frozenset({"preserve_color"})

    kind: Annotated[Literal["artwork"], Field(description="what the job makes")]
    content: Annotated[Place, Field(description="picture to repaint; a path or s3://")]
    paintings: Annotated[
        dict[Place, Annotated[MaskedPainting, BeforeValidator(_weighted)]],
        BeforeValidator(_check_paintings, json_schema_input_type=str | dict[str, float | MaskedPainting]),
        Field(
            description="picture to paint after, or several: {wave.jpg: 0.7, scream.jpg: {weight: 0.3, mask: sky.png}}"
        ),
    ]
    size: Annotated[int, Field(ge=16, le=8192, description="longest side in pixels")] = _RECIPE.size
    iterations: Annotated[int, Field(ge=1, le=100_000, description="evaluations of the losses, over all sizes")] = (
        _RECIPE.iterations
    )
    style_weight: Annotated[
        float, Field(ge=0, le=10_000, description="more makes bolder strokes and a less faithful picture")
    ] = _RECIPE.style
    variation: Annotated[float, Field(ge=0, le=10_000, description="more makes smoother paint and less grain")] = (
        _RECIPE.variation
    )
    stroke: Annotated[float, Field(ge=0.05, le=20, description="size of the strokes; 2 doubles it")] = _RECIPE.stroke
    preserve_color: Annotated[
        Literal["luminance", "palette"] | None,
        BeforeValidator(check_colour, json_schema_input_type=Literal["luminance", "palette"] | bool | None),
        Field(description="`luminance` keeps the content's colours, `palette` gives them to the paintings"),
    ] = None
    noise: Annotated[float, Field(ge=0, le=1, description="0 begins with the content, 1 with noise")] = _RECIPE.noise
    tolerance: Annotated[
        float, Field(ge=0, lt=1, description="gain below which a size is finished early; 0 never is")
    ] = _RECIPE.tolerance
    seed: Annotated[int, Field(ge=0, le=2**32 - 1, description="of the noise")] = _RECIPE.seed
    features: Features = ATELIER


def plan(spec: ArtworkSpec, settings: Settings) -> Plan:
    """Look at the pictures and the features; one chunk."""
    check_film(spec, steps=spec.iterations, called="iterations")
    options = settings.store_options()
    files: list[FileRef] = []

    def place(url: str, *keys: str) -> int:
        try:
            file = picture_file(url, options, settings.limits())
            if keys[-1] == "mask" and not read_picture(read_bytes(url, options), where=url).any():
                raise MediaError(f"{url}: the mask is black all over; leave its painting out instead")
        except InputError as error:
            raise FieldProblem(keys, str(error)) from error
        files.append(file)
        return len(files) - 1

    content = place(spec.content, "content")
    wanted = tuple(
        Wanted(
            file=place(url, "paintings", url),
            weight=told.weight,
            mask=None if told.mask is None else place(told.mask, "paintings", url, "mask"),
        )
        for url, told in spec.paintings.items()
    )
    features = planned_features(spec.features, deepest=_DEEPEST)
    brief = ArtworkBrief(
        content=content,
        paintings=wanted,
        features=None if features is None else len(files),
        features_name=TORCHVISION if features is None else features.name,
        recipe=_recipe(spec),
        frames=spec.frames,
    )
    return plan_of(
        spec,
        kind="artwork",
        origin="composed",
        stem=PurePosixPath(spec.content).stem,
        files=files,
        features=features,
        style=" + ".join(PurePosixPath(url).name for url in spec.paintings),
        inputs=brief.to_json(),
    )


def _recipe(spec: ArtworkSpec) -> ArtworkRecipe:
    try:
        return ArtworkRecipe(
            size=spec.size,
            iterations=spec.iterations,
            style=spec.style_weight,
            variation=spec.variation,
            stroke=spec.stroke,
            colours=spec.preserve_color or "painting",
            noise=spec.noise,
            tolerance=spec.tolerance,
            seed=spec.seed,
        )
    except ConfigError as error:
        raise FieldProblem("kind", str(error)) from error


ARTWORK = Kind(
    spec=ArtworkSpec,
    plan=plan,
    separable=False,
    painter="pipeline.artwork.painter:ArtworkPainter",
    summary="one picture by optimisation, after paintings",
)
