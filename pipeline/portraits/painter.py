"""Painting portraits: seeds become latents, latents styles, styles pictures.

    seed ─► z ─► w ─► truncated, mixed ─► picture ─► pixels

Each seed has random numbers of its own, so that its picture does not depend on what else is in its batch. On a CPU each
is made alone, several side by side; on a GPU in batches of one size, the last one padded.

Source: the official tools' numbers: NumPy's RandomState of the seed for z; Karras et al., arXiv:1812.04948, section 3.1
(mixing), arXiv:2106.12423, section 3 (moving and turning).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from pipeline.device import generator as random_numbers
from pipeline.errors import ModelError
from pipeline.film.stylize import is_out_of_memory
from pipeline.models.stylegan.generator import Generator, to_pixels
from pipeline.painter import Easel, Work
from pipeline.portraits.brief import PortraitBrief
from pipeline.portraits.latents import z_of
from pipeline.provenance import latent_facts
from pipeline.stream import spread

_DEEP_HALF = 32_767.5
"""Half of the codes between black and white in 16 bits."""


class PortraitPainter:
    """Paints the portraits of one job."""

    def __init__(self, inputs: dict[str, Any], easel: Easel, *, deep: bool) -> None:
        """`inputs`: a PortraitBrief."""
        self._brief = PortraitBrief.model_validate(inputs)
        self._easel, self._deep = easel, deep
        self.batch = easel.batch
        """Pictures a batch; halves when memory runs out."""

    def paint(self, work: Work) -> Iterator[np.ndarray]:
        """The chunk's pictures: (H, W, 3) uint8, or uint16 in deep jobs, sRGB. Each is described with its latent.

        Raises: ModelError if the network cannot be used; TransientError; Interrupted; torch.OutOfMemoryError if not
        even one picture fits.
        """
        network: Generator = work.model(0)
        digest = work.model_digests[0].rpartition(" ")[2] if work.model_digests else ""

        def paint(frames: range) -> list[tuple[int, Tensor, np.ndarray]]:
            with work.watch.time("model_s"):
                return self._shrinking(network, list(frames))

        frames = range(work.start, work.stop)
        runs = [frames[at : at + self.batch] for at in range(0, len(frames), self.batch)]
        for made in spread(paint, runs, threads=self._easel.lanes, name="paint"):
            for frame, ws, pixels in made:
                about = self._brief.facts(frame) | {"modelSha256": digest} | latent_facts(_shortest(ws))
                work.describe(frame, about)
                yield pixels

    def _shrinking(self, network: Generator, waiting: list[int]) -> list[tuple[int, Tensor, np.ndarray]]:
        """Paint a batch; on out-of-memory halve the batch size, for good, and try again."""
        done: list[tuple[int, Tensor, np.ndarray]] = []
        while waiting:
            now = waiting[: self.batch]
            try:
                done.extend(self._batch(network, now))
            except (torch.OutOfMemoryError, RuntimeError, MemoryError) as error:
                if not is_out_of_memory(error) or self.batch == 1:
                    raise
                self.batch = max(1, self.batch // 2)
                if self._easel.device.type == "cuda":
                    torch.cuda.empty_cache()
            else:
                waiting = waiting[len(now) :]
        return done

    def _batch(self, network: Generator, frames: list[int]) -> list[tuple[int, Tensor, np.ndarray]]:
        if self._easel.device.type == "cpu":
            # A convolution of several pictures rounds otherwise than one of each.
            made = [self._painted(network, [frame]) for frame in frames]
        else:
            made = [self._painted(network, frames + [frames[-1]] * (self.batch - len(frames)))]
        rows = [(ws, pixels) for many, pictures in made for ws, pixels in zip(many, pictures, strict=True)]
        return [(frame, ws, pixels) for frame, (ws, pixels) in zip(frames, rows, strict=False)]

    @torch.inference_mode()
    def _painted(self, network: Generator, frames: list[int]) -> tuple[Tensor, np.ndarray]:
        """Styles `(N, num_ws, w_dim)` on the CPU and pictures `(N, H, W, 3)` of the frames."""
        brief = self._brief
        pairs = [brief.pair_of(frame) for frame in frames]
        ws = self._styles(network, (row for row, _ in pairs))
        if brief.mix is not None:
            layers = list(brief.mix.layers)
            ws[:, layers] = self._styles(network, (column for _, column in pairs))[:, layers]
        noise: Any = [random_numbers(row) for row, _ in pairs] if brief.noise == "random" else brief.noise
        pictures = network.picture(ws, noise=noise, transform=self._transform())
        return ws.cpu(), self._pixels(pictures)

    def _styles(self, network: Generator, seeds: Iterable[int]) -> Tensor:
        config = network.config.mapping
        z = np.concatenate([z_of(seed, config.z_dim) for seed in seeds])
        c = None
        if config.c_dim:
            c = torch.zeros(len(z), config.c_dim, device=self._easel.device)
            c[:, self._brief.label or 0] = 1
        return network.styles(
            torch.from_numpy(z).float().to(self._easel.device),
            c,
            psi=self._brief.truncation,
            cutoff=self._brief.cutoff,
        )

    def _transform(self) -> Tensor | None:
        """From places in the picture to places in the network's waves: the way back of what was asked for."""
        brief = self._brief
        if brief.translate is None and brief.rotate is None:
            return None
        x, y = brief.translate or (0.0, 0.0)
        angle = math.radians(brief.rotate or 0.0)
        cosine, sine = math.cos(angle), math.sin(angle)
        there = np.array([[cosine, sine, x], [-sine, cosine, y], [0.0, 0.0, 1.0]])
        return torch.from_numpy(np.linalg.inv(there))

    def _pixels(self, pictures: Tensor) -> np.ndarray:
        if not torch.isfinite(pictures).all():
            raise ModelError(f"{self._brief.model}: gives values that are not finite; its weights are damaged")
        if pictures.shape[1] == 1:
            pictures = pictures.expand(-1, 3, -1, -1)
        if not self._deep:
            return to_pixels(pictures).cpu().numpy()
        codes = (pictures.permute(0, 2, 3, 1).double() * _DEEP_HALF + _DEEP_HALF + 0.5).clamp(0, 65_535)
        return codes.to(torch.int32).cpu().numpy().astype(np.uint16)


def _shortest(ws: Tensor) -> np.ndarray:
    """One style `(w_dim,)` if all layers have the same, else `(num_ws, w_dim)`."""
    numbers = ws.numpy()
    return numbers[0] if (numbers == numbers[:1]).all() else numbers
