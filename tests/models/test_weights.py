"""Checkpoints are read without executing them, and whatever is wrong with one is said in a sentence."""

from __future__ import annotations

import os
import pickle

import pytest
import torch

from pipeline import weights
from pipeline.errors import IntegrityError, ModelError
from tests.models.checkpoints import write_fns, write_style


class Bomb:
    """Runs a command when it is unpickled, as a hostile checkpoint would."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_safetensors_give_tensors_and_metadata(tmp_path):
    checkpoint = weights.read(write_style(tmp_path / "a.safetensors"))
    assert checkpoint.metadata["architecture"] == "atelier-style-1"
    assert checkpoint.metadata["name"] == "tiny"
    assert {tensor.dtype for tensor in checkpoint.tensors.values()} == {torch.float16}


@pytest.mark.parametrize("write", [lambda bomb, path: torch.save({"x": bomb}, path), None])
def test_pickled_objects_are_refused_and_never_run(tmp_path, write):
    path, trap = tmp_path / "a.pth", tmp_path / "sprung"
    if write:
        write(Bomb(trap), path)
    else:
        path.write_bytes(pickle.dumps(Bomb(trap)))
    with pytest.raises(ModelError, match=r"a\.pth: .*never executed"):
        weights.read(path)
    assert not trap.exists()


@pytest.mark.parametrize("write", [write_fns, write_style])
@pytest.mark.parametrize("kept", [0, 1, 7, 100, 0.5, 0.99])
def test_a_truncated_file_is_refused_by_name(tmp_path, write, kept):
    path = write(tmp_path / ("a.pth" if write is write_fns else "a.safetensors"))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if kept < 1 else kept])
    with pytest.raises(ModelError, match=r"a\.(pth|safetensors): "):
        weights.read(path)


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
def test_a_text_file_is_refused_by_name(tmp_path, name):
    (tmp_path / name).write_text("this is no checkpoint\n" * 20)
    with pytest.raises(ModelError, match=name):
        weights.read(tmp_path / name)


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3}, {"state_dict": 3}, torch.zeros(2)])
def test_a_torch_file_without_named_tensors_is_refused(tmp_path, content):
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(ModelError, match=r"a\.pth: holds something else than named tensors"):
        weights.read(tmp_path / "a.pth")


def test_a_checkpoint_of_nothing_is_refused(tmp_path):
    torch.save({}, tmp_path / "a.pth")
    with pytest.raises(ModelError, match="holds no tensors"):
        weights.read(tmp_path / "a.pth")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"gone\.pth: no such checkpoint"):
        weights.read(tmp_path / "gone.pth")


def test_changed_bytes_are_an_integrity_error(tmp_path):
    path = write_style(tmp_path / "a.safetensors")
    sha256 = weights.digest(path)
    weights.verify(path, sha256)
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(IntegrityError, match=r"a\.safetensors: its SHA-256 is"):
        weights.verify(path, sha256)


@pytest.mark.parametrize(
    "tensor",
    [torch.eye(2).to_sparse(), torch.zeros(2, dtype=torch.complex64), torch.zeros(2, device="meta")],
    ids=["sparse", "complex", "meta"],
)
def test_tensors_that_are_no_plain_numbers_are_refused(tmp_path, tensor):
    path = tmp_path / "odd.pth"
    torch.save({"weight": tensor}, path)
    with pytest.raises(ModelError, match=r"odd\.pth: (weight is no plain tensor|is damaged|is no whole)"):
        weights.read(path)
