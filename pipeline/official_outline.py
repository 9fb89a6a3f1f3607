"""What NVIDIA's official StyleGAN checkpoints hold: a `.pkl`'s networks, laid out without making a tensor. Torch-free.

StyleGAN2-ADA-PyTorch and StyleGAN3 pickle whole modules with their source text. The text is not looked at. How the
pickle is taken apart is official_pickle.py's matter; official.py makes the tensors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError
from pipeline.official_names import OFFICIAL, Array, Module, Strided
from pipeline.official_pickle import BrokenPickle, ForeignName, Purse, Source, carry_out, word

_MOST_BYTES = 2 << 30
"""Official checkpoints have at most 0.4 GB."""

_MOST_DEEP = 8
"""Modules in modules, lists in lists. Official ones are four deep."""

_SHORT = 16
"""Numbers that a list among a module's attributes may have."""

_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
"""What a part of a dotted name is made of."""

_OF_TENSORFLOW = re.compile(r"dnnlib\.tflib(\..*)?|tfutil")
"""Where the networks of StyleGAN's TensorFlow versions, and of their forerunner, say that they are from."""

_OLD_TORCH_SAVE = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."

_WANTED = "give a .pkl of StyleGAN2-ADA-PyTorch or StyleGAN3"

_DAMAGE = (ArithmeticError, LookupError, MemoryError, TypeError, ValueError)
"""What carrying out a damaged pickle raises besides what it says on purpose."""


@dataclass(frozen=True)
class Outline:
    """One pickled network as plain data, its tensors still bytes of the file."""

    class_name: str
    """What the pickle calls it: Generator, Discriminator, …"""
    init_kwargs: dict[str, Any]
    """What it was made with: numbers, words, lists, dicts, truths and None."""
    tensors: dict[str, Strided]
    """Parameters and buffers by dotted name, such as synthesis.b4.const; all together no larger than the file."""
    attributes: dict[str, Any] = field(default_factory=dict)
    """Its modules' plain numbers, words and short lists by dotted name, such as synthesis.L0_36_512.up_factor."""


def outlines(path: Path) -> dict[str, Outline]:
    """The networks of an official checkpoint: G_ema, G, D, augment_pipe, whichever it holds.

    Raises: ModelError if the file is missing, damaged, no official checkpoint, or names what none of them does.
    """
    held = _held(path)
    purse = Purse(path.stat().st_size)
    seen: dict[int, Outline] = {}
    found = {}
    for name, module in held.items():
        if id(module) not in seen:
            seen[id(module)] = _outline(module, f"{path}: {name}", purse)
        found[name] = seen[id(module)]
    return found


def generator_outline(path: Path) -> Outline:
    """The generator to make pictures with: the running average, G_ema.

    Raises: ModelError as `outlines` does, and if there is no G_ema or one of its tensors is not finite.
    """
    held = _held(path)
    if "G_ema" not in held:
        raise ModelError(f"{path}: holds {_listed(held)} and no generator G_ema; {_WANTED} that has one")
    found = _outline(held["G_ema"], f"{path}: G_ema", Purse(path.stat().st_size))
    for name, tensor in found.tensors.items():
        if not tensor.is_finite():
            raise ModelError(
                f"{path}: {name} of G_ema holds values that are not finite; its training failed, take an earlier one"
            )
    return found


def _held(path: Path) -> dict[str, Module]:
    """The file's modules by name."""
    if not path.is_file():
        raise ModelError(f"{path}: no such checkpoint; {_WANTED}")
    try:
        value = _carried_out(path)
    except OSError as error:
        raise ModelError(f"{path}: the checkpoint cannot be read ({error.strerror}); check path and rights") from error
    held = {name: part for name, part in value.items() if type(part) is Module} if type(value) is dict else {}
    if not held or not all(map(_NAME.fullmatch, held)):
        raise ModelError(f"{path}: holds no networks by name, as official checkpoints do; {_WANTED}")
    return held


def _carried_out(path: Path) -> Any:
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(len(_OLD_TORCH_SAVE))
        _check_head(head, size, path)
        file.seek(0)
        source = Source(file, size)
        try:
            return carry_out(source, OFFICIAL, Purse(size))
        except (EOFError, ForeignName, BrokenPickle, *_DAMAGE) as error:
            raise _said(error, source, path, is_pickle=head.startswith(b"\x80")) from error


def _check_head(head: bytes, size: int, path: Path) -> None:
    if not head:
        raise ModelError(f"{path}: is empty; download it again")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) or head == _OLD_TORCH_SAVE:
        raise ModelError(f"{path}: was written by torch.save and is no official StyleGAN checkpoint; {_WANTED}")
    if size > _MOST_BYTES:
        raise ModelError(f"{path}: has {size:,} bytes, and official checkpoints at most {_MOST_BYTES:,}; {_WANTED}")


def _said(error: Exception, source: Source, path: Path, *, is_pickle: bool) -> ModelError:
    """The sentence for what went wrong. Any text is a pickle of protocol 0 until it makes no sense."""
    if isinstance(error, ForeignName) and (is_pickle or _is_plausible(error)):
        return _foreign(error, path)
    if not is_pickle:
        return ModelError(f"{path}: is no pickle of a network; {_WANTED}")
    if isinstance(error, BrokenPickle):
        return _refused(error, f"{path}:")
    if isinstance(error, EOFError):
        return ModelError(f"{path}: breaks off after {source.size:,} bytes; download it again")
    return ModelError(f"{path}: is damaged near byte {source.at:,}; download it again")


