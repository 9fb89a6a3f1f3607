from __future__ import annotations

import numpy as np
import pytest

from pipeline.drawing.portraits import Portrait, draw, sample


@pytest.fixture(scope="session")
def sitters() -> list[Portrait]:
    return [sample(seed) for seed in range(500)]


@pytest.fixture(scope="session")
def pictures(sitters: list[Portrait]) -> list[np.ndarray]:
    """The first forty, at 64 px."""
    return [draw(sitter, 64) for sitter in sitters[:40]]
