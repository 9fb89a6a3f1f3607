"""deploy/requirements.*.txt lock what the images are made of: all that pyproject.toml asks for, with hashes.

Whoever changes a dependency runs `make lock`.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.deploy.compose import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
IMAGE = {"python_version": "3.12", "python_full_version": "3.12.13", "sys_platform": "linux", "extra": ""}
"""The images' Python, as markers ask for it."""

CUDA = re.compile(r"nvidia-|cuda-|triton$|torch$|torchvision$")
"""What only the larger image takes from the lock."""


@cache
def locked(kind: str) -> dict[str, Version]:
    """Versions by name, of a file in which every package has a hash."""
    text = (ROOT / f"deploy/requirements.{kind}.txt").read_text()
    hashes = r"(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+"
    entries = re.findall(rf"^([\w.-]+)==(\S+) \\\n{hashes}", text, flags=re.MULTILINE)
    assert len(entries) == text.count("==")
    return {canonicalize_name(name): Version(version) for name, version in entries}


def extras() -> list[str]:
    """What the images have besides the dependencies."""
    asked = re.findall(r"--extra (\w+)", (ROOT / "deploy/lock.sh").read_text())
    assert asked
    return [row for name in set(asked) for row in PROJECT["project"]["optional-dependencies"][name]]


@pytest.mark.parametrize("kind", ["cuda", "cpu"])
def test_every_dependency_is_locked_to_a_version_that_suits(kind: str) -> None:
    versions = locked(kind) if kind == "cuda" else locked(kind) | torch_for_cpus()
    for requirement in map(Requirement, [*PROJECT["project"]["dependencies"], *extras()]):
        if requirement.marker is None or requirement.marker.evaluate(IMAGE):
            found = versions.get(canonicalize_name(requirement.name))
            assert found is not None, f"{requirement}: run `make lock`"
            assert found in requirement.specifier, f"{requirement}, locked to {found}: run `make lock`"


def test_the_images_differ_by_cuda_alone() -> None:
    cuda, cpu = locked("cuda"), locked("cpu")
    assert {name: version for name, version in cuda.items() if not CUDA.match(name)} == cpu


def test_both_images_have_the_same_torch() -> None:
    assert {name: Version(f"{locked('cuda')[name]}+cpu") for name in ("torch", "torchvision")} == torch_for_cpus()


def test_the_wheel_is_built_with_what_the_project_asks_for() -> None:
    asked = {canonicalize_name(Requirement(row).name) for row in PROJECT["build-system"]["requires"]}
    assert asked == set(locked("build"))


def test_no_lock_names_where_its_packages_came_from() -> None:
    for path in (ROOT / "deploy").glob("requirements.*.txt"):
        assert "://" not in path.read_text(), path.name


def torch_for_cpus() -> dict[str, Version]:
    """What comes from PyTorch's own index."""
    rows = re.findall(r"^(\w+)==(\S+)$", (ROOT / "deploy/requirements.torch-cpu.txt").read_text(), flags=re.MULTILINE)
    return {name: Version(version) for name, version in rows}
