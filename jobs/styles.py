"""The styles that this user registered on this machine: trained here or added, and then called by name in job files.

Each is `NAME.safetensors` in ~/.atelier/styles, with its model card, `NAME.md`, if it has one.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from safetensors import SafetensorError, safe_open

from jobs.config import HOME, settings
from pipeline.catalog import MODELS, Model, find
from pipeline.errors import ConfigError, InputError, MediaError, ModelError, StorageUnavailable
from pipeline.film.access import read_bytes, write_error

_LONGEST_NAME = 60
_RESERVED = ("none", "atelier", "torchvision")
"""Words that job files use for something else where a style may stand."""


def folder() -> Path:
    """Where registered styles lie."""
    return HOME / "styles"


def registered() -> dict[str, Path]:
    """Name → weights file of every registered style. A name that ships by now is the shipped style's."""
    found = sorted(folder().glob("*.safetensors"))
    return {path.stem: path for path in found if path.stem not in MODELS}


def check_name(name: str) -> None:
    """Raises: ConfigError if a style cannot be called that: no file name, or a shipped style's."""
    if not re.fullmatch(r"\w[\w-]*", name) or len(name.encode()) > _LONGEST_NAME:
        raise ConfigError(
            f"{name!r} is no name for a style; write letters, digits, - and _, at most {_LONGEST_NAME}, as in my-style"
        )
    if name.casefold() in MODELS or name.casefold() in _RESERVED:
        whose = "a style that ships with Atelier" if name.casefold() in MODELS else "a word of its own"
        raise ConfigError(f"{name!r} is {whose}; choose another name")


def register(name: str, weights: bytes, card: str | None = None) -> Path:
    """Make a style known by a name, in place of what had it; gives where its weights lie.

    Raises: ConfigError if the name is none; ModelError if the weights are no style's; StorageFull, AccessDenied.
    """
    check_name(name)
    target = folder() / f"{name}.safetensors"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent) as scratch:
            made = Path(scratch) / target.name
            made.write_bytes(weights)
            _check(made, name)
            if card is not None:
                (Path(scratch) / f"{name}.md").write_text(card, encoding="utf-8")
                os.replace(Path(scratch) / f"{name}.md", target.with_suffix(".md"))
            else:
                target.with_suffix(".md").unlink(missing_ok=True)
            os.replace(made, target)
    except OSError as error:
        raise write_error(target, error) from error
    return target


def add(source: str, name: str) -> Path:
    """Register a file, by path or s3:// address, with the card that lies beside it if one does.

    Raises: as `register`; MediaError if there is no such file; StorageUnavailable.
    """
    check_name(name)
    if not source.endswith(".safetensors"):
        raise ModelError(f"{source}: a style to register is a .safetensors file; job files name others by their path")
    options = settings().store_options()
    weights = read_bytes(source, options)
    try:
        card = read_bytes(f"{source.removesuffix('.safetensors')}.md", options).decode(errors="replace")
    except MediaError:
        card = None
    return register(name, weights, card)


def remove(name: str) -> None:
    """Forget a registered style. Jobs that were submitted with it keep their copy.

    Raises: InputError if no registered style has the name.
    """
    path = registered().get(name)
    if path is None:
        ships = "; shipped styles stay" if name in MODELS else ""
        known = ", ".join(registered()) or "none"
        raise InputError(f"{name!r} is no style that was registered here{ships}; registered are: {known}")
    try:
        path.unlink()
        path.with_suffix(".md").unlink(missing_ok=True)
    except OSError as error:
        raise write_error(path, error) from error


def models() -> list[Model]:
    """The registered styles as the catalog describes its own. A file that is no style's any more is left out."""
    return [model for name, path in registered().items() if (model := _described(name, path)) is not None]


def _described(name: str, path: Path) -> Model | None:
    try:
        model = find(str(path))
    except ModelError:
        return None
    said = _metadata(path)
    return Model(
        name=name,
        entry=model.entry,
        weights=model.weights,
        sha256=model.sha256,
        licence=said.get("licence", "not stated"),
        title=said.get("name", name),
        credit=said.get("credit") or said.get("painting", ""),
    )


def _metadata(path: Path) -> dict[str, str]:
    try:
        with safe_open(path, framework="numpy") as file:
            return file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise StorageUnavailable(f"{path}: cannot be read any more ({error})") from error


def _check(path: Path, name: str) -> None:
    try:
        find(str(path))
    except ModelError as error:
        raise ModelError(str(error).replace(str(path), name)) from error
