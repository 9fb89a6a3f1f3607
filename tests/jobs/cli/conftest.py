"""The command line in this process, on a deployment without workers."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from jobs import config
from tests import typed
from tests.jobs.files import job_text, write_checkpoint, write_sequence


class Shell:
    """Types commands."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self._patch = patch

    def __call__(self, *words: str) -> Result:
        """Run `atelier` with these words."""
        return typed.atelier(*words)

    def json(self, *words: str) -> Any:
        """What a command that must succeed prints, with --json."""
        result = self(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def set(self, **variables: str) -> None:
        """Change ATELIER_ variables."""
        for name, value in variables.items():
            self._patch.setenv(f"ATELIER_{name.upper()}", value)
        config.settings.cache_clear()

    def job_file(self, name: str = "job.yaml", **changes: object) -> str:
        """A job file for eight tiny pictures, in four chunks."""
        write_sequence(self.folder / "shots", 8)
        write_checkpoint(self.folder / "my.safetensors")
        path = self.folder / name
        path.write_text(job_text(**{"chunk": 2, "deliver": "[png]", **changes}))
        return str(path)


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell with a store and an empty home: no Redis is configured, and none runs."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    # Short, because a socket's path must be.
    with tempfile.TemporaryDirectory(prefix="atelier-") as home:
        monkeypatch.setattr("jobs.local.HOME", Path(home))
        monkeypatch.setattr("jobs.cli.machine.HOME", Path(home))
        monkeypatch.setattr("jobs.registry.HOME", Path(home))
        made = Shell(tmp_path, monkeypatch)
        made.set(store=str(tmp_path / "store"))
        yield made


@pytest.fixture
def cluster(shell: Shell, redis_url: str) -> Shell:
    """The same with the Redis of `deployment`."""
    shell.set(redis_url=redis_url, redis_prefix="test:")
    return shell


@pytest.fixture
def cluster_environment(cluster: Shell) -> dict[str, str]:
    """What a child process needs to see the same cluster."""
    return dict(os.environ)
