"""The registry of job kinds. A new kind is one module here and one row."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from jobs.kinds.base import Kind

KINDS: dict[str, str] = {
    "film": "jobs.kinds.film:FILM",
    "retouch": "jobs.kinds.retouch:RETOUCH",
    "artwork": "jobs.kinds.artwork:ARTWORK",
    "portraits": "jobs.kinds.portraits:PORTRAITS",
    "projection": "jobs.kinds.projection:PROJECTION",
    "diffusion": "jobs.kinds.diffusion:DIFFUSION",
    "speech": "jobs.kinds.speech:SPEECH_KIND",
    "interiors": "jobs.kinds.interiors:INTERIORS",
    "motion": "jobs.kinds.motion:MOTION",
    "posters": "jobs.kinds.posters:POSTERS",
    "train-style": "jobs.kinds.train_style:TRAIN_STYLE",
    "train-gan": "jobs.kinds.train_gan:TRAIN_GAN",
    "train-vae": "jobs.kinds.train_vae:TRAIN_VAE",
    "train-motion": "jobs.kinds.train_motion:TRAIN_MOTION",
    "train-attributes": "jobs.kinds.train_attributes:TRAIN_ATTRIBUTES",
}
"""Name → `module:attr` of its Kind."""


def kind(name: str) -> Kind:
    """The kind of that name. Raises: KeyError."""
    return resolve(KINDS[name])


def noun(name: str) -> str:
    """What people call one frame of a job of that kind; of an unknown one, `frame`."""
    return kind(name).noun if name in KINDS else "frame"


def kind_of(job: str) -> str:
    """The kind of a job, by its name: `train-style` of `train-style-f80ea39de0`."""
    return job.rpartition("-")[0]


def resolve(entry: str) -> Any:
    """What a `module:attr` names."""
    module, attr = entry.split(":")
    return getattr(import_module(module), attr)
