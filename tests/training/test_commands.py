"""Trainings and artworks stand alone: they run as modules, and need nothing of the farm's and the films'.

PyTorch takes seconds to import, so that one process answers for all of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache

import pytest

COMMANDS = {
    "pipeline.training.style": "--painting-px",
    "pipeline.training.networks": "any-painting",
    "pipeline.training.upscaler": "--rooms",
    "pipeline.training.gan": "--augment-target",
    "pipeline.training.vae": "--perceptual",
}
"""Modules that are commands, and what the help of each says."""

ALONE = ["pipeline.models.fns", "pipeline.artwork.paint", "pipeline.training.style_cli", "pipeline.training.gan.cli"]

_SCRIPT = """
import contextlib, importlib, io, json, runpy, sys

alone, commands = map(json.loads, sys.argv[1:])
for name in alone:
    importlib.import_module(name)
told = {"loaded": sorted({name.partition(".")[0] for name in sys.modules})}
for name in commands:
    sys.argv = [name, "--help"]
    said, code = io.StringIO(), None
    with contextlib.redirect_stdout(said):
        try:
            runpy.run_module(name, run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            code = ended.code
    told[name] = [code, said.getvalue()]
print(json.dumps(told))
"""


@cache
def told() -> dict[str, list]:
    """What was loaded for ALONE, and what each of COMMANDS ended with and said: as `python -m` runs it, with --help."""
    command = [sys.executable, "-W", "ignore::RuntimeWarning:runpy", "-c", _SCRIPT]
    done = subprocess.run(
        [*command, json.dumps(ALONE), json.dumps(list(COMMANDS))], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", COMMANDS)
def test_the_module_runs_as_a_command(module: str) -> None:
    code, said = told()[module]
    assert code in (0, None)
    assert COMMANDS[module] in said


def test_networks_trainings_and_artworks_need_no_farm_or_film_libraries() -> None:
    assert "torch" in told()["loaded"]
    assert not {"av", "boto3", "pydantic", "celery", "redis", "typer", "rich"} & {*told()["loaded"]}
