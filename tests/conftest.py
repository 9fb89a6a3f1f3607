"""Fixtures that every test may ask for, and how PyTorch's threads wait."""

import os

# As in workers (workers/supervisor.py), and before PyTorch is imported: lanes whose operations have threads of their
# own spin for each other's cores otherwise, until nothing moves.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

pytest_plugins = ["tests.servers"]
