"""NVIDIA's checkpoints become plain data, and whatever is wrong with one is said in a sentence."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import Parameter

from pipeline.errors import ModelError
from pipeline.official import read_generator, read_networks
from tests.models.checkpoints import SHARED
from tests.models.official_pickles import Described, official_bytes, write_official
from tests.security.opcodes import checkpoint, name, number, pickled, several, words

CHECKPOINTS = SHARED / "checkpoints"

KWARGS = {"z_dim": 8, "c_dim": 0, "mapping_kwargs": {}, "synthesis_kwargs": {"channel_max": 4, "conv_clamp": None}}

STATE: dict[str, Any] = {
    "synthesis.b4.const": Parameter(torch.arange(64.0).reshape(4, 4, 4)),
    "synthesis.b4.conv1.weight": Parameter(torch.randn(4, 3, 3, 3).to(memory_format=torch.channels_last)),
    "synthesis.b4.conv1.noise_strength": Parameter(torch.tensor(0.25)),
    "synthesis.b4.resample_filter": torch.ones(4, 4),
    "synthesis.b4.count": torch.arange(3),
    "mapping": {"fc0": {"bias": Parameter(torch.ones(5).half())}, "w_avg": torch.zeros(8)},
    "synthesis.b4.up_factor": 2,
    "synthesis.b4.act_gain": np.float64(1.5),
    "synthesis.b4.use_fp16": np.bool_(True),
    "synthesis.b4.size": np.array([36, 36]),
    "synthesis.b4.filter": np.ones((12, 12)),
}

TENSORS: dict[str, torch.Tensor] = {
    "synthesis.b4.const": STATE["synthesis.b4.const"],
    "synthesis.b4.conv1.weight": STATE["synthesis.b4.conv1.weight"],
    "synthesis.b4.conv1.noise_strength": STATE["synthesis.b4.conv1.noise_strength"],
    "synthesis.b4.resample_filter": torch.ones(4, 4),
    "synthesis.b4.count": torch.arange(3),
    "mapping.fc0.bias": torch.ones(5).half(),
    "mapping.w_avg": torch.zeros(8),
}


def generator(**state: Any) -> Described:
    """A small generator, with other members where they are given."""
    return "Generator", KWARGS, {**STATE, **state}


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_tensors_come_back_as_they_were_pickled(tmp_path: Path, protocol: int) -> None:
    network = read_generator(write_official(tmp_path / "a.pkl", {"G_ema": generator()}, protocol))
    assert network.tensors.keys() == TENSORS.keys()
    for key, tensor in network.tensors.items():
        assert tensor.dtype == TENSORS[key].dtype
        assert tensor.is_contiguous()
        assert torch.equal(tensor, TENSORS[key])


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_arguments_and_attributes_are_plain_values(tmp_path: Path, protocol: int) -> None:
    network = read_generator(write_official(tmp_path / "a.pkl", {"G_ema": generator()}, protocol))
    assert (network.class_name, network.init_kwargs) == ("Generator", KWARGS)
    assert json.loads(json.dumps(network.init_kwargs)) == KWARGS
    told = {key.rpartition(".")[2]: value for key, value in network.attributes.items() if ".b4." in key}
    assert told == {"training": False, "up_factor": 2, "act_gain": 1.5, "use_fp16": True, "size": [36, 36]}


def test_every_network_is_read_by_name(tmp_path: Path) -> None:
    described = {"G": generator(), "D": ("Discriminator", {}, {"b4.weight": torch.ones(2)}), "G_ema": generator()}
    networks = read_networks(write_official(tmp_path / "a.pkl", described))
    assert {key: network.class_name for key, network in networks.items()} == {
        "G": "Generator",
        "D": "Discriminator",
        "G_ema": "Generator",
    }


@pytest.mark.parametrize("module", [b"numpy.core.multiarray", b"numpy._core.multiarray"])
def test_numbers_of_every_numpy_are_read(tmp_path: Path, module: bytes) -> None:
    data = official_bytes({"G_ema": generator()}, 3)
    assert b"cnumpy._core.multiarray\n" in data
    (tmp_path / "a.pkl").write_bytes(data.replace(b"cnumpy._core.multiarray\n", b"c" + module + b"\n"))
    assert read_generator(tmp_path / "a.pkl").attributes["synthesis.b4.act_gain"] == 1.5


@pytest.mark.parametrize("kind", [">f8", "<f4", "|b1", ">i2", "<u8"])
def test_numpy_values_keep_their_order_of_bytes(tmp_path: Path, kind: str) -> None:
    values = np.array([[1, 0, 1], [0, 1, 1]], dtype=kind)
    state = {"plain": values, "turned": np.asfortranarray(values), "number": values[0, 2], "w": torch.ones(1)}
    network = read_generator(write_official(tmp_path / "a.pkl", {"G_ema": ("Generator", {}, state)}))
    assert network.attributes["plain"] == network.attributes["turned"] == values.tolist()
    assert network.attributes["number"] == 1


def test_positional_arguments_are_told_where_there_are_some(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(checkpoint(_init_args=several(number(64), number(4))))
    assert read_generator(tmp_path / "a.pkl").attributes == {"_init_args": [64, 4]}
    network = read_generator(write_official(tmp_path / "b.pkl", {"G_ema": generator()}))
    assert not any(key.endswith("_init_args") for key in network.attributes)


def test_views_of_a_storage_become_tensors_of_their_own(tmp_path: Path) -> None:
    whole = torch.arange(12.0).reshape(3, 4)
    state = {"column": whole[:, 1], "turned": whole.T, "empty": torch.empty(0, 3)}
    tensors = read_generator(write_official(tmp_path / "a.pkl", {"G_ema": ("Generator", {}, state)})).tensors
    assert tensors["column"].tolist() == [1, 5, 9]
    assert torch.equal(tensors["turned"], whole.T)
    assert tensors["empty"].shape == (0, 3)


def test_embedded_source_is_never_run(tmp_path: Path) -> None:
    trap = tmp_path / "sprung"
    source = f"import os\nos.mkdir({str(trap)!r})\n"
    path = write_official(tmp_path / "a.pkl", {"G_ema": generator()}, source=source)
    assert read_networks(path)
    assert not trap.exists()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_not_finite_are_refused_by_name(tmp_path: Path, value: float) -> None:
    bad = torch.tensor([1, value])
    path = write_official(tmp_path / "a.pkl", {"G_ema": generator(**{"mapping.fc1.weight": bad})})
    with pytest.raises(ModelError, match=r"a\.pkl: mapping\.fc1\.weight of G_ema holds values that are not finite"):
        read_generator(path)


def test_a_file_without_a_generator_says_what_it_holds(tmp_path: Path) -> None:
    path = write_official(tmp_path / "a.pkl", {"D": ("Discriminator", {}, {"w": torch.ones(1)})})
    assert [*read_networks(path)] == ["D"]
    with pytest.raises(ModelError, match=r"a\.pkl: holds D and no generator G_ema; give a \.pkl"):
        read_generator(path)


def _zipped(path: Path) -> None:
    torch.save({"weight": torch.ones(3)}, path)


def _old(path: Path) -> None:
    torch.save({"weight": torch.ones(3)}, path, _use_new_zipfile_serialization=False)


def _of_tensorflow(path: Path) -> None:
    network = name("dnnlib.tflib.network", "Network") + b")\x81}" + words("version") + b"K\x04sb"
    path.write_bytes(pickled(network * 3 + b"\x87", protocol=3))


OTHERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "an archive of torch.save": (_zipped, r"was written by torch\.save and is no official StyleGAN checkpoint; give"),
    "an old file of torch.save": (_old, r"was written by torch\.save and is no official StyleGAN checkpoint; give"),
    "TensorFlow's": (_of_tensorflow, r"is a checkpoint of StyleGAN's TensorFlow version \(dnnlib\.tflib.*legacy\.py"),
    "nothing": (lambda path: path.write_bytes(b""), "is empty; download it again"),
    "one byte": (lambda path: path.write_bytes(b"\x80"), "breaks off after 1 bytes"),
    "a text": (lambda path: path.write_text("this is no checkpoint\n" * 9), "is no pickle of a network; give"),
    "a text like a pickle": (lambda path: path.write_text("checkpoint\nof a friend\n"), "is no pickle of a network"),
    "a page": (lambda path: path.write_text("<!DOCTYPE html>\n<html>"), "is no pickle of a network"),
    "a list": (lambda path: path.write_bytes(pickle.dumps([1, 2])), "holds no networks by name"),
    "a state_dict": (lambda path: path.write_bytes(pickle.dumps({"a": 1})), "holds no networks by name"),
    "protocol 77": (lambda path: path.write_bytes(b"\x80\x4d}."), "is a pickle of the unknown protocol 77"),
    "a directory": (lambda path: path.mkdir(), "no such checkpoint; give"),
    "no file": (lambda path: None, r"no such checkpoint; give a \.pkl of StyleGAN2-ADA-PyTorch or StyleGAN3$"),
}


@pytest.mark.parametrize("read", [read_networks, read_generator])
@pytest.mark.parametrize("what", OTHERS)
def test_other_files_are_told_what_they_are(tmp_path: Path, what: str, read: Callable[[Path], object]) -> None:
    write, sentence = OTHERS[what]
    write(tmp_path / "a.pkl")
    with pytest.raises(ModelError, match=rf"a\.pkl: {sentence}"):
        read(tmp_path / "a.pkl")


@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_a_file_cut_anywhere_breaks_off(tmp_path: Path, protocol: int) -> None:
    whole = official_bytes({"G_ema": generator()}, protocol)
    path = tmp_path / "a.pkl"
    for kept in range(1, len(whole), 97):
        path.write_bytes(whole[:kept])
        with pytest.raises(ModelError, match=rf"a\.pkl: breaks off after {kept:,} bytes; download it again$"):
            read_networks(path)


def test_a_single_network_is_no_checkpoint(tmp_path: Path) -> None:
    data = official_bytes({"G_ema": generator()}, 3)
    at = data.index(b"ctorch_utils")
    end = data.index(b"X\x0c\x00\x00\x00augment_pipe")
    (tmp_path / "a.pkl").write_bytes(b"\x80\x03" + data[at:end] + b".")
    with pytest.raises(ModelError, match="holds no networks by name, as official checkpoints do"):
        read_networks(tmp_path / "a.pkl")


def test_storages_are_read_as_torch_reads_them(tmp_path: Path) -> None:
    tensors = {str(dtype): torch.tensor([0, 1, 3]).to(dtype) for dtype in (torch.float16, torch.bfloat16, torch.int8)}
    tensors |= {str(dtype): torch.tensor([0, 1, 3]).to(dtype) for dtype in (torch.float64, torch.int32, torch.bool)}
    state = {key.replace("torch.", ""): tensor for key, tensor in tensors.items()}
    read = read_generator(write_official(tmp_path / "a.pkl", {"G_ema": ("Generator", {}, state)})).tensors
    for key, tensor in state.items():
        file = io.BytesIO()
        torch.save(tensor, file, _use_new_zipfile_serialization=False)
        file.seek(0)
        assert torch.equal(read[key], torch.load(file, weights_only=True)), key


@pytest.mark.skipif(not CHECKPOINTS.is_dir(), reason="needs the folder shared/data/checkpoints beside the checkout")
@pytest.mark.parametrize("kind", ["sg2ada", "sg3t"])
def test_official_files_have_the_tensors_that_their_list_says(kind: str) -> None:
    network = read_generator(CHECKPOINTS / f"{kind}_nosrc.pkl")
    said = json.loads((CHECKPOINTS / f"{kind}_keys.json").read_text())
    assert {key: [*tensor.shape] for key, tensor in network.tensors.items()} == said
    assert (network.class_name, network.init_kwargs["img_resolution"]) == ("Generator", 64)


@pytest.mark.skipif(not CHECKPOINTS.is_dir(), reason="needs the folder shared/data/checkpoints beside the checkout")
@pytest.mark.parametrize("kind", ["sg2ada", "sg3t"])
def test_official_files_are_read_whole(kind: str) -> None:
    networks = read_networks(CHECKPOINTS / f"{kind}_nosrc.pkl")
    assert networks.keys() == {"G", "D", "G_ema"}
    assert all(torch.isfinite(tensor).all() for network in networks.values() for tensor in network.tensors.values())
