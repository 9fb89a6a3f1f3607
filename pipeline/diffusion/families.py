"""The families of diffusion models that job files may name, and the samplers that they take. Torch-free.

A pipeline's class, as its model_index.json has it, decides its family.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from pipeline.errors import ModelError

Task = Literal["generate", "image-to-image", "inpaint", "upscale", "film"]
"""What is made of words alone; of words and a picture; of words where a mask is white; of a picture, larger; of words
and a film."""


@dataclass(frozen=True)
class Family:
    """Models of one design."""

    name: str
    title: str
    core: str
    """The component that takes the noise away."""
    steps: int
    """Where a job file says none."""
    guidance: float
    """Where a job file says none: the library's."""
    takes_negatives: bool
    """Whether it can be told what not to show."""
    flows: bool
    """Whether it learnt flow matching: then only such samplers can take the noise away."""
    classes: tuple[str, ...]
    """Of pipelines, as model_index.json names them."""
    overflows: bool = False
    """Whether its numbers leave float16's range: halved, it is computed in bfloat16."""
    enlarges: int = 0
    """Of models that enlarge pictures and do nothing else: how many times as wide and high they become."""
    takes_samplers: bool = True
    """Whether others than its own can take the noise away."""


def _classes(stem: str) -> tuple[str, ...]:
    return f"{stem}Pipeline", f"{stem}Img2ImgPipeline", f"{stem}InpaintPipeline"


SD = Family(
    name="sd",
    title="Stable Diffusion 1 and 2",
    core="unet",
    steps=30,
    guidance=7.5,
    takes_negatives=True,
    flows=False,
    classes=_classes("StableDiffusion"),
)
SDXL = Family(
    name="sdxl",
    title="Stable Diffusion XL",
    core="unet",
    steps=30,
    guidance=5.0,
    takes_negatives=True,
    flows=False,
    classes=_classes("StableDiffusionXL"),
)
SD3 = Family(
    name="sd3",
    title="Stable Diffusion 3",
    core="transformer",
    steps=28,
    guidance=7.0,
    takes_negatives=True,
    flows=True,
    classes=_classes("StableDiffusion3"),
)
FLUX = Family(
    name="flux",
    title="Flux",
    core="transformer",
    steps=28,
    guidance=3.5,
    takes_negatives=False,
    flows=True,
    overflows=True,
    classes=_classes("Flux"),
)
OWN = Family(
    name="atelier",
    title="Atelier's own model",
    core="words",
    steps=12,
    guidance=3.0,
    takes_negatives=True,
    flows=True,
    classes=(),
)
UPSCALE = Family(
    name="upscale",
    title="Stable Diffusion's upscaler of pixels",
    core="unet",
    steps=75,
    guidance=9.0,
    takes_negatives=True,
    flows=False,
    classes=("StableDiffusionUpscalePipeline",),
    enlarges=4,
)
LATENT_UPSCALE = Family(
    name="latent-upscale",
    title="Stable Diffusion's upscaler of latents",
    core="unet",
    steps=75,
    guidance=9.0,
    takes_negatives=True,
    flows=False,
    classes=("StableDiffusionLatentUpscalePipeline",),
    enlarges=2,
    takes_samplers=False,
)

FAMILIES: Mapping[str, Family] = MappingProxyType(
    {family.name: family for family in (SD, SDXL, SD3, FLUX, UPSCALE, LATENT_UPSCALE)}
)
"""Name → family, of those that the library runs."""


def family_of(pipeline: str, where: str) -> Family:
    """The family of a pipeline's class. Raises: ModelError, naming `where`, if it is none that Atelier calls."""
    for family in FAMILIES.values():
        if pipeline in family.classes:
            return family
    known = ", ".join(family.title for family in FAMILIES.values())
    raise ModelError(f"{where}: is a {pipeline[:60]}, which Atelier does not call; it calls {known}")


@dataclass(frozen=True)
class Sampler:
    """A scheduler of the library's, with what its configuration says besides the model's own."""

    of: str
    """Its class."""
    said: Mapping[str, Any] = field(default_factory=dict)
    flows: bool = False
    draws: bool = False
    """Whether it draws noise at every step, and not before the first one alone."""
    most: int = 1_000
    """Steps that it can take."""


SAMPLERS: Mapping[str, Sampler] = MappingProxyType(
    {
        "ddim": Sampler("DDIMScheduler"),
        "ddpm": Sampler("DDPMScheduler", draws=True),
        "deis": Sampler("DEISMultistepScheduler"),
        "dpm++": Sampler("DPMSolverMultistepScheduler", {"use_karras_sigmas": False}),
        "dpm++-karras": Sampler("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
        "dpm++-sde": Sampler("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}, draws=True),
        "euler": Sampler("EulerDiscreteScheduler"),
        "euler-ancestral": Sampler("EulerAncestralDiscreteScheduler", draws=True),
        "heun": Sampler("HeunDiscreteScheduler"),
        "lcm": Sampler("LCMScheduler", draws=True, most=50),
        "pndm": Sampler("PNDMScheduler", {"skip_prk_steps": True}),
        "unipc": Sampler("UniPCMultistepScheduler"),
        "flow-euler": Sampler("FlowMatchEulerDiscreteScheduler", flows=True),
        "flow-heun": Sampler("FlowMatchHeunDiscreteScheduler", flows=True),
    }
)
"""Name, as job files have it → sampler."""


def check_sampler(name: str, family: Family) -> None:
    """Raises: ModelError if there is no such sampler, or it cannot take this family's noise away."""
    fitting = [other for other, sampler in SAMPLERS.items() if sampler.flows == family.flows]
    if name not in SAMPLERS:
        near = difflib.get_close_matches(name.lower(), SAMPLERS, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(fitting)}"
        raise ModelError(f"unknown scheduler {name[:60]!r}{hint}")
    if name not in fitting:
        raise ModelError(f"{name} cannot take {family.title}'s noise away; there are {', '.join(fitting)}")
    if not family.takes_samplers:
        raise ModelError(f"{family.title} learnt its own and no other; leave it out")
