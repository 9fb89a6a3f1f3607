"""The styles, generators, designers, movers and illustrators that this user registered on this machine: trained here,
added or imported, and then called by name in job files.

Each is `NAME.safetensors` in ~/.atelier/styles, generators, designers, movers or illustrators, with its model card,
`NAME.md`, if it has one.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from jobs.config import HOME, settings
from pipeline import designers, generators
from pipeline.catalog import (
    MODELS,
    OFFICIAL_SUFFIX,
    SAID,
    Model,
    checkpoint,
    find,
    find_designer,
    find_generator,
    find_illustrator,
    find_mover,
)
from pipeline.diffusion import own_described as illustrators
from pipeline.errors import ConfigError, InputError, MediaError, ModelError, StorageUnavailable
from pipeline.film.access import local_copy, read_bytes, write_error
from pipeline.motion import described as movers
from pipeline.scratch import scratch_folder
from pipeline.web import shown

Role = Literal["style", "generator", "designer", "mover", "illustrator"]
"""What is registered: what paints, makes pictures, designs, moves figures, or makes pictures of words."""

ROLES: tuple[Role, ...] = ("style", "generator", "designer", "mover", "illustrator")

KEYS: dict[Role, str] = {role: "style" if role == "style" else "model" for role in ROLES}
"""The key under which job files name each."""

_LONGEST_NAME = 60
_RESERVED = ("none", "atelier", "torchvision")
"""Words that job files use for something else where a style may stand."""


def folder(role: Role = "style") -> Path:
    """Where what was registered in a role lies."""
    return HOME / f"{role}s"


def registered(role: Role = "style") -> dict[str, Path]:
    """Name → weights file of all that was registered in a role. A name that ships by now is the shipped model's."""
    found = sorted(folder(role).glob("*.safetensors"))
    return {path.stem: path for path in found if path.stem not in MODELS}


def to_look_in(name: str, role: Role) -> dict[str, Path]:
    """What was registered in a role; and what has the name in another, so that its user is told what it is."""
    others = {known: path for other in ROLES for known, path in registered(other).items() if known == name}
    return others | registered(role)


def check_name(name: str, role: Role = "style") -> None:
    """Raises: ConfigError if a model cannot be called that: no file name, a shipped model's, or one of another role."""
    check_word(name, role)
    for other in ROLES:
        if other != role and name in registered(other):
            free = f"choose another name, or `atelier models remove {name}`"
            raise ConfigError(f"{name!r} is a {other} that was registered here; {free}")


def check_word(name: str, what: str) -> None:
    """Raises: ConfigError if nothing can be called that: no file name, or a shipped model's. `what`: it is one word."""
    if not re.fullmatch(r"\w[\w-]*", name) or len(name.encode()) > _LONGEST_NAME:
        right = f"write letters, digits, - and _, at most {_LONGEST_NAME}, as in my-{what}"
        raise ConfigError(f"{name!r} is no name for a {what}; {right}")
    if name.casefold() in MODELS or name.casefold() in _RESERVED:
        shipped = MODELS.get(name.casefold())
        whose = f"{SAID[shipped.kind]} that ships with Atelier" if shipped else "a word of its own"
        raise ConfigError(f"{name!r} is {whose}; choose another name")


def register(name: str, weights: bytes, card: str | None = None, *, role: Role = "style") -> Path:
    """Make a model known by a name, in place of what had it; gives where its weights lie.

    Raises: ConfigError if the name is none; ModelError if the weights are no such model's; StorageFull, AccessDenied.
    """
    check_name(name, role)
    target = folder(role) / f"{name}.safetensors"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=target.parent) as scratch:
            made = Path(scratch) / target.name
            made.write_bytes(weights)
            _check(made, name, role)
            if card is not None:
                (Path(scratch) / f"{name}.md").write_text(card, encoding="utf-8")
                os.replace(Path(scratch) / f"{name}.md", target.with_suffix(".md"))
            else:
                target.with_suffix(".md").unlink(missing_ok=True)
            os.replace(made, target)
    except OSError as error:
        raise write_error(target, error) from error
    return target


