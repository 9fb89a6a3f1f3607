"""Fixtures that every test may ask for, how PyTorch's threads wait, and where random numbers begin."""

import os
import random
import sys

import numpy as np
import pytest

# As in workers (workers/supervisor.py), and before PyTorch is imported: lanes whose operations have threads of their
# own spin for each other's cores otherwise, until nothing moves.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

pytest_plugins = ["tests.servers"]


@pytest.fixture(autouse=True)
def same_random_numbers() -> None:
    """Each test has the same ones every time, whatever ran before it."""
    random.seed(0)
    np.random.seed(0)
    if torch := sys.modules.get("torch"):
        # Not torch.manual_seed: where CUDA has not begun, that keeps its caller's stack for it, a millisecond a test.
        torch.default_generator.manual_seed(0)
        if torch.cuda.is_initialized():
            torch.cuda.manual_seed_all(0)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Jobs with real workers first: their files take longest, and quick ones then fill up both processes to the end."""
    items.sort(key=lambda item: "tests/workers/" not in item.nodeid)
