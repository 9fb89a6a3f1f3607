"""The command line in this process: what a test types, and what is said to it."""

from __future__ import annotations

from functools import cache

import typer.testing
from typer.main import get_command
from typer.testing import CliRunner, Result

from jobs.cli.app import app

# Typer makes an application's commands anew for each call, from all their signatures: most of the time of a short one.
typer.testing._get_command = cache(get_command)


def atelier(*words: str) -> Result:
    """Run `atelier` with these words."""
    return CliRunner().invoke(app, list(words))
