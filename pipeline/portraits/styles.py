"""Which styles each frame of a portraits job has: a seed's, two seeds' mixed, a file's or a walk's; then edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.device import generator as random_numbers
from pipeline.models.stylegan.generator import Generator
from pipeline.models.stylegan.synthesis2 import Noise
from pipeline.portraits import directions, latents
from pipeline.portraits.brief import EditBrief, PortraitBrief, WalkBrief
from pipeline.portraits.latents import Latents, z_of
from pipeline.portraits.mixing import edited, mixed
from pipeline.portraits.sefa import factorised
from pipeline.portraits.walk import Walk, seed_keyframes
from pipeline.scratch import scratch_folder

Read = Callable[[int], bytes]
"""The content of one of the plan's files."""


class Styles:
    """The styles of one job's frames, for one generator. Files are read when they are first needed, and once."""

    def __init__(self, brief: PortraitBrief, network: Generator, read: Read) -> None:
        self.network = network
        self._brief, self._read = brief, read
        self._files: dict[int, Any] = {}
        self._lock = RLock()

    @torch.inference_mode()
    def of(self, frames: Sequence[int]) -> Tensor:
        """`(N, num_ws, w_dim)` float32 on the generator's device, truncated. The frames are all of the walk, or none.

        Raises: ModelError if a file does not fit the generator.
        """
        ws = self._walked(frames) if self._brief.walks(frames[0]) else self._pictured(frames)
        for edit, direction in zip(self._brief.edits, self._directions, strict=True):
            ws = edited(ws, direction, strength=edit.strength, layers=edit.layers)
        return ws

    def noise(self, frames: Sequence[int]) -> Noise:
        """What StyleGAN2's layers add. A walk's is the same for all of its frames: it would flicker."""
        kind = self._brief.noise or "none"
        return [random_numbers(self.noise_seed(frame) or 0) for frame in frames] if kind == "random" else kind

    def noise_seed(self, frame: int) -> int | None:
        """What a frame's random noise is drawn from; None where it has none."""
        brief = self._brief
        if brief.noise != "random":
            return None
        if brief.walks(frame):
            return 0
        return frame if brief.latents is not None else brief.pair_of(frame)[0]

    def _pictured(self, frames: Sequence[int]) -> Tensor:
        brief = self._brief
        if brief.latents is not None:
            kept = self._latents(brief.latents)
            return self._truncated(Latents(kept.space, kept.values[list(frames)]))
        pairs = [brief.pair_of(frame) for frame in frames]
        ws = self._seeded(row for row, _ in pairs)
        if brief.mix is None:
            return ws
        return mixed(ws, self._seeded(column for _, column in pairs), brief.mix.layers)

    def _walked(self, frames: Sequence[int]) -> Tensor:
        brief, (walk, c) = self._brief, self._walk
        steps = (frame - brief.walk_begins for frame in frames)
        # One by one: in another batch the last bits are others.
        return torch.cat(
            [walk.styles(self.network, step, c, psi=brief.truncation, cutoff=brief.cutoff) for step in steps]
        )

    def _seeded(self, seeds: Iterable[int]) -> Tensor:
        z_dim = self.network.config.mapping.z_dim
        return self._truncated(Latents("z", np.concatenate([z_of(seed, z_dim) for seed in seeds])))

    def _truncated(self, many: Latents) -> Tensor:
        brief, network = self._brief, self.network
        values = torch.from_numpy(many.values).float().to(network.mapping.w_avg.device)
        if many.space == "z":
            return network.styles(
                values, network.class_of(brief.label, len(values)), psi=brief.truncation, cutoff=brief.cutoff
            )
        return network.truncated(values, psi=brief.truncation, cutoff=brief.cutoff)

    @property
    def _walk(self) -> tuple[Walk, Tensor | None]:
        with self._lock:
            return self._planned_walk

    @cached_property
    def _planned_walk(self) -> tuple[Walk, Tensor | None]:
        brief, c = self._brief.walk, self.network.class_of(self._brief.label)
        assert brief is not None, "only a walk's frames ask for it"
        keyframes, space = self._keyframes(brief, c)
        walk = Walk(
            keyframes=keyframes,
            space=space,
            frames=brief.frames,
            way=brief.way,
            loop=brief.loop,
            steady=brief.steady,
        )
        # What it works out for all frames, it works out now.
        walk.latent(0)
        return walk, c

    def _keyframes(self, brief: WalkBrief, c: Tensor | None) -> tuple[np.ndarray, latents.Space]:
        if brief.file is None:
            return seed_keyframes(self.network, list(brief.seeds), brief.space, c), brief.space
        kept = self._latents(brief.file)
        return kept.values.reshape(len(kept.values), -1).astype(np.float64), kept.space

    @property
    def _directions(self) -> list[Tensor]:
        with self._lock:
            return self._known_directions

    @cached_property
    def _known_directions(self) -> list[Tensor]:
        return [self._direction(edit) for edit in self._brief.edits]

    def _direction(self, edit: EditBrief) -> Tensor:
        if edit.file is not None:
            return torch.from_numpy(self._opened(edit.file, edit.name, directions.read))
        number = edit.sefa or 0
        return factorised(self.network, number + 1, edit.layers)[number]

    def _latents(self, file: int) -> Latents:
        return self._opened(file, "latents.npz", latents.read)

    def _opened(self, file: int, name: str, reader: Callable[..., Any]) -> Any:
        with self._lock:
            if file not in self._files:
                with scratch_folder("latents") as folder:
                    path = folder / Path(name).name
                    path.write_bytes(self._read(file))
                    self._files[file] = reader(path, self.network.config)
            return self._files[file]
