"""What a broken-off projection goes on from: its variables and Adam's memory of them, as bytes that hold no code."""

from __future__ import annotations

from dataclasses import dataclass

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from pipeline.errors import ModelError

_GROUPS = ("value", "mean", "square")


@dataclass
class State:
    """Everything that the rest of a projection depends on besides what it was begun with."""

    values: dict[str, Tensor]
    """`ws` (1, num_ws, w_dim), and noise by its name."""
    means: dict[str, Tensor]
    """Adam's of the gradient, for each value."""
    squares: dict[str, Tensor]
    """Adam's of the gradient squared."""
    done: int
    """Steps."""
    frame: int
    """The film's next frame."""
    curve: list[float]
    """The loss of each step."""


def begun(values: dict[str, Tensor]) -> State:
    """The state before the first step."""
    means, squares = ({name: torch.zeros_like(value) for name, value in values.items()} for _ in range(2))
    return State(values, means, squares, done=0, frame=0, curve=[])


def pack(state: State, fingerprint: str) -> bytes:
    """The state as safetensors; `fingerprint` says what it belongs to."""
    groups = zip(_GROUPS, (state.values, state.means, state.squares), strict=True)
    tensors = {
        f"{group}.{name}": value.detach().cpu().contiguous() for group, held in groups for name, value in held.items()
    }
    tensors["numbers"] = torch.tensor([state.done, state.frame], dtype=torch.int64)
    tensors["curve"] = torch.tensor(state.curve, dtype=torch.float64)
    tensors["fingerprint"] = torch.tensor(list(bytes.fromhex(fingerprint)), dtype=torch.uint8)
    return safetensors.torch.save(tensors)


def unpack(data: bytes, fingerprint: str, like: dict[str, Tensor]) -> State:
    """`like`: the values of a projection that has just begun.

    Raises: ModelError if the bytes are damaged, or are the state of another projection.
    """
    try:
        held = safetensors.torch.load(data)
        done, frame = held["numbers"].tolist()
        groups = [{name: held[f"{group}.{name}"].to(value) for name, value in like.items()} for group in _GROUPS]
        owner = bytes(held["fingerprint"].tolist()).hex()
        curve = held["curve"].tolist()
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError("the kept state of the projection is damaged; delete it to begin anew") from error
    if owner != fingerprint or any(
        group[name].shape != value.shape for group in groups for name, value in like.items()
    ):
        raise ModelError(
            "the kept state belongs to a projection of another photograph, network or recipe; delete it to begin anew"
        )
    values, means, squares = groups
    return State(values, means, squares, done=done, frame=frame, curve=curve)
