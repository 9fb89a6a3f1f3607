"""The StyleGAN generator that a job file names: found, looked at and pinned; and what it must be told, or cannot be.

What is made with it is each kind's own.
"""

from __future__ import annotations

from pydantic import ValidationInfo

from jobs.config import Settings
from jobs.kinds.base import FieldProblem
from jobs.kinds.checkpoints import check_named, pinned
from jobs.records import ModelRef
from pipeline.catalog import GENERATOR_SUFFIXES, find_generator
from pipeline.generators import described
from pipeline.models.stylegan.config import GeneratorConfig, Synthesis2Config


def check_model(value: str, info: ValidationInfo) -> str:
    """A name that is known, or a place: there, if it is on this machine."""
    return check_named(value, info, find=find_generator, role="generator", suffixes=GENERATOR_SUFFIXES)


def generator_of(model: str, settings: Settings) -> tuple[ModelRef, GeneratorConfig]:
    """The model, pinned by its digest, and what it can do. One in a store is looked at here, and not kept.

    Raises: FieldProblem if it cannot be used.
    """
    return pinned(model, settings, find=find_generator, role="generator", described=described)


def check_class(label: int | None, classes: int) -> None:
    """Whether one of so many classes is named, where there are any. Raises: FieldProblem."""
    if label is None and classes:
        raise FieldProblem("model", f"'class' is missing: the model knows {classes:,}; write class: 0 to {classes - 1}")
    if label is not None and not classes:
        raise FieldProblem("class", "class: the model knows no classes; leave it out")
    if label is not None and label >= classes:
        raise FieldProblem("class", f"class: there is no {label}; the model knows 0 to {classes - 1}")


def has_noise(config: GeneratorConfig) -> bool:
    """Whether its layers add noise."""
    return isinstance(config.synthesis, Synthesis2Config) and config.synthesis.noisy


def check_noise(config: GeneratorConfig) -> None:
    """For job files that say what becomes of the noise. Raises: FieldProblem if the generator has none."""
    if not isinstance(config.synthesis, Synthesis2Config):
        raise FieldProblem("noise", "noise: StyleGAN3 has none, and this is one; leave it out")
    if not config.synthesis.noisy:
        raise FieldProblem("noise", "noise: this model was trained without any; leave it out")
