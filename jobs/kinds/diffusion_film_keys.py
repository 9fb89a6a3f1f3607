"""What a diffusion job file must not say of a film, and of what is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobs.kinds.seeds import count_of

if TYPE_CHECKING:
    from jobs.kinds.diffusion_keys import DiffusionSpec

FILM_KEYS = ("film", "frames", "fps", "cuts", "keyframes")
"""Keys of films alone."""

_SETTINGS = ("steps", "guidance", "scheduler", "strength", "size")
"""Of which a film has one each."""


def check_film(spec: DiffusionSpec) -> None:
    """Refuse what says nothing of a film, and of others what only films have. Raises: ValueError."""
    told = {key for key in spec.model_fields_set if getattr(spec, key) is not None}
    if spec.task != "film":
        for key in FILM_KEYS:
            if key in told:
                raise ValueError(f"{key}: is of films; write task: film, or leave it out")
        return
    if spec.film is None:
        raise ValueError("'film' is missing: task: film changes one; write film: holiday.mp4")
    for key in ("image", "mask"):
        if key in told:
            raise ValueError(f"{key}: is of pictures, and task: film changes `film`; leave it out")
    if any(control.image is not None or control.preprocessor is None for control in spec.control):
        raise ValueError("control: a film's own frames lead; write no image, and preprocessor: canny, or none")
    for key in _SETTINGS:
        if len(getattr(spec, key) or ()) > 1:
            raise ValueError(f"{key}: a film is made in one way; write one value, and a job file for each other")
    if count_of(spec.seeds) > 1:
        raise ValueError("seeds: a film has one; write one number, and a job file for each other")
