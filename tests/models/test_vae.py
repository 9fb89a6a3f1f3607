"""The variational autoencoder: shapes, files, and what its linear maps begin with."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from pipeline.errors import ModelError
from pipeline.models.vae.config import VaeConfig
from pipeline.models.vae.files import load, to_safetensors
from pipeline.models.vae.network import Vae, sketch_by

CONFIG = VaeConfig(size_px=64, latent=6, channels=4, channels_most=8, attributes=("warmth", "window"))


def fresh(config: VaeConfig = CONFIG) -> Vae:
    torch.manual_seed(0)
    return Vae(config).eval()


@pytest.mark.parametrize("size", [64, 128, 256])
def test_pictures_become_latents_and_latents_pictures_of_the_same_size(size: int) -> None:
    vae = fresh(VaeConfig(size_px=size, latent=5, channels=4, channels_most=8, blocks=2))
    posterior = vae.encode(torch.rand(2, 3, size, size))
    assert posterior.mean.shape == posterior.log_variance.shape == (2, 5)
    assert vae.decode(posterior.mean).shape == (2, 3, size, size)


@torch.no_grad()
def test_a_pictures_bits_do_not_depend_on_its_batch() -> None:
    vae, z = fresh(), torch.randn(3, 6)
    assert torch.equal(vae.decode(z)[1:2], vae.decode(z[1:2]))
    pictures = torch.rand(3, 3, 64, 64)
    assert torch.equal(vae.encode(pictures).mean[:1], vae.encode(pictures[:1]).mean)


def test_sampling_gives_the_mean_and_deviation_that_the_posterior_has() -> None:
    vae = fresh()
    posterior = vae.encode(torch.rand(1, 3, 64, 64))
    many = type(posterior)(posterior.mean.expand(4000, -1), posterior.log_variance.expand(4000, -1))
    z = many.sample(torch.Generator().manual_seed(0))
    torch.testing.assert_close(z.mean(0), posterior.mean[0], atol=0.1, rtol=0)
    torch.testing.assert_close(z.std(0), (posterior.log_variance[0] / 2).exp(), atol=0.1, rtol=0.1)


@torch.no_grad()
def test_linear_maps_begin_with_principal_components_and_give_back_what_lies_on_them() -> None:
    vae = fresh()
    axes = torch.nn.functional.interpolate(torch.randn(4, 3, 4, 4) * 0.1, 32, mode="bilinear")
    weights = torch.randn(60, 4)
    small = torch.einsum("nk,kchw->nchw", weights, axes)
    sketch_by(vae, small)
    whole = torch.nn.functional.interpolate(small, 64, mode="nearest")
    posterior = vae.encode((whole + 1) / 2)
    back = torch.nn.functional.adaptive_avg_pool2d(vae.decode(posterior.mean) * 2 - 1, 32)
    assert float((back - small).square().mean()) < 0.1 * float(small.square().mean())
    torch.testing.assert_close(posterior.mean[:, :4].var(0), torch.ones(4), atol=0.15, rtol=0)


def test_normal_numbers_and_latents_are_two_ways_of_the_same() -> None:
    vae = fresh()
    vae.spread.copy_(torch.tril(torch.rand(6, 6)) + torch.eye(6))
    vae.centre.copy_(torch.randn(6))
    normal = torch.randn(3, 6)
    torch.testing.assert_close(vae.normal(vae.place(normal)), normal, atol=1e-4, rtol=1e-4)


def test_a_file_gives_the_same_network_and_the_same_bytes(tmp_path: Path) -> None:
    vae, path = fresh(), tmp_path / "vae.safetensors"
    path.write_bytes(to_safetensors(vae, {"name": "tiny"}))
    again = load(path)
    assert again.config == CONFIG
    assert to_safetensors(again, {"name": "tiny"}) == path.read_bytes()
    z = torch.randn(1, 6)
    assert torch.equal(again.decode(z), vae.decode(z))


def test_there_may_be_more_attributes_than_numbers_but_each_once(tmp_path: Path) -> None:
    path = tmp_path / "vae.safetensors"
    names = tuple(f"a{number}" for number in range(9))
    path.write_bytes(
        to_safetensors(Vae(VaeConfig(size_px=64, latent=2, channels=4, channels_most=8, attributes=names)))
    )
    assert load(path).directions.shape == (9, 2)
    path.write_bytes(path.read_bytes().replace(b'\\"a8\\"', b'\\"a7\\"'))
    with pytest.raises(ModelError, match="its attributes are not names, each once"):
        load(path)


def test_a_damaged_file_or_another_network_gets_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "vae.safetensors"
    data = to_safetensors(fresh())
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelError, match="no whole safetensors file"):
        load(path)
    path.write_bytes(data.replace(b'\\"latent\\": 6', b'\\"latent\\": 7'))
    with pytest.raises(ModelError, match="is not a checkpoint of this Vae"):
        load(path)
    path.write_bytes(data.replace(b'\\"size_px\\": 64', b'\\"size_px\\": 65'))
    with pytest.raises(ModelError, match="describes no network of ours"):
        load(path)
    path.write_bytes(data.replace(b"atelier-vae-1", b"atelier-vae-9"))
    with pytest.raises(ModelError, match="holds atelier-vae-9, not atelier-vae-1"):
        load(path)
