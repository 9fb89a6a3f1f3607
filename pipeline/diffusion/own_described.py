"""What our own model of pictures from words can do, as its file says. Torch-free."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.catalog import Model, find_upscaler
from pipeline.diffusion.described import Described
from pipeline.diffusion.families import OWN, Family, Task
from pipeline.errors import ModelError
from pipeline.headers import check_finite, header
from pipeline.models.words.config import WordsConfig, from_metadata
from pipeline.models.words.vocabulary import Vocabulary

NETWORK, UPSCALER = "words.safetensors", "upscaler.safetensors"
"""What a worker finds the two networks by."""

_USUAL_TIMES, _MOST_TIMES = 4, 16
"""Of the model's own side: what is made where a job file says no size, and the largest."""


@dataclass(frozen=True)
class OwnModel:
    """What described.Described is, of a model of ours."""

    config: WordsConfig
    model: Model
    family: Family = OWN

    @property
    def files(self) -> dict[str, Path]:
        """Name that a worker loads it by → the file here."""
        return {NETWORK: self.model.path, UPSCALER: find_upscaler().path}

    @property
    def usual(self) -> tuple[int, int]:
        """Width and height of its pictures where nobody says them, in px."""
        return (_USUAL_TIMES * self.config.size_px,) * 2

    @property
    def guidance(self) -> float:
        """Where a job file says none."""
        return self.family.guidance

    def nearest(self, size: tuple[int, int]) -> tuple[int, int]:
        """The nearest size that it can make: a square."""
        own = self.config.size_px
        return (min(max(min(size), own), _MOST_TIMES * own),) * 2

    def refusal(self, size: tuple[int, int]) -> str | None:
        """Why it cannot make pictures of that size, if it cannot, and the nearest that it can."""
        nearest, own = self.nearest(size), self.config.size_px
        if nearest == size:
            return None
        said = f"{self.model.name} makes squares of {own} to {_MOST_TIMES * own} px"
        return f"{size[0]}x{size[1]} cannot be made: {said}; write {nearest[0]}x{nearest[1]}"

    def check_task(self, task: Task, where: str) -> None:
        """Raises: ModelError, naming `where`, if the model cannot do it."""
        instead = {"upscale": "enlarge by kind: retouch", "film": "paint films by kind: film"}
        if task in instead:
            said = f"its pictures have {self.config.size_px} px, and would lose what there is"
            raise ModelError(f"{where}: {said}; {instead[task]}, or take another model")
        if task == "film":
            raise ModelError(
                f"{where}: its pictures are squares of {self.config.size_px} px, and films would lose what they have; "
                "take another model"
            )

    def misses(self, prompt: str) -> str | None:
        """Why it can make nothing of a prompt, if it can make nothing of it."""
        if not Vocabulary(self.config.words, self.config.tokens).read(prompt).says_nothing:
            return None
        return f"{prompt[:60]!r} holds no word that {self.model.name} knows; write some that it was trained with"


AnyModel = Described | OwnModel
"""One of the library's, or ours: planning asks both the same."""


def describe(model: Model) -> OwnModel:
    """What the model of a catalog's row can do.

    Raises: ModelError if its file is damaged, or holds another network, or values that are not finite.
    """
    metadata, _ = header(model.path)
    config = from_metadata(metadata, model.path)
    check_finite(model.path)
    return OwnModel(config, model)
