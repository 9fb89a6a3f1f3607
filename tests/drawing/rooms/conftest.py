from __future__ import annotations

import numpy as np
import pytest

from pipeline.drawing.rooms import Room, draw, sample


@pytest.fixture(scope="session")
def rooms() -> list[Room]:
    return [sample(seed) for seed in range(400)]


@pytest.fixture(scope="session")
def pictures(rooms: list[Room]) -> list[np.ndarray]:
    """The first sixty, at 64 px."""
    return [draw(room, 64) for room in rooms[:60]]
