"""Generators in files: official pickles and our safetensors give the same pictures, and bad files one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from pipeline.errors import ModelError
from pipeline.models.stylegan.design import stylegan2, stylegan3, untrained
from pipeline.models.stylegan.files import load, load_official, to_safetensors
from pipeline.models.stylegan.generator import Generator

SMALL = {"z_dim": 16, "w_dim": 16, "channel_base": 256, "channel_max": 16}


@pytest.fixture(params=["stylegan2", "stylegan3"])
def generator(request: pytest.FixtureRequest) -> Generator:
    config = stylegan2(32, **SMALL) if request.param == "stylegan2" else stylegan3(32, **SMALL)
    return untrained(config)


@torch.no_grad()
def test_a_saved_generator_gives_the_same_pictures(generator: Generator, tmp_path: Path) -> None:
    path = tmp_path / "made.safetensors"
    path.write_bytes(to_safetensors(generator, {"name": "made", "licence": "CC BY 4.0"}))
    ws = generator.styles(torch.randn(2, 16))
    again = load(path)
    assert again.config == generator.config
    assert torch.equal(again.picture(ws), generator.picture(ws))


def test_the_same_generator_gives_the_same_bytes(generator: Generator) -> None:
    assert to_safetensors(generator) == to_safetensors(generator)


def _saved(tmp_path: Path, metadata: dict[str, str], **tensors: torch.Tensor) -> Path:
    path = tmp_path / "odd.safetensors"
    save_file(tensors or {"x": torch.zeros(1)}, path, metadata)
    return path


def test_another_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds atelier-style-1, not a StyleGAN generator"):
        load(_saved(tmp_path, {"architecture": "atelier-style-1"}))


@pytest.mark.parametrize("config", ["", "{", '{"num_ws": 4}', '{"mapping": 1}'])
def test_metadata_that_describe_no_generator_are_refused(tmp_path: Path, config: str) -> None:
    with pytest.raises(ModelError, match="does not describe a generator"):
        load(_saved(tmp_path, {"architecture": "stylegan2", "config": config}))


def test_a_description_of_too_much_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    config = json.loads(stylegan2(32, **SMALL).to_json())
    config["synthesis"]["channels"] = [16_384] * 4
    with pytest.raises(ModelError, match="lacks"):
        load(_saved(tmp_path, {"architecture": "stylegan2", "config": json.dumps(config)}))
    config["synthesis"]["channels"] = [10**9]
    with pytest.raises(ModelError, match="less than or equal to"):
        load(_saved(tmp_path, {"architecture": "stylegan2", "config": json.dumps(config)}))


def test_weights_that_are_not_finite_are_refused(generator: Generator, tmp_path: Path) -> None:
    with torch.no_grad():
        generator.mapping.w_avg[0] = torch.nan
    path = tmp_path / "nan.safetensors"
    path.write_bytes(to_safetensors(generator))
    with pytest.raises(ModelError, match=r"mapping\.w_avg holds values that are not finite"):
        load(path)


def test_a_pickle_is_no_safetensors_file(tmp_path: Path) -> None:
    path = tmp_path / "ffhq.pkl"
    path.write_bytes(b"\x80\x04N.")
    with pytest.raises(ModelError):
        load_official(path)