def add(source: str, name: str) -> tuple[Role, Path]:
    """Register a file, by path or s3:// address, with the card that lies beside it if one does: what it is, and where.

    Raises: as `register`; MediaError if there is no such file; StorageUnavailable.
    """
    check_word(name, "style")
    if source.endswith(OFFICIAL_SUFFIX):
        raise ModelError(f"{source}: a .pkl is converted first; write `atelier models import {source} --name {name}`")
    if not source.endswith(".safetensors"):
        raise ModelError(f"{source}: a style to register is a .safetensors file; job files name others by their path")
    options = settings().store_options()
    weights = read_bytes(source, options)
    try:
        card = read_bytes(f"{source.removesuffix('.safetensors')}.md", options).decode(errors="replace")
    except MediaError:
        card = None
    role = _role_of(weights, name)
    return role, register(name, weights, card, role=role)


def import_official(source: str, name: str) -> Path:
    """Convert NVIDIA's `.pkl`, by path, s3:// or web address, to a generator of ours, and register it.

    This needs torch, as workers do and submitters do not.
    Raises: as `register`; ModelError if the file is damaged or holds anything but networks; MediaError if there is no
    such file; StorageUnavailable.
    """
    check_name(name, "generator")
    said = shown(source)
    if not said.endswith(OFFICIAL_SUFFIX):
        raise ModelError(f"{said}: is no .pkl; `atelier models add` registers .safetensors files")
    try:
        from pipeline.models.stylegan.files import load_official, to_safetensors
    except ImportError as error:
        raise ConfigError(f"{said}: converting it takes torch ({error}); do it where a worker runs") from error
    with local_copy(source, settings().store_options()) as path:
        try:
            generator = load_official(path)
        except ModelError as error:
            raise ModelError(str(error).replace(str(path), said)) from error
        about = {"name": name, "credit": f"imported from {path.name}", "licence": "the checkpoint owner's"}
        return register(name, to_safetensors(generator, about), role="generator")


def remove(name: str) -> Role:
    """Forget a registered model; gives what it was. Jobs that were submitted with it keep their copy.

    Raises: InputError if no registered model has the name.
    """
    role = next((role for role in ROLES if name in registered(role)), None)
    if role is None:
        ships = "; shipped styles stay" if name in MODELS else ""
        known = ", ".join(known for role in ROLES for known in registered(role)) or "none"
        raise InputError(f"{name!r} is no style that was registered here{ships}; registered are: {known}")
    path = registered(role)[name]
    try:
        path.unlink()
        path.with_suffix(".md").unlink(missing_ok=True)
    except OSError as error:
        raise write_error(path, error) from error
    return role


def models() -> list[Model]:
    """What is registered as the catalog describes its own. A file that is no such model any more is left out."""
    rows = ((role, name, path) for role in ROLES for name, path in registered(role).items())
    return [model for row in rows if (model := _described(*row)) is not None]


def described(model: Model) -> dict[str, Any]:
    """A model, for scripts."""
    return {
        "name": model.name,
        "title": model.title,
        "kind": model.kind,
        "credit": model.credit,
        "licence": model.licence,
        "sha256": model.sha256,
        "bytes": model.path.stat().st_size if model.path.exists() else None,
        "ships": model.name in MODELS,
        "where": str(model.path),
    }


def _described(role: Role, name: str, path: Path) -> Model | None:
    try:
        model = _found(path, role)
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
        kind=model.kind,
        credit=said.get("credit") or said.get("painting", ""),
    )


def _metadata(path: Path) -> dict[str, str]:
    try:
        with safe_open(path, framework="numpy") as file:
            return file.metadata() or {}
    except (SafetensorError, OSError) as error:
        raise StorageUnavailable(f"{path}: cannot be read any more ({error})") from error


def _found(path: Path, role: Role) -> Model:
    if role == "style":
        return find(str(path))
    finders = {
        "generator": find_generator,
        "designer": find_designer,
        "mover": find_mover,
        "illustrator": find_illustrator,
    }
    return finders[role](str(path))


def _check(path: Path, name: str, role: Role) -> None:
    try:
        found = _found(path, role)
        if role == "generator":
            generators.described(path)
        elif role == "designer":
            designers.described(path)
        elif role == "mover":
            movers.described(path)
        elif role == "illustrator":
            illustrators.describe(found)
    except ModelError as error:
        raise ModelError(str(error).replace(str(path), name)) from error


def _role_of(weights: bytes, name: str) -> Role:
    with scratch_folder("model") as scratch:
        path = scratch / f"{name}.safetensors"
        path.write_bytes(weights)
        try:
            return _role(checkpoint(path))
        except ModelError:
            # Whoever registers it says what is wrong with it.
            return "style"


def _role(model: Model) -> Role:
    return model.kind if model.kind in ("generator", "designer", "mover", "illustrator") else "style"
