"""Which generator of motions: what a checkpoint says of itself, and which network follows from it. Torch-free."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pipeline.errors import ModelError
from pipeline.motion.features import POSITIONS, WIDTH
from pipeline.motion.rates import LARGEST_RATE

ARCHITECTURE = "atelier-motion-1"
"""What a checkpoint says in its safetensors metadata."""

STAGES = 4
"""The network works at an eighth, a quarter, a half of its rate, and at all of it."""

STEP_FRAMES = 1 << (STAGES - 1)
"""Frames of one step of noise."""

TOLD = WIDTH - (POSITIONS.stop - POSITIONS.start)
"""Numbers a frame that the network tells: the features without positions, which follow from the turns."""

BEATS = 4
"""Channels of the beat: sine and cosine of its phase, and of twice its phase."""

MOST_CLASSES = 256

_RANGES = {"noise": (1, 256), "width": (4, 1024), "blocks": (1, 8)}
_ACTION = re.compile(r"[^\W_][\w -]{0,39}")


@dataclass(frozen=True, kw_only=True)
class MotionConfig:
    """The network of one generator of motions."""

    classes: tuple[str, ...]
    """What it can do, in alphabetical order: `jump`, `run`, `walk`."""
    rate: Fraction = Fraction(30)
    """Frames a second that it makes; other rates are made of them."""
    noise: int = 24
    """Numbers of noise in each step of STEP_FRAMES frames."""
    width: int = 128
    """Channels."""
    blocks: int = 2
    """Residual blocks at each rate."""

    @property
    def reach(self) -> int:
        """Frames on either side beyond which nothing has a part in a frame, rounded up to whole steps."""
        # A block sees KERNEL // 2 of its steps to each side, as the way in does, and each doubling of the rate one.
        blocks = sum(self.blocks * (KERNEL // 2) << stage for stage in range(STAGES))
        doublings = sum(1 << stage for stage in range(1, STAGES))
        return -(-(blocks + doublings + (KERNEL // 2) * STEP_FRAMES) // STEP_FRAMES) * STEP_FRAMES

    def to_json(self) -> str:
        """For a checkpoint's metadata."""
        return json.dumps({**asdict(self), "rate": str(self.rate)}, sort_keys=True)


KERNEL = 7
"""Steps that a convolution sees."""


def from_metadata(metadata: Mapping[str, str], where: Path | str) -> MotionConfig:
    """What a checkpoint's metadata says.

    Raises: ModelError if it is of another architecture, or asks for what no such network is.
    """
    said = metadata.get("architecture")
    if said != ARCHITECTURE:
        raise ModelError(f"{where}: holds {said or 'an unnamed network'}, not {ARCHITECTURE}; give one that moves")
    try:
        values: dict[str, Any] = json.loads(metadata["config"])
        config = MotionConfig(**{**values, "classes": tuple(values["classes"]), "rate": Fraction(values["rate"])})
        _check(config)
    except (KeyError, TypeError, ValueError, ZeroDivisionError) as error:
        raise ModelError(f"{where}: its metadata describes no network of ours ({error}); train it again") from error
    return config


def _check(config: MotionConfig) -> None:
    """Raises: ValueError, TypeError."""
    for name, (least, most) in _RANGES.items():
        value = getattr(config, name)
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"{name} is {value!r}")
    if not 1 <= config.rate <= LARGEST_RATE:
        raise ValueError(f"rate is {config.rate}")
    classes = config.classes
    if not 1 <= len(classes) <= MOST_CLASSES or len(set(classes)) != len(classes):
        raise ValueError(f"{len(classes)} classes")
    if not all(isinstance(name, str) and _ACTION.fullmatch(name) for name in classes):
        raise ValueError("its classes are not names of actions")
