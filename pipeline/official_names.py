"""What the few names that NVIDIA's checkpoints use stand for: networks, tensors and numbers as plain data.

None of them is the real thing of that name. What a network's plain data means is official_outline.py's matter.
Torch-free.
"""

from __future__ import annotations

import io
import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.official_pickle import BrokenPickle, ForeignName, Name, Purse, Source, Stateful, Table, carry_out, word

_MOST_AXES = 8
_MOST_LONG = 1 << 40
"""No axis, stride or offset is longer, and no shape has more numbers; what fits into a file has far fewer."""

_OLD_TORCH = 0x1950A86A20F9469CFC6C
"""With this number begins what torch.save wrote before 1.6, and what it still writes for a storage in a pickle."""

_OLD_TORCH_VERSION = 1001


@dataclass(frozen=True, slots=True)
class Numbers:
    """A kind of numbers that tensors hold."""

    name: str
    """As torch calls it."""
    code: str
    """NumPy's; of bfloat16, which it does not know, that of its bits."""

    @property
    def size(self) -> int:
        """Bytes of one number."""
        return np.dtype(self.code).itemsize


_STORAGES = {
    "FloatStorage": Numbers("float32", "<f4"),
    "HalfStorage": Numbers("float16", "<f2"),
    "DoubleStorage": Numbers("float64", "<f8"),
    "BFloat16Storage": Numbers("bfloat16", "<u2"),
    "LongStorage": Numbers("int64", "<i8"),
    "IntStorage": Numbers("int32", "<i4"),
    "ShortStorage": Numbers("int16", "<i2"),
    "CharStorage": Numbers("int8", "i1"),
    "ByteStorage": Numbers("uint8", "u1"),
    "BoolStorage": Numbers("bool", "?"),
}

_BFLOAT16_EXPONENT = 0x7F80
"""All of these bits are set in what is not finite."""

_NUMBERS = ("b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8")
"""NumPy's types that are read: truths and plain numbers, no objects, words or records."""


@dataclass(frozen=True, slots=True)
class Module:
    """A pickled module: what it was called, and its attributes, among them `_parameters` and `_modules`."""

    class_name: str
    state: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Storage:
    """A row of numbers, as the file's own bytes."""

    numbers: Numbers
    data: memoryview


