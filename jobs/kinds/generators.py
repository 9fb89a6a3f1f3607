"""The StyleGAN generator that a job file names: found, looked at and pinned; and what it must be told, or cannot be.

What is made with it is each kind's own.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from pydantic import ValidationInfo

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, place
from jobs.records import ModelRef
from jobs.registry import to_look_in
from pipeline.catalog import GENERATOR_SUFFIXES, SUFFIXES, Model, find_generator
from pipeline.errors import InputError, ModelError
from pipeline.film.access import is_remote, local_copy
from pipeline.generators import described
from pipeline.models.stylegan.config import GeneratorConfig, Synthesis2Config
from pipeline.web import check_address, is_web, shown


def check_model(value: str, info: ValidationInfo) -> str:
    """A name that is known, or a place: there, if it is on this machine."""
    suffix = PurePosixPath(value).suffix
    if "://" not in value and suffix not in (*GENERATOR_SUFFIXES, *SUFFIXES):
        try:
            find_generator(value, to_look_in(value, "generator"))
        except ModelError as error:
            raise ValueError(f"model: {error}") from error
        return value
    whole = _web_address(value) if is_web(value) else place(value, info)
    if suffix not in GENERATOR_SUFFIXES:
        raise ValueError(f"{whole}: holds no generator; give a {' or '.join(GENERATOR_SUFFIXES)} file")
    if not is_remote(whole) and not Path(whole).is_file():
        raise ValueError(f"{whole}: no such generator; check the path")
    return whole


def _web_address(value: str) -> str:
    try:
        check_address(value)
    except InputError as error:
        raise ValueError(str(error)) from error
    if value != shown(value):
        # It would stand in the job's records.
        raise ValueError(
            f"{shown(value)}: has a query, which may be a signature; import it with `atelier models import`"
        )
    return value


def generator_of(model: str, settings: Settings) -> tuple[ModelRef, GeneratorConfig]:
    """The model, pinned by its digest, and what it can do. One in a store is looked at here, and not kept.

    Raises: FieldProblem if it cannot be used.
    """
    try:
        return _generator(model, settings)
    except InputError as error:
        raise FieldProblem("model", str(error)) from error


def _generator(model: str, settings: Settings) -> tuple[ModelRef, GeneratorConfig]:
    if not is_remote(model):
        found = find_generator(model, to_look_in(model, "generator"))
        return _pinned(found, found.weights), described(found.path)
    with local_copy(model, settings.store_options()) as path:
        try:
            found = find_generator(str(path), known_as=model)
            return _pinned(found, model), described(path)
        except ModelError as error:
            raise ModelError(str(error).replace(str(path), model)) from error


def _pinned(found: Model, weights: str) -> ModelRef:
    return ModelRef(name=found.name, entry=found.entry, weights=weights, sha256=found.sha256)


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
