"""Calling the library's pipelines: what painters of diffusion do alike, whatever their pictures begin with."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch

from pipeline.device import PRECISIONS
from pipeline.diffusion.assembly import Assembly
from pipeline.diffusion.brief import DiffusionBrief, Row
from pipeline.diffusion.own import OwnAssembly, OwnPipeline
from pipeline.errors import ModelError
from pipeline.memory import Batching, in_batches, is_out_of_memory
from pipeline.painter import Easel, Work

T = TypeVar("T")
R = TypeVar("R")


def precision_of(brief: DiffusionBrief, easel: Easel) -> torch.dtype:
    """What the model computes in."""
    asked = PRECISIONS[brief.precision] if brief.precision else easel.precision
    return torch.bfloat16 if asked is torch.float16 and brief.kin.overflows else asked


Loaded = Assembly | OwnAssembly
"""A model that is ready, of the library's or ours."""


def fitting(
    painter: Batching, items: Sequence[T], make: Callable[[Sequence[T]], Sequence[R]], assembly: Loaded, work: Work
) -> list[R]:
    """What `make` makes of all items; out of memory, in smaller batches, and then with less of the model on the GPU."""
    while True:
        try:
            with work.watch.time("model_s"):
                return in_batches(painter, items, make)
        except (RuntimeError, MemoryError) as error:
            done = assembly.tighten() if is_out_of_memory(error) else None
            if done is None:
                raise
            work.note(f"memory ran out: the model was computed {done}, which takes longer")


_COMPLAINTS = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What the library raises, while it paints, of configurations and settings that do not go together. It is none of
those that another worker, or less of a batch, could help."""


@contextmanager
def complaints(brief: DiffusionBrief) -> Iterator[None]:
    """The library's complaints within the block as ours: they are told once, and with the model's name.

    Raises: ModelError.
    """
    try:
        yield
    except _COMPLAINTS as error:
        said = str(error).strip().split("\n", 1)[0][:300] or type(error).__name__
        raise ModelError(f"{brief.model}: cannot paint this ({said}); copy the model again, or change steps") from error


def words(rows: Sequence[Row]) -> dict[str, list[str]]:
    """Some families take no negative for something else than an empty one: rows of a batch all have one, or none."""
    given = {"prompt": [row.subject.prompt for row in rows]}
    if rows[0].subject.negative:
        given["negative_prompt"] = [row.subject.negative for row in rows]
    return given


def sized(pipeline: Any, size: tuple[int, int]) -> dict[str, int]:
    """Width and height, where a pipeline takes them and does not go by the picture."""
    takes = inspect.signature(pipeline.__call__).parameters
    return dict(zip(("width", "height"), size, strict=True)) if "width" in takes else {}


def pulse(work: Work, said: str, steps: int) -> Callable[..., dict[str, Any]]:
    """Called by the pipeline after each step: the worker looks whether to stop. `said`: what is being made."""

    def stepped(pipeline: Any, step: int, moment: Any, kept: dict[str, Any]) -> dict[str, Any]:
        work.pulse(f"{said}: step {step + 1} of {steps}")
        return kept

    return stepped


def pulses(brief: DiffusionBrief, work: Work, said: str, steps: int) -> dict[str, Any]:
    """The same as a keyword of the pipeline's call; upscalers' are older, and are told another way."""
    stepped = pulse(work, said, steps)
    if brief.kin.enlarges:
        return {"callback": lambda step, moment, latents: stepped(None, step, moment, {})}
    return {"callback_on_step_end": stepped}


def unread(brief: DiffusionBrief, row: Row, pipeline: Any) -> tuple[str, ...]:
    """What its user should know of a row's words: CLIP reads so many and no more, and ours knows so many."""
    if isinstance(pipeline, OwnPipeline):
        return tuple(f"{row.subject.name}: {said}" for said in pipeline.unread(row.subject.prompt))
    if brief.kin.core != "unet":
        return ()
    most = pipeline.tokenizer.model_max_length
    count = len(pipeline.tokenizer(row.subject.prompt, truncation=False, verbose=False).input_ids)
    if count <= most:
        return ()
    return (f"{row.subject.name}: the prompt has {count} tokens, and the model reads the first {most}",)


def check_finite(picture: np.ndarray, brief: DiffusionBrief) -> None:
    """Raises: ModelError if a picture holds what is no number."""
    if not np.isfinite(picture).all():
        said = "gives values that are not finite; write precision: bfloat16 or float32"
        raise ModelError(f"{brief.model}: {said}, or its weights are damaged")


def as_pixels(picture: np.ndarray, *, deep: bool) -> np.ndarray:
    """A picture (H, W, 3) float in [0, 1] as uint8, or uint16 if deep."""
    most, kind = (65_535, np.uint16) if deep else (255, np.uint8)
    return (picture * most).round().clip(0, most).astype(kind)
