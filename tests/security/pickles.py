"""Pickles as an attacker writes them: each makes a file if anything in it is carried out."""

from __future__ import annotations

import builtins
import functools
import io
import os
import pickle
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch


class Call:
    """Unpickles to what a function gives."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, self.arguments


class State:
    """Unpickles by a function that takes its state."""

    def __init__(self, function: Callable[..., Any], state: Any) -> None:
        self.function, self.state = function, state

    def __reduce__(self) -> tuple[Any, ...]:
        return torch.nn.Parameter, (torch.zeros(1),), self.state, None, None, self.function


def opcodes(module: str, name: str, argument: str) -> bytes:
    """`module.name(argument)`, written by hand: names that Python's own pickler would never write."""
    return f"c{module}\n{name}\n(V{argument}\ntR.".encode()


def tricks(canary: Path) -> dict[str, Any]:
    """Name → an object, or the bytes of a pickle, that makes the file `canary`."""
    touch = f"touch {canary}"
    code = f"__import__('os').mkdir({str(canary)!r})"
    return {
        "os.system": Call(os.system, touch),
        "subprocess": Call(subprocess.call, ["touch", str(canary)]),
        "eval": Call(eval, code),
        "exec": Call(exec, code),
        "open": Call(open, str(canary), "w"),
        "builtins by getattr": Call(getattr, Call(__import__, "os"), "mkdir"),
        "partial": Call(functools.partial(os.mkdir, str(canary))),
        "map": Call(list, Call(map, os.mkdir, [str(canary)])),
        "state setter": State(os.mkdir, str(canary)),
        "torch loads torch": Call(torch.load, str(canary) + ".inner", None, None),
        "torch.jit": opcodes("torch.jit", "load", str(canary)),
        "torch.hub": opcodes("torch.hub", "load_state_dict_from_url", f"file://{canary}"),
        "torch._utils tricked": opcodes("torch._utils", "__builtins__.eval", code),
        "dotted name": opcodes("torch.storage", "os.mkdir", str(canary)),
        "dotted module": opcodes("torch.serialization", "os.system", touch),
        "numpy reconstructs": Call(np._core.multiarray._reconstruct, Call(eval, code), (0,), b"b"),  # type: ignore[attr-defined]
        "numpy runs": opcodes("numpy.testing._private.utils", "runstring", code),
        "pickle loads": Call(pickle.loads, pickle.dumps(Call(os.mkdir, str(canary)))),
        "code object": opcodes("builtins", "compile", code),
        "nested in tensors": {"weight": torch.zeros(2), "inner": {"deep": [Call(os.mkdir, str(canary))]}},
        "as a key": {Call(builtins.eval, code): torch.zeros(2)},
        "after a good pickle": pickle.dumps({"weight": 1}) + pickle.dumps(Call(os.mkdir, str(canary))),
        "persistent id": b"\x80\x02" + opcodes("os", "mkdir", str(canary))[:-1] + b"Q.",
    }


def plain(trick: Any) -> bytes:
    """The trick as a pickle on its own."""
    return trick if isinstance(trick, bytes) else pickle.dumps(trick)


def as_torch(trick: Any) -> bytes:
    """The trick within the archive that torch.save writes."""
    file = io.BytesIO()
    torch.save({"weight": torch.zeros(2)}, file)
    made = io.BytesIO()
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(made, "w") as archive:
        for name in whole.namelist():
            archive.writestr(name, plain(trick) if name.endswith("/data.pkl") else whole.read(name))
    return made.getvalue()


def as_old_torch(trick: Any) -> bytes:
    """The trick where torch before 1.6 wrote the object."""
    file = io.BytesIO()
    torch.save({"weight": torch.zeros(2)}, file, _use_new_zipfile_serialization=False)
    data = file.getvalue()
    at = 0
    # A magic number, a version and facts of the system go before it.
    for _ in range(3):
        at = data.index(b".", data.index(b"\x80\x02", at)) + 1
    return data[: data.index(b"\x80\x02", at)] + plain(trick)


def as_npy(trick: Any) -> bytes:
    """The trick as an array of objects."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(file, {"descr": "|O", "fortran_order": False, "shape": (1,)})
    return file.getvalue() + plain(trick)


def as_npz(trick: Any) -> bytes:
    """The same within an archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("features.0.weight.npy", as_npy(trick))
    return file.getvalue()


FORMS: dict[str, Callable[[Any], bytes]] = {
    "a pickle": plain,
    "torch": as_torch,
    "old torch": as_old_torch,
    "npy": as_npy,
    "npz": as_npz,
}
"""What the trick is wrapped into."""
