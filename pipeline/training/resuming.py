"""Going on from a state, whole or not at all: what trainings with several networks share."""

from __future__ import annotations

import copy
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

from pipeline.errors import ModelError


class Resumable(ABC):
    """A training whose `state` says, under `design`, which training it is of."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What `resume` needs to go on from here, for torch.save."""

    @abstractmethod
    def _design(self) -> dict[str, Any]:
        """What two trainings share if one can go on from the other's state."""

    @abstractmethod
    def _adopt(self, state: Mapping[str, Any]) -> None:
        """Take everything from a state of this design."""

    def resume(self, state: Mapping[str, Any]) -> None:
        """Go on where another run stood when its `state` was taken.

        Raises: ModelError if the state belongs to another training; then nothing has changed.
        """
        before = copy.deepcopy(self.state())
        try:
            if state["design"] != self._design():
                raise ValueError(f"of {state['design']}")
            self._adopt(state)
        except Exception as error:  # whatever torch raises for a state that is not this training's
            self._adopt(before)
            raise ModelError(f"it is the state of another training ({error})") from error
