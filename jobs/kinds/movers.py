"""The generator of motions that a job file names: a network that moves figures."""

from __future__ import annotations

from pydantic import ValidationInfo

from jobs.config import Settings
from jobs.kinds.checkpoints import check_named, pinned
from jobs.records import ModelRef
from pipeline.catalog import MOVER_SUFFIXES, find_mover
from pipeline.models.motion.config import MotionConfig
from pipeline.motion.described import described


def check_mover(value: str, info: ValidationInfo) -> str:
    """A name that is known, or a place: there, if it is on this machine."""
    return check_named(value, info, find=find_mover, role="mover", suffixes=MOVER_SUFFIXES)


def mover_of(model: str, settings: Settings) -> tuple[ModelRef, MotionConfig]:
    """The model, pinned by its digest, and what it can do. One in a store is looked at here, and not kept.

    Raises: FieldProblem if it cannot be used.
    """
    return pinned(model, settings, find=find_mover, role="mover", described=described)
