"""The designer that a job file names: a network that makes pictures of latents, and latents of pictures."""

from __future__ import annotations

from pydantic import ValidationInfo

from jobs.config import Settings
from jobs.kinds.checkpoints import check_named, pinned
from jobs.records import ModelRef
from pipeline.catalog import DESIGNER_SUFFIXES, find_designer
from pipeline.designers import described
from pipeline.models.vae.config import VaeConfig


def check_designer(value: str, info: ValidationInfo) -> str:
    """A name that is known, or a place: there, if it is on this machine."""
    return check_named(value, info, find=find_designer, role="designer", suffixes=DESIGNER_SUFFIXES)


def designer_of(model: str, settings: Settings) -> tuple[ModelRef, VaeConfig]:
    """The model, pinned by its digest, and what it can do. One in a store is looked at here, and not kept.

    Raises: FieldProblem if it cannot be used.
    """
    return pinned(model, settings, find=find_designer, role="designer", described=described)
