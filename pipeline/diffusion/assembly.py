"""A loaded diffusion model: its components once, and a pipeline of the library's around them for each lane.

Pipelines count steps and keep a schedule, so no two lanes share one; networks keep nothing, and are shared.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Any

import torch
from torch import nn

from pipeline.diffusion.families import SAMPLERS, Task, family_of

_TILED_FROM = 1536 * 1536
"""Pixels from which a picture is decoded in tiles. It goes by the size alone: else a picture would depend on how much
memory a worker has."""

_ROOM = 1.35
"""Memory that pictures in the making take beside the weights, of the weights."""

_LEAST_ROOM = 3e9
"""Bytes of it, of small models."""

_TASKS: dict[Task, str] = {
    "generate": "AutoPipelineForText2Image",
    "image-to-image": "AutoPipelineForImage2Image",
    "upscale": "AutoPipelineForImage2Image",
    "inpaint": "AutoPipelineForInpainting",
    "film": "AutoPipelineForImage2Image",
}
"""Task → the library's class that knows whose pipeline does it."""


class Assembly(nn.Module):
    """A diffusion model's components, placed where they fit."""

    def __init__(
        self, pipeline: Any, device: torch.device, *, loras: tuple[str, ...] = (), controls: Sequence[nn.Module] = ()
    ) -> None:
        """`loras`: the names by which adapters were added; `controls`: ControlNets, of which all lead each picture."""
        super().__init__()
        self.base = pipeline
        name = type(pipeline).__name__
        self._does_one = family_of(name, name).enlarges > 0
        self.device = device
        self._loras = loras
        self._controls = list(controls)
        parts = {name: part for name, part in pipeline.components.items() if isinstance(part, nn.Module)}
        parts |= {f"control{place}": control for place, control in enumerate(controls)}
        self.parts = nn.ModuleDict(parts).eval().requires_grad_(False)
        self._idle: dict[Task, list[Any]] = {}
        self._lock = Lock()
        self._tightened = 0
        self.placed = self._place()
        """Where the weights are: `device`, `by component`, `by layer`."""

    @contextmanager
    def pipeline(self, task: Task, scheduler: str | None, size: tuple[int, int]) -> Iterator[Any]:
        """A pipeline for one lane, with a schedule of its own, for pictures of that size (width, height)."""
        with self._lock:
            idle = self._idle.setdefault(task, [])
            pipeline = idle.pop() if idle else self._made(task)
            pipeline.scheduler = self._scheduler(scheduler)
        if size[0] * size[1] >= _TILED_FROM:
            pipeline.vae.enable_tiling()
        else:
            pipeline.vae.disable_tiling()
        try:
            yield pipeline
        finally:
            with self._lock:
                idle.append(pipeline)

    def weigh(self, weights: tuple[float, ...]) -> None:
        """How much each LoRA counts."""
        if self._loras:
            self.base.set_adapters(list(self._loras), adapter_weights=list(weights))

    def tighten(self) -> str | None:
        """Take less of a GPU's memory from now on, and more time: what was done, or None if nothing is left to do."""
        if self.device.type == "cpu":
            return None
        steps = ("attention in slices", "by component", "by layer")
        while self._tightened < len(steps):
            step = steps[self._tightened]
            self._tightened += 1
            if step == self.placed:
                continue
            for pipeline in (self.base, *(one for idle in self._idle.values() for one in idle)):
                pipeline.enable_attention_slicing()
            if step != "attention in slices":
                self.placed = step
                self._idle.clear()
            torch.cuda.empty_cache()
            return step
        return None

    def _made(self, task: Task) -> Any:
        import diffusers

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            # What does one thing alone is none of those that the library's auto-classes tell apart.
            auto = type(self.base) if self._does_one else getattr(diffusers, _TASKS[task])
            pipeline = auto.from_pipe(self.base, **self._leading())
        pipeline.set_progress_bar_config(disable=True)
        if type(pipeline).__name__ == "StableDiffusion3ControlNetPipeline":
            pipeline.vae = _settled(pipeline.vae)
        if self.device.type == "cpu":
            # Fast tokenizers cannot be used by two threads at once; a VAE is told by the picture whether to tile.
            for name, part in pipeline.components.items():
                if name.startswith("tokenizer") and part is not None:
                    setattr(pipeline, name, copy.deepcopy(part))
            pipeline.vae = copy.copy(pipeline.vae)
        elif self.placed == "by component":
            pipeline.enable_model_cpu_offload(device=self.device)
        elif self.placed == "by layer":
            pipeline.enable_sequential_cpu_offload(device=self.device)
        return pipeline

    def _leading(self) -> dict[str, Any]:
        """The ControlNets, as the library takes them."""
        if not self._controls:
            return {}
        return {"controlnet": self._controls[0] if len(self._controls) == 1 else self._controls}

    def _scheduler(self, name: str | None) -> Any:
        own = self.base.scheduler
        if name is None:
            return type(own).from_config(own.config)
        import diffusers

        sampler = SAMPLERS[name]
        return getattr(diffusers, sampler.of).from_config(own.config, **sampler.said)

    def _place(self) -> str:
        """On the device if weights and pictures fit, else the component that is at work, else its layer."""
        if self.device.type == "cpu":
            return "device"
        free, _ = torch.cuda.mem_get_info(self.device)
        sizes = [_bytes(part) for part in self.parts.values()]
        room = max(_LEAST_ROOM, (_ROOM - 1) * sum(sizes))
        if sum(sizes) + room < free:
            self.base.to(self.device)
            self.parts.to(self.device)
            return "device"
        return "by component" if max(sizes) + room < free else "by layer"


def _settled(vae: Any) -> Any:
    """The VAE, encoding pictures to the mean of their latents.

    The library's pipeline would draw what leads SD3 from the process's own random numbers, so that a seed's picture
    were another one each time.
    """
    settled = copy.copy(vae)
    encode = vae.encode

    def encoded(*asked: Any, **named: Any) -> Any:
        made = encode(*asked, **named)
        made.latent_dist.std = torch.zeros_like(made.latent_dist.std)
        return made

    settled.encode = encoded
    return settled


def _bytes(part: nn.Module) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in (*part.parameters(), *part.buffers()))
