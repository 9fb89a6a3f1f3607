"""Pictures that some job made before: what each is made of, as a digest, and the picture if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import torch

from pipeline.diffusion.brief import DiffusionBrief, Row
from pipeline.kernels import FAMILY_DIGITS, digest_of, kernels
from pipeline.painter import Easel, Work

VERSION = 1
"""Raised with every change by which any picture's pixels differ: then no older one is taken for a new one."""

_LIBRARIES = ("diffusers", "transformers", "peft")


class Known:
    """Looks up the pictures of one chunk."""

    def __init__(
        self, brief: DiffusionBrief, easel: Easel, work: Work, *, deep: bool, precision: torch.dtype, placed: str
    ) -> None:
        self._recall, self._digests = work.recall, work.file_digests
        self._dtype = np.dtype(np.uint16 if deep else np.uint8)
        self._family = ""
        if work.recall is not None:
            made_with = [work.model_digests[0], str(precision), placed, [lora.weight for lora in brief.loras]]
            led = [control.model_dump(exclude={"name"}) for control in brief.controls]
            family = [VERSION, kernels(easel), _versions(), deep, brief.task, *made_with, *led]
            self._family = digest_of(family)[:FAMILY_DIGITS]

    def key(self, row: Row, *begun: str) -> str:
        """Of a row's picture; empty where no keys are wanted. `begun`: digests of what else it begins with."""
        if not self._family:
            return ""
        subject = row.subject
        places = (subject.picture, subject.mask, *subject.controls)
        files = [None if place is None else self._digests[place] for place in places]
        setting = row.setting.model_dump(exclude={"size"})
        made_of = [setting, row.size, subject.prompt, subject.negative, files, row.seed, *begun]
        return f"{self._family}/{digest_of(made_of)}"

    def get(self, key: str, row: Row) -> np.ndarray | None:
        """The picture, if there is one and it is whole. Raises: TransientError."""
        pixels = None if self._recall is None or not key else self._recall(key)
        shape = (row.size[1], row.size[0], 3)
        return pixels if pixels is not None and (pixels.shape, pixels.dtype) == (shape, self._dtype) else None


def _versions() -> Sequence[str]:
    """Of the libraries that decide pixels."""
    return [_version(name) for name in _LIBRARIES]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
