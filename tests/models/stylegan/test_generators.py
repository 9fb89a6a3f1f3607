"""Whole generators of both families: shapes, truncation, classes, and that no picture knows its neighbours."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from pipeline.models.stylegan.config import GeneratorConfig
from pipeline.models.stylegan.design import stylegan2, stylegan3, untrained
from pipeline.models.stylegan.generator import Generator, to_pixels
from pipeline.models.stylegan.synthesis3 import Synthesis3

SMALL = {"z_dim": 16, "w_dim": 16, "channel_base": 256, "channel_max": 16}

CONFIGS: dict[str, GeneratorConfig] = {
    "stylegan2": stylegan2(32, **SMALL),
    "stylegan2, conditional": stylegan2(32, c_dim=3, **SMALL),
    "stylegan3-t": stylegan3(32, **SMALL),
    "stylegan3-r": stylegan3(32, rotates=True, **SMALL),
}

for architecture in ("orig", "resnet"):
    skip = CONFIGS["stylegan2"]
    synthesis = replace(skip.synthesis, architecture=architecture)
    CONFIGS[f"stylegan2, {architecture}"] = replace(skip, synthesis=synthesis)


@pytest.fixture(params=CONFIGS)
def generator(request: pytest.FixtureRequest) -> Generator:
    return untrained(CONFIGS[request.param])


def _class(generator: Generator, count: int) -> torch.Tensor | None:
    c_dim = generator.config.mapping.c_dim
    return torch.eye(c_dim)[torch.arange(count) % c_dim] if c_dim else None


@torch.no_grad()
def test_a_generator_gives_pictures_of_its_resolution(generator: Generator) -> None:
    ws = generator.styles(torch.randn(2, 16), _class(generator, 2))
    assert ws.shape == (2, generator.config.num_ws, 16)
    pictures = generator.picture(ws)
    assert pictures.shape == (2, 3, 32, 32)
    assert pictures.isfinite().all()
    assert pictures.std() > 0


@torch.no_grad()
def test_as_many_styles_are_taken_as_the_network_says(generator: Generator) -> None:
    assert generator.synthesis.num_ws == generator.config.num_ws


@torch.no_grad()
def test_a_picture_does_not_depend_on_its_batch(generator: Generator) -> None:
    ws = generator.styles(torch.randn(3, 16), _class(generator, 3))
    together = generator.picture(ws)
    for at in range(3):
        torch.testing.assert_close(generator.picture(ws[at : at + 1])[0], together[at], atol=2e-5, rtol=1e-5)


@torch.no_grad()
def test_every_style_counts(generator: Generator) -> None:
    if isinstance(generator.synthesis, Synthesis3):
        # Untrained, the first style moves nothing yet.
        generator.synthesis.input.affine.weight.normal_()
    ws = generator.styles(torch.randn(1, 16), _class(generator, 1))
    picture = generator.picture(ws)
    for layer in range(generator.config.num_ws):
        changed = ws.clone()
        changed[:, layer] += torch.randn(16)
        assert not torch.allclose(generator.picture(changed), picture), layer


@torch.no_grad()
def test_truncation_goes_to_the_mean_latent_in_the_first_layers(generator: Generator) -> None:
    generator.mapping.w_avg.normal_()
    z, c = torch.randn(2, 16), _class(generator, 2)
    whole = generator.styles(z, c)
    half = generator.styles(z, c, psi=0.5, cutoff=3)
    torch.testing.assert_close(half[:, :3], (whole[:, :3] + generator.mapping.w_avg) / 2)
    assert torch.equal(half[:, 3:], whole[:, 3:])
    mean = generator.styles(z, c, psi=0)
    torch.testing.assert_close(mean, generator.mapping.w_avg.expand_as(mean))


@torch.no_grad()
def test_a_class_changes_the_picture() -> None:
    generator = untrained(CONFIGS["stylegan2, conditional"])
    z = torch.randn(1, 16)
    first, second = (generator.styles(z, torch.eye(3)[[number]]) for number in (0, 1))
    assert not torch.allclose(first, second)


@torch.no_grad()
def test_stylegan3_moves_its_picture_with_the_waves() -> None:
    generator = untrained(CONFIGS["stylegan3-t"])
    ws = generator.styles(torch.randn(1, 16))
    shift = torch.eye(3)
    shift[0, 2] = 8 / 32
    moved = generator.picture(ws, transform=shift)
    still = generator.picture(ws)
    # Away from the edges, what was at x + 8 is now at x.
    difference = (moved[..., 4:-4, 4:16] - still[..., 4:-4, 12:24]).abs().mean()
    assert difference < 0.1 * still.std()
    assert (moved - still).abs().mean() > 5 * difference


@torch.no_grad()
def test_stylegan3_r_turns_its_picture_with_the_waves() -> None:
    generator = untrained(CONFIGS["stylegan3-r"])
    ws = generator.styles(torch.randn(1, 16))
    quarter = torch.tensor([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    turned, still = generator.picture(ws, transform=quarter), generator.picture(ws)
    nearest = min((turned - still.rot90(times, (2, 3))).abs().mean() for times in (1, 3))
    assert nearest < 0.15 * still.std()


def test_layers_of_stylegan3_are_called_as_in_checkpoints() -> None:
    names = [layer.name for layer in stylegan3(1024).synthesis.layers]
    assert names[0] == "L0_36_512"
    assert names[-1] == "L14_1024_3"
    assert len(names) == 15


def test_pixels_are_rounded_as_the_official_tool_does() -> None:
    values = torch.tensor([-2.0, -1.0, 0.0, 1.0, math.inf]).view(1, 1, 1, 5)
    assert to_pixels(values).flatten().tolist() == [0, 0, 128, 255, 255]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@torch.no_grad()
def test_half_precision_is_near(generator: Generator, dtype: torch.dtype) -> None:
    ws = generator.styles(torch.randn(2, 16), _class(generator, 2))
    whole = generator.picture(ws)
    generator.lighten(dtype)
    half = generator.picture(ws)
    assert half.dtype == torch.float32
    assert not torch.equal(half, whole)
    assert (half - whole).abs().mean() < (0.03 if dtype == torch.bfloat16 else 0.01) * whole.std()


@pytest.mark.gpu
@torch.no_grad()
def test_a_gpu_makes_the_same_pictures_in_batches_of_half_precision(generator: Generator) -> None:
    ws = generator.styles(torch.randn(4, 16), _class(generator, 4))
    expected = generator.picture(ws)
    generator.to("cuda").lighten(torch.float16)
    together = generator.picture(ws.cuda())
    assert (together.cpu() - expected).abs().mean() < 0.003 * expected.std()
    assert (generator.picture(ws[2:3].cuda()) - together[2:3]).abs().mean() < 0.003 * expected.std()


def test_gradients_reach_every_style(generator: Generator) -> None:
    if isinstance(generator.synthesis, Synthesis3):
        # Untrained, the first style moves nothing yet.
        torch.nn.init.normal_(generator.synthesis.input.affine.weight)
    ws = generator.styles(torch.randn(1, 16), _class(generator, 1)).detach().requires_grad_()
    picture = generator.picture(ws)
    with torch.no_grad():
        torch.testing.assert_close(generator.picture(ws), picture.detach(), atol=1e-5, rtol=1e-5)
    [gradient] = torch.autograd.grad(picture.square().sum(), ws)
    assert gradient.isfinite().all()
    assert (gradient.abs().sum(2) > 0).all()
