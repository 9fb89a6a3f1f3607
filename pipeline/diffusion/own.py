"""Our own model of pictures from words, called as the library's pipelines are: by our networks, and torch alone.

Its pictures are small squares. They are enlarged, by the network that ships for it, to the size that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor, nn

from pipeline.diffusion.families import Task
from pipeline.diffusion.own_described import NETWORK, UPSCALER
from pipeline.models import upscale
from pipeline.models.words import files
from pipeline.models.words.flow import guided, mixed, times, walk
from pipeline.models.words.unet import WordsNetwork
from pipeline.tensors import to_pixels, to_tensor
from pipeline.upscale import Upscaler


def load(folder: Path, device: torch.device | str = "cpu", precision: torch.dtype | None = None) -> OwnAssembly:
    """The model of a folder. It is small, and computes in float32 whatever the precision.

    Raises: ModelError if a file is missing, damaged, or holds another network.
    """
    upscaler = Upscaler(upscale.load(folder / UPSCALER, device), "the shipped upscaler")
    return OwnAssembly(files.load(folder / NETWORK, device), upscaler)


class OwnAssembly(nn.Module):
    """What assembly.Assembly is, of a model of ours."""

    placed = "device"

    def __init__(self, network: WordsNetwork, upscaler: Upscaler):
        super().__init__()
        self.network, self._upscaler = network, upscaler

    @contextmanager
    def pipeline(self, task: Task, scheduler: str | None, size: tuple[int, int]) -> Iterator[OwnPipeline]:
        """A pipeline for one lane; the networks keep nothing, and are shared."""
        yield OwnPipeline(self.network, self._upscaler, is_euler=scheduler == "flow-euler")

    def weigh(self, weights: tuple[float, ...]) -> None:
        """There are no LoRAs."""

    def tighten(self) -> str | None:
        """There is nothing that would take less memory."""
        return None


class OwnPipeline:
    """Called as a pipeline of the library's is, with what the painter calls those with, in one batch.

    `prompt` and `negative_prompt`: sentences. `generator`: one a picture, on the CPU. `image`, `mask_image`: Pillow
    pictures of the size that is wanted. Gives `images`, (B, H, W, 3) float32 in [0, 1].
    """

    def __init__(self, network: WordsNetwork, upscaler: Upscaler, *, is_euler: bool):
        self._network, self._upscaler, self._is_euler = network, upscaler, is_euler

    @torch.inference_mode()
    def __call__(
        self,
        *,
        prompt: Sequence[str],
        generator: Sequence[torch.Generator],
        num_inference_steps: int,
        guidance_scale: float,
        negative_prompt: Sequence[str] | None = None,
        width: int = 0,
        height: int = 0,
        image: Sequence[Image.Image] = (),
        mask_image: Sequence[Image.Image] = (),
        strength: float = 1.0,
        callback_on_step_end: Callable[[Any, int, Any, dict[str, Any]], Any] | None = None,
        output_type: str = "np",
    ) -> SimpleNamespace:
        network, device = self._network, self._network.places.device
        side = network.config.size_px
        noise = torch.cat([torch.randn(1, 3, side, side, generator=each) for each in generator]).to(device)
        guess = guided(
            network, network.numbers(prompt), network.numbers(negative_prompt or [""] * len(prompt)), guidance_scale
        )
        own = self._seen(image) if image else None
        mask = self._seen([each.convert("RGB") for each in mask_image])[:, :1] / 2 + 0.5 if mask_image else None
        steps = max(1, int(num_inference_steps * strength))
        start = 1 - steps / num_inference_steps if own is not None else 0.0
        moments = iter(range(steps))

        def kept(x: Tensor, t: float) -> Tensor:
            if callback_on_step_end is not None:
                callback_on_step_end(self, next(moments), t, {})
            if own is None or mask is None:
                return x
            return mask * x + (1 - mask) * mixed(own, noise, t)

        begun = noise if own is None else mixed(own, noise, start)
        made = walk(guess, begun, times(steps, start=start), kept=kept, is_euler=self._is_euler)
        size = image[0].size if image else (width, height)
        return SimpleNamespace(images=np.stack([self._enlarged(each, size) for each in to_pixels((made + 1) / 2)]))

    def unread(self, prompt: str) -> list[str]:
        """What its user should know of how a prompt is read."""
        reading = self._network.vocabulary.read(prompt)
        said = []
        if reading.unknown:
            said.append(f"the model does not know {', '.join(reading.unknown)}")
        if reading.left_out:
            said.append(f"the prompt's last {reading.left_out} words were not read")
        return said

    def _seen(self, pictures: Sequence[Image.Image]) -> Tensor:
        """Pictures as the network's squares (B, 3, S, S) in [-1, 1]."""
        side = (self._network.config.size_px,) * 2
        small = [ImageOps.fit(each.convert("RGB"), side, Image.Resampling.BOX) for each in pictures]
        return to_tensor(np.stack([np.asarray(each) for each in small]), self._network.places.device) * 2 - 1

    def _enlarged(self, pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        return self._upscaler.enlarge(pixels, (size[1], size[0])).astype(np.float32) / 255
