"""Writes checkpoints in the layout of NVIDIA's official `.pkl` files, of any configuration and protocol.

NVIDIA's modules are stood in for while the pickle is written, so that it names what theirs name.
"""

from __future__ import annotations

import pickle
import sys
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

from torch import Tensor
from torch.nn import Parameter

Described = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""A network: its class's name, what it was made with, and its state.

The state has dotted names, dicts in dicts, or both. Parameters and tensors become parameters and buffers of the
modules that their names are made of; everything else becomes an attribute.
"""

SOURCE = "raise SystemExit('the embedded source was run')\n"
"""Stands where the official files have the text of their module."""

_HOOKS = ("_backward_hooks", "_forward_hooks", "_forward_pre_hooks", "_state_dict_hooks", "_load_state_dict_pre_hooks")
_CLASSES = {"synthesis": "SynthesisNetwork", "mapping": "MappingNetwork"}
_DATA = {"class_name": "training.dataset.ImageFolderDataset", "path": "./ffhq.zip", "xflip": True, "max_size": 70000}


def write_official(
    path: Path, networks: Mapping[str, Described], protocol: int = 4, *, source: str = SOURCE, **beside: Any
) -> Path:
    """Write the networks by name (G, D, G_ema). `beside`: what else the file holds, such as augment_pipe."""
    path.write_bytes(official_bytes(networks, protocol, source=source, **beside))
    return path


def official_bytes(
    networks: Mapping[str, Described], protocol: int = 4, *, source: str = SOURCE, **beside: Any
) -> bytes:
    """The same as bytes."""
    content: dict[str, Any] = {name: _network(*described, source=source) for name, described in networks.items()}
    content |= {"augment_pipe": None, **beside}
    content.setdefault("training_set_kwargs", EasyDict(_DATA))
    with patch.dict(sys.modules, _stand_ins()):
        return pickle.dumps(content, protocol)


class EasyDict(dict[str, Any]):
    """Is pickled as `dnnlib.util.EasyDict`."""


def _reconstruct_persistent_obj(meta: Any) -> Any:
    raise AssertionError("nothing is ever carried out")


class Persistent:
    """A module as `torch_utils.persistence` pickles it."""

    def __init__(self, class_name: str, state: Mapping[str, Any], source: str) -> None:
        self.meta = EasyDict(type="class", version=6, module_src=source, class_name=class_name, state=dict(state))

    def __reduce__(self) -> tuple[Any, ...]:
        return _reconstruct_persistent_obj, (self.meta,), None, None, None


def _stand_ins() -> dict[str, ModuleType]:
    made = {name: ModuleType(name) for name in ("torch_utils", "torch_utils.persistence", "dnnlib", "dnnlib.util")}
    for thing, name in ((_reconstruct_persistent_obj, "torch_utils.persistence"), (EasyDict, "dnnlib.util")):
        thing.__module__ = name
        setattr(made[name], thing.__name__, thing)
    return made


def _network(class_name: str, init_kwargs: Mapping[str, Any], state: Mapping[str, Any], *, source: str) -> Persistent:
    return _module(class_name, _easy(init_kwargs), _nested(state), source)


def _easy(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    return {name: EasyDict(_easy(value)) if isinstance(value, Mapping) else value for name, value in kwargs.items()}


def _is_word(key: Any) -> bool:
    return isinstance(key, str)


def _nested(state: Mapping[str, Any]) -> dict[str, Any]:
    """Dicts in dicts, without dots in their names."""
    made: dict[str, Any] = {}
    for name, value in state.items():
        *path, last = name.split(".")
        inner = made
        for part in path:
            inner = inner.setdefault(part, {})
        if isinstance(value, Mapping) and all(map(_is_word, value)):
            inner.setdefault(last, {}).update(_nested(value))
        else:
            inner[last] = value
    return made


def _module(class_name: str, init_kwargs: dict[str, Any], members: dict[str, Any], source: str) -> Persistent:
    modules = {name: value for name, value in members.items() if isinstance(value, dict) and all(map(_is_word, value))}
    parameters = {name: value for name, value in members.items() if isinstance(value, Parameter)}
    tensors = {name: value for name, value in members.items() if isinstance(value, Tensor)}
    state = {
        "training": False,
        "_parameters": OrderedDict(parameters),
        "_buffers": OrderedDict((name, value) for name, value in tensors.items() if name not in parameters),
        "_non_persistent_buffers_set": set(),
        **{hook: OrderedDict() for hook in _HOOKS},
        "_modules": OrderedDict(
            (name, _module(_CLASSES.get(name, "Layer"), {}, inner, source)) for name, inner in modules.items()
        ),
        **{name: value for name, value in members.items() if name not in modules and name not in tensors},
        "_init_args": (),
        "_init_kwargs": init_kwargs,
    }
    return Persistent(class_name, state, source)
