"""Where a broken-off artwork goes on: one picture and a few numbers, as bytes that hold no code."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from pipeline.errors import ModelError


@dataclass(frozen=True)
class State:
    """Everything that the rest of a run depends on besides what it was begun with."""

    picture: Tensor
    """`(1, 3, H, W)` float32, of the size that is being painted."""
    size: int
    """Which of the recipe's sizes, counted from 0."""
    done: int
    """Evaluations of this size."""
    frame: int
    """The film's next frame."""
    due: tuple[int, ...]
    """For each frame of the film but the last, after how many evaluations it is given."""
    curve: tuple[float, ...]
    """This size's last losses, as many as its convergence is judged by."""
    curvature: float
    """What L-BFGS last knew of how far a gradient may be followed; 0 is nothing."""


def pack(state: State, fingerprint: str) -> bytes:
    """The state as safetensors; `fingerprint` says what it belongs to."""
    return safetensors.torch.save(
        {
            "picture": state.picture.detach().cpu().contiguous(),
            "numbers": torch.tensor([state.size, state.done, state.frame], dtype=torch.int64),
            "due": torch.tensor(state.due, dtype=torch.int64),
            "curve": torch.tensor([*state.curve, state.curvature], dtype=torch.float64),
            "fingerprint": torch.tensor(list(bytes.fromhex(fingerprint)), dtype=torch.uint8),
        }
    )


def unpack(data: bytes, fingerprint: str) -> State:
    """Raises: ModelError if the bytes are damaged, or are the state of another artwork."""
    try:
        held = safetensors.torch.load(data)
        size, done, frame = held["numbers"].tolist()
        *curve, curvature = held["curve"].tolist()
        state = State(held["picture"], size, done, frame, tuple(held["due"].tolist()), tuple(curve), curvature)
        owner = bytes(held["fingerprint"].tolist()).hex()
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError("the kept state of the artwork is damaged; delete it to begin anew") from error
    if owner != fingerprint:
        raise ModelError(
            "the kept state belongs to an artwork of other pictures, masks, network or recipe; delete it to begin anew"
        )
    return state


def fingerprint_of(pictures: Iterable[Tensor | None], *said: object) -> str:
    """SHA-256 over pictures and the text of whatever else decides the result."""
    digest = hashlib.sha256(repr(said).encode())
    for picture in pictures:
        digest.update(repr(picture if picture is None else tuple(picture.shape)).encode())
        if picture is not None:
            digest.update(picture.detach().cpu().contiguous().float().numpy().tobytes())
    return digest.hexdigest()