def _is_plausible(error: ForeignName) -> bool:
    return all(re.fullmatch(r"[\w.]+", part) for part in (error.module, error.name))


def _foreign(error: ForeignName, path: Path) -> ModelError:
    named = _shown(f"{error.module}.{error.name}")
    if _OF_TENSORFLOW.fullmatch(error.module):
        return ModelError(
            f"{path}: is a checkpoint of StyleGAN's TensorFlow version ({named}), which is not read; "
            "convert it to a PyTorch .pkl with legacy.py of NVIDIA's stylegan3"
        )
    return ModelError(
        f"{path}: names {named}{error.within}, as no official StyleGAN checkpoint does; "
        "nothing in it was executed, get the file from NVIDIA or from whom you trust"
    )


def _refused(error: BrokenPickle, where: str) -> ModelError:
    return ModelError(f"{where} {error}, as no whole official checkpoint does; nothing in it was executed, {_WANTED}")


def _outline(module: Module, where: str, purse: Purse) -> Outline:
    """The module with all in it, laid out by dotted name. Raises: ModelError that begins with `where`."""
    tensors: dict[str, Strided] = {}
    attributes: dict[str, Any] = {}
    try:
        for prefix, state in _modules(module, "", purse, deep=0):
            for name, strided in _strided(state, prefix, purse):
                if name in tensors:
                    raise BrokenPickle(f"has two tensors {name}")
                purse.spend(size=strided.size)
                tensors[name] = strided
            attributes |= _attributes(state, prefix, purse)
        made_with = _plain(module.state.get("_init_kwargs", {}), purse, deep=0)
        if type(made_with) is not dict:
            raise BrokenPickle("was made with arguments that have no names")
    except BrokenPickle as error:
        raise _refused(error, where) from error
    except _DAMAGE as error:
        raise ModelError(f"{where} is damaged; download the file again") from error
    return Outline(_shown(module.class_name), made_with, tensors, attributes)


def _modules(module: Module, prefix: str, purse: Purse, *, deep: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """The module and those in it, each with the beginning of its names and its attributes."""
    if deep > _MOST_DEEP:
        raise BrokenPickle("has modules in modules without end")
    purse.spend(steps=1)
    yield prefix, module.state
    for name, inner in _members(module.state, "_modules", purse):
        if type(inner) is not Module:
            raise BrokenPickle(f"has a module {prefix}{name} that is none")
        yield from _modules(inner, f"{prefix}{name}.", purse, deep=deep + 1)


def _strided(state: dict[str, Any], prefix: str, purse: Purse) -> Iterator[tuple[str, Strided]]:
    for kind in ("_parameters", "_buffers"):
        for name, tensor in _members(state, kind, purse):
            if type(tensor) is not Strided:
                raise BrokenPickle(f"has a tensor {prefix}{name} that is none")
            yield f"{prefix}{name}", tensor


def _members(state: dict[str, Any], kind: str, purse: Purse) -> Iterator[tuple[str, Any]]:
    """What a module holds of a kind by name. A name may be kept free by None."""
    members = state.get(kind, {})
    if type(members) is not dict:
        raise BrokenPickle(f"has {kind} without names")
    for name, member in members.items():
        purse.spend(steps=1)
        if not _NAME.fullmatch(name):
            raise BrokenPickle(f"has the odd name {_shown(name)} in {kind}")
        if member is not None:
            yield name, member


def _attributes(state: dict[str, Any], prefix: str, purse: Purse) -> dict[str, Any]:
    """Numbers, words, truths, None, and short lists of them; `_init_args` only where there are some."""
    purse.spend(steps=len(state))
    told = {name: value for name, value in state.items() if not name.startswith("_")}
    if state.get("_init_args"):
        told["_init_args"] = state["_init_args"]
    return {
        f"{prefix}{name}": _plain(value, purse, deep=0)
        for name, value in told.items()
        if _NAME.fullmatch(name) and _is_short(value)
    }


def _is_short(value: Any) -> bool:
    if type(value) is Array:
        return all(length <= _SHORT for length in value.shape[1:]) and sum(value.shape) <= _SHORT
    if type(value) in (list, tuple):
        return len(value) <= _SHORT and all(map(_is_scalar, value))
    return _is_scalar(value)


def _is_scalar(value: Any) -> bool:
    return value is None or type(value) in (bool, int, float, str)


def _plain(value: Any, purse: Purse, *, deep: int) -> Any:
    """The value made of lists, dicts, words, numbers, truths and None alone."""
    if deep > _MOST_DEEP:
        raise BrokenPickle("has lists in lists without end")
    purse.spend(steps=1)
    if _is_scalar(value):
        return value
    if type(value) is Array:
        return value.values(purse)
    if type(value) in (list, tuple):
        return [_plain(item, purse, deep=deep + 1) for item in value]
    if type(value) is dict:
        return {word(key): _plain(item, purse, deep=deep + 1) for key, item in value.items()}
    raise BrokenPickle("was made with arguments that are no plain values")


def _listed(held: dict[str, Module]) -> str:
    return ", ".join(sorted(held)[:4])


def _shown(text: str) -> str:
    """A word of the file as it may stand in a sentence: short, on one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:80])
