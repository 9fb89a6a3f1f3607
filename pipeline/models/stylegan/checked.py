"""Frozen dataclasses that keep their word: every field is what its annotation says, within the bounds that stand there.

They come from JSON that anybody may have written. Standard library only, so that training needs nothing else.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Self, Union, get_args, get_origin, get_type_hints


@dataclass(frozen=True, kw_only=True)
class Within:
    """What a number may be, or how many entries a row of them has, or what a word looks like."""

    least: float | None = None
    most: float | None = None
    above: float | None = None
    pattern: str | None = None

    def check(self, value: Any, where: str) -> None:
        """Raises: ValueError."""
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            raise ValueError(f"{where}: {value[:60]!r} is not named like {self.pattern}")
        size = len(value) if isinstance(value, tuple) else value
        what = "entries" if isinstance(value, tuple) else "number"
        if self.least is not None and size < self.least:
            raise ValueError(f"{where}: {what} should be greater than or equal to {self.least:g}")
        if self.most is not None and size > self.most:
            raise ValueError(f"{where}: {what} should be less than or equal to {self.most:g}")
        if self.above is not None and size <= self.above:
            raise ValueError(f"{where}: {what} should be greater than {self.above:g}")


class Checked:
    """Base of such dataclasses. Raises: ValueError, naming the field, when one is made of anything else."""

    def __post_init__(self) -> None:
        hints = _hints(type(self))
        for field in fields(self):  # type: ignore[arg-type]
            object.__setattr__(self, field.name, _fitted(getattr(self, field.name), hints[field.name], field.name))

    def to_json(self) -> str:
        """As JSON that `from_json` reads."""
        return json.dumps(asdict(self), separators=(",", ":"))  # type: ignore[call-overload]

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises: ValueError, naming the field, if it describes anything else."""
        try:
            values = json.loads(text)
        except RecursionError as error:
            raise ValueError("is nested too deeply") from error
        made: Self = _made(values, cls, "")
        return made


def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _made(values: Any, kind: type, where: str) -> Any:
    """A dataclass from a mapping."""
    if not isinstance(values, Mapping):
        raise ValueError(f"{where or 'config'}: should be keys and values")
    known = {field.name: field for field in fields(kind)}
    if odd := sorted(map(str, values.keys() - known.keys())):
        raise ValueError(f"{_under(where, odd[0][:60])}: is no key there")
    hints = _hints(kind)
    made = {name: _fitted(value, hints[name], _under(where, name)) for name, value in values.items()}
    try:
        return kind(**made)
    except TypeError as error:
        lacking = re.findall(r"'(\w+)'", str(error))
        raise ValueError(f"{_under(where, lacking[0] if lacking else 'config')}: is missing") from error


def _under(where: str, name: object) -> str:
    return f"{where}.{name}" if where else str(name)


def _fitted(value: Any, hint: Any, where: str) -> Any:
    """The value as the annotation has it: lists as tuples, mappings as dataclasses."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is Annotated:
        value = _fitted(value, parts[0], where)
        for limit in parts[1:]:
            if value is not None:
                limit.check(value, where)
        return value
    if origin in (Union, UnionType):
        return _fitted(value, _alternative(value, parts), where)
    if origin is Literal:
        if value not in parts:
            raise ValueError(f"{where}: should be {' or '.join(map(str, parts))}")
        return value
    if origin is tuple:
        return _row(value, parts, where)
    if is_dataclass(hint):
        return value if isinstance(value, hint) else _made(value, hint, where)  # type: ignore[arg-type]
    return _plain(value, hint, where)


def _alternative(value: Any, kinds: Sequence[Any]) -> Any:
    """That of several types which a value is meant to be."""
    if value is None and NoneType in kinds:
        return NoneType
    kinds = [kind for kind in kinds if kind is not NoneType]
    if isinstance(value, Mapping):
        kinds = [kind for kind in kinds if value.keys() <= _hints(kind).keys()] or kinds
    return next((kind for kind in kinds if isinstance(kind, type) and isinstance(value, kind)), kinds[0])


def _row(value: Any, parts: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ValueError(f"{where}: should be a list")
    kinds = parts[:1] * len(value) if parts[-1] is ... else parts
    if len(kinds) != len(value):
        raise ValueError(f"{where}: should have {len(kinds)} entries")
    return tuple(_fitted(entry, kind, f"{where}.{at}") for at, (entry, kind) in enumerate(zip(value, kinds)))  # noqa: B905


def _plain(value: Any, kind: Any, where: str) -> Any:
    if kind is NoneType:
        return None
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        # What is too large for a float is no finite number either.
        if not abs(value) < 1e300 or not math.isfinite(value):
            raise ValueError(f"{where}: should be a finite number")
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        names = {int: "a whole number", float: "a number", str: "a word", bool: "true or false"}
        raise ValueError(f"{where}: should be {names[kind]}")
    return value