@dataclass(frozen=True, slots=True)
class Strided:
    """A tensor that has not been made yet: numbers of a storage, known to lie within it."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes from its first number to its last."""
        return _span(self.shape, self.strides) * self.storage.numbers.size

    def data(self) -> bytearray:
        """A copy of these bytes."""
        begin = self.offset * self.storage.numbers.size
        return bytearray(self.storage.data[begin : begin + self.size])

    def is_finite(self) -> bool:
        """Whether none of its numbers is infinite or none at all."""
        kind = self.storage.numbers
        if self.size == 0 or "float" not in kind.name:
            return True
        row = np.frombuffer(self.storage.data, kind.code, offset=self.offset * kind.size, count=self.size // kind.size)
        numbers = np.lib.stride_tricks.as_strided(row, self.shape, [stride * kind.size for stride in self.strides])
        if kind.name == "bfloat16":
            return bool(((numbers & _BFLOAT16_EXPONENT) != _BFLOAT16_EXPONENT).all())
        return bool(np.isfinite(numbers).all())


class Kind(Stateful):
    """A NumPy dtype: a plain number's size, and the order of its bytes."""

    __slots__ = ("code",)

    def __init__(self, code: str) -> None:
        if code not in _NUMBERS:
            raise BrokenPickle("has NumPy values that are no plain numbers")
        self.code = code

    def build(self, state: Any) -> None:
        _version, order, *rest = _exactly(state, 8)
        if type(order) is not str or order not in ("<", ">", "|") or rest[:3] != [None, None, None]:
            raise BrokenPickle("has NumPy values that are no plain numbers")
        self.code = order + self.code[-2:]


class Array(Stateful):
    """A NumPy array, as the file's own bytes."""

    __slots__ = ("_code", "_data", "_order", "shape")

    def __init__(self) -> None:
        self.shape: tuple[int, ...] = (0,)
        self._code, self._order, self._data = "f8", "C", b""

    def build(self, state: Any) -> None:
        _version, shape, kind, is_fortran, data = _exactly(state, 5)
        if type(kind) is not Kind or type(data) is not bytes:
            raise BrokenPickle("has NumPy values that are no plain numbers")
        if math.prod(_shape(shape)) * np.dtype(kind.code).itemsize != len(data):
            raise BrokenPickle("has a NumPy array of another size than its shape says")
        self.shape, self._code, self._data = shape, kind.code, data
        self._order = "F" if is_fortran is True else "C"

    def values(self, purse: Purse) -> Any:
        """Its numbers in lists in lists, as deep as it has axes; of an array without axes, the number."""
        # Of a million empty rows each one is a list.
        purse.spend(steps=math.prod(max(1, length) for length in self.shape))
        return np.frombuffer(self._data, self._code).reshape(self.shape, order=self._order).tolist()  # type: ignore[call-overload]


def _module(arguments: tuple[Any, ...], _: Purse) -> Module:
    (meta,) = arguments
    if type(meta) is not dict or meta.get("type") != "class" or type(meta.get("state")) is not dict:
        raise BrokenPickle("holds a persistent object that is no network")
    return Module(word(meta.get("class_name")), meta["state"])


def _mapping(arguments: tuple[Any, ...], _: Purse) -> dict[str, Any]:
    """An empty one: Python's pickler puts the items in by instructions of their own."""
    if arguments:
        raise BrokenPickle("makes a mapping in an odd way")
    return {}


def _set(arguments: tuple[Any, ...], purse: Purse) -> set[str]:
    (items,) = arguments or ([],)
    if type(items) is not list:
        raise BrokenPickle("makes a set of something else than a list")
    purse.spend(steps=len(items))
    return set(map(word, items))


def _encode(arguments: tuple[Any, ...], purse: Purse) -> bytes:
    """Bytes, as protocol 2 has them. Raises: ValueError if they are none."""
    text, encoding = arguments
    if encoding != "latin1":
        raise BrokenPickle("has bytes in another coding than Latin-1")
    purse.spend(size=len(word(text)))
    return text.encode("latin-1")


def _storage(arguments: tuple[Any, ...], purse: Purse) -> Storage:
    (data,) = arguments
    if type(data) is not bytes:
        raise BrokenPickle("has a storage that is no bytes")
    try:
        return _saved(data, purse)
    except EOFError as error:
        raise BrokenPickle("has a storage that breaks off") from error
    except ForeignName as error:
        raise ForeignName(error.module, error.name, " within a tensor") from error


def _saved(data: bytes, purse: Purse) -> Storage:
    """What torch.save wrote of a storage: four pickles of numbers and words, its one key, and its bytes."""
    source = Source(io.BytesIO(data), len(data))
    if carry_out(source, {}, purse) != _OLD_TORCH or carry_out(source, {}, purse) != _OLD_TORCH_VERSION:
        raise BrokenPickle("has a storage that torch.save did not write")
    system = carry_out(source, {}, purse)
    if type(system) is not dict or system.get("little_endian") is not True:
        raise BrokenPickle("has a storage of a big-endian machine")
    numbers, key, length = _exactly(carry_out(source, _STORAGE_TYPES, purse, persistent=_described), 3)
    if carry_out(source, {}, purse) != [key]:
        raise BrokenPickle("has a storage that torch.save did not write")
    (said,) = struct.unpack("<q", source.read(8))
    if said != length or length * numbers.size != len(data) - source.at:
        raise BrokenPickle("has a storage of another size than it says")
    return Storage(numbers, memoryview(data)[source.at :])


def _described(persistent_id: Any) -> tuple[Numbers, str, int]:
    """A storage's kind of numbers, key and length."""
    tag, kind, key, _device, length, view = _exactly(persistent_id, 6)
    if tag != "storage" or type(kind) is not Name or type(length) is not int or view is not None:
        raise BrokenPickle("has a storage that torch.save did not write")
    return _STORAGES[kind.name], word(key), length


def _tensor(arguments: tuple[Any, ...], _: Purse) -> Strided:
    storage, offset, shape, strides = arguments[:4]
    if type(storage) is not Storage or len(_shape(shape)) != len(_lengths(strides)):
        raise BrokenPickle("has a tensor without a storage or with odd strides")
    (start,) = _lengths((offset,))
    span = _span(shape, strides)
    if math.prod(shape) > span or (start + span) * storage.numbers.size > len(storage.data):
        raise BrokenPickle("has a tensor that is larger than its storage")
    return Strided(storage, start, shape, strides)


def _parameter(arguments: tuple[Any, ...], _: Purse) -> Strided:
    tensor, _learns, _hooks = arguments
    if type(tensor) is not Strided:
        raise BrokenPickle("has a parameter that is no tensor")
    return tensor


def _kind(arguments: tuple[Any, ...], _: Purse) -> Kind:
    return Kind(word(arguments[0]))


def _scalar(arguments: tuple[Any, ...], _: Purse) -> Any:
    kind, data = arguments
    if type(kind) is not Kind or type(data) is not bytes or len(data) != np.dtype(kind.code).itemsize:
        raise BrokenPickle("has NumPy values that are no plain numbers")
    return np.frombuffer(data, kind.code)[0].item()


def _array(arguments: tuple[Any, ...], _: Purse) -> Array:
    if arguments[0] != Name("numpy", "ndarray"):
        raise BrokenPickle("has NumPy values that are no plain numbers")
    return Array()


def _never(arguments: tuple[Any, ...], _: Purse) -> Any:
    raise BrokenPickle("calls what is only ever named")


def _exactly(values: Any, count: int) -> tuple[Any, ...]:
    """The values, if they are a tuple of so many."""
    if type(values) is not tuple or len(values) != count:
        raise ValueError("not as many values as belong there")
    return values


def _lengths(values: Any) -> tuple[int, ...]:
    """The values, if they are a short tuple of numbers from 0."""
    if type(values) is not tuple or len(values) > _MOST_AXES:
        raise BrokenPickle("has a shape that is none")
    if any(type(value) is not int or not 0 <= value <= _MOST_LONG for value in values):
        raise BrokenPickle("has a shape that is none")
    return values


def _shape(values: Any) -> tuple[int, ...]:
    """The values, if they are a shape. One that holds nothing may be no larger than another."""
    if math.prod(max(1, length) for length in _lengths(values)) > _MOST_LONG:
        raise BrokenPickle("has a shape that is none")
    return values


def _span(shape: tuple[int, ...], strides: tuple[int, ...]) -> int:
    """How many numbers of a storage a tensor reaches over."""
    if 0 in shape:
        return 0
    return 1 + sum((length - 1) * stride for length, stride in zip(shape, strides, strict=True))


_STORAGE_TYPES: Table = dict.fromkeys((("torch", name) for name in _STORAGES), _never)

OFFICIAL: Table = {
    ("torch_utils.persistence", "_reconstruct_persistent_obj"): _module,
    ("dnnlib.util", "EasyDict"): _mapping,
    ("collections", "OrderedDict"): _mapping,
    ("builtins", "set"): _set,
    ("__builtin__", "set"): _set,
    ("_codecs", "encode"): _encode,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch.storage", "_load_from_bytes"): _storage,
    ("numpy", "dtype"): _kind,
    ("numpy", "ndarray"): _never,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy._core.multiarray", "scalar"): _scalar,
    ("numpy.core.multiarray", "_reconstruct"): _array,
    ("numpy._core.multiarray", "_reconstruct"): _array,
}
"""Every name that an official checkpoint may have, and what makes its value."""
