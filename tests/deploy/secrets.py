"""Secrets as deploy/secrets.sh makes them, once for all tests of this process."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.deploy.compose import ROOT


@cache
def made_secrets() -> Path:
    """The folder. It goes with the machine's temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="atelier-secrets-")) / "secrets"
    subprocess.run(["sh", str(ROOT / "deploy/secrets.sh"), str(folder)], check=True, capture_output=True)
    return folder
