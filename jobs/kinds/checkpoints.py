"""The network that a job file names under `model`: found by name or at its place, looked at, and pinned by digest.

What it must be able to do is generators.py's and designers.py's.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import TypeVar

from pydantic import ValidationInfo

from jobs.config import Settings
from jobs.confine import bounds, check_fetched
from jobs.kinds.base import FieldProblem, place
from jobs.records import ModelRef
from jobs.registry import Role, to_look_in
from pipeline.catalog import OFFICIAL_SUFFIX, SUFFIXES, Model
from pipeline.errors import InputError, ModelError
from pipeline.film.access import is_remote, local_copy
from pipeline.web import check_address, is_web, shown

Config = TypeVar("Config")

Find = Callable[..., Model]
"""`find(name, also, known_as=…)`, of the catalog."""


def check_named(value: str, info: ValidationInfo, *, find: Find, role: Role, suffixes: tuple[str, ...]) -> str:
    """A name that is known, or a place: there, if it is on this machine. Raises: ValueError."""
    suffix = PurePosixPath(value).suffix
    if "://" not in value and suffix not in (*SUFFIXES, OFFICIAL_SUFFIX):
        try:
            find(value, to_look_in(value, role))
        except ModelError as error:
            raise ValueError(f"model: {error}") from error
        return value
    whole = _web_address(value) if is_web(value) else place(value, info)
    if suffix not in suffixes:
        raise ValueError(f"{whole}: holds no {role}; give a {' or '.join(suffixes)} file")
    if not is_remote(whole) and not Path(whole).is_file():
        raise ValueError(f"{whole}: no such {role}; check the path")
    return whole


def _web_address(value: str) -> str:
    try:
        check_address(value)
        check_fetched(shown(value))
    except InputError as error:
        raise ValueError(str(error)) from error
    if value != shown(value):
        # It would stand in the job's records.
        raise ValueError(
            f"{shown(value)}: has a query, which may be a signature; import it with `atelier models import`"
        )
    return value


def pinned(
    model: str, settings: Settings, *, find: Find, role: Role, described: Callable[[Path], Config]
) -> tuple[ModelRef, Config]:
    """The model by its digest, and what it can do. One in a store is looked at here, and not kept.

    Raises: FieldProblem if it cannot be used.
    """
    try:
        if not is_remote(model):
            found = find(model, to_look_in(model, role))
            return _ref(found, found.weights), described(found.path)
        with local_copy(model, settings.store_options(), bounds()) as path:
            try:
                return _ref(find(str(path), known_as=model), model), described(path)
            except ModelError as error:
                raise ModelError(str(error).replace(str(path), model)) from error
    except InputError as error:
        raise FieldProblem("model", str(error)) from error


def _ref(found: Model, weights: str) -> ModelRef:
    return ModelRef(name=found.name, entry=found.entry, weights=weights, sha256=found.sha256)
