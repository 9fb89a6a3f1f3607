"""The losses are what the papers say, and the textbook's is what a pencil says."""

from __future__ import annotations

import math

import pytest
import torch

from pipeline.models.features import SHIPPED, load
from pipeline.models.vae.network import Posterior
from pipeline.training.vae import losses
from pipeline.training.vae.brief import VaeRecipe


def test_the_textbooks_loss_is_what_a_pencil_computes() -> None:
    # Two pictures of one grey value each: 3 * 1 * 2 = 6 numbers.
    pictures = torch.zeros(2, 3, 1, 2)
    decoded = torch.tensor([0.5, 0.1]).view(2, 1, 1, 1).expand(2, 3, 1, 2)
    posterior = Posterior(torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([[0.0, math.log(4)], [0.0, 0.0]]))
    error = (0.25 + 0.01) / 2
    # KL of N(m, v) from N(0, 1) is (m² + v - 1 - log v) / 2.
    first = (1 + 1 - 1 - 0) / 2 + (0 + 4 - 1 - math.log(4)) / 2
    second = 0 + (4 + 1 - 1 - 0) / 2
    wanted = error + (first + second) / 2 / 6
    assert float(losses.textbook(decoded, pictures, posterior)) == pytest.approx(wanted, rel=1e-6)


def test_the_divergence_is_that_of_torchs_own_distributions() -> None:
    posterior = Posterior(torch.randn(5, 3), torch.randn(5, 3))
    normal = torch.distributions.Normal(posterior.mean, (posterior.log_variance / 2).exp())
    wanted = torch.distributions.kl_divergence(normal, torch.distributions.Normal(0.0, 1.0)).mean(0)
    torch.testing.assert_close(losses.divergences(posterior), wanted)


def test_free_bits_are_for_nothing_and_leave_no_slope() -> None:
    nats = torch.tensor([0.1, 0.9], requires_grad=True)
    loss = losses.weighted_divergence(nats, weight=2.0, free_bits=0.5, values=4)
    loss.backward()
    assert float(loss.detach()) == pytest.approx((0.5 + 0.9) * 2 / 4)
    assert nats.grad is not None
    assert nats.grad.tolist() == [0.0, 0.5]


def test_beta_rises_to_its_weight_and_the_textbook_overrides_everything() -> None:
    recipe = VaeRecipe(kl_weight=0.4, kl_warmup=10)
    assert [recipe.kl_at(images) for images in (0, 5_000, 10_000, 90_000)] == pytest.approx([0, 0.2, 0.4, 0.4])
    plain = VaeRecipe(kl_weight=0.4, textbook=True)
    assert [plain.kl_at(0), plain.loss.free_bits, plain.loss.perceptual, plain.adversarial_at(10**9)] == [1, 0, 0, 0]


@pytest.mark.parametrize("look", ["unlikeness", "texture"])
def test_looks_are_nothing_for_the_same_and_more_for_blurred_pictures(look: str) -> None:
    features = load(SHIPPED)
    pictures = torch.rand(2, 3, 32, 32)
    blurred = torch.nn.functional.avg_pool2d(pictures, 3, 1, 1)
    very = torch.nn.functional.avg_pool2d(pictures, 9, 1, 4)
    same, some, more = (
        float(getattr(losses.looks(features, other, pictures), look)) for other in (pictures, blurred, very)
    )
    assert same == pytest.approx(0, abs=1e-6)
    assert same < some < more


def test_both_batches_are_cut_at_the_same_place() -> None:
    pictures = torch.rand(2, 3, 9, 9)
    first, second = losses.crops(pictures, pictures * 2, 4, torch.Generator().manual_seed(3))
    assert first.shape == (2, 3, 4, 4)
    assert torch.equal(first * 2, second)


def test_texture_does_not_mind_where_things_are() -> None:
    features = load(SHIPPED)
    pictures = torch.rand(2, 3, 32, 32)
    seen = losses.looks(features, pictures.flip(3), pictures)
    assert seen.unlikeness > 10 * seen.texture
