"""Where pictures lie in the latent space, and which way attributes lie."""

from __future__ import annotations

import torch

from pipeline.models.vae.network import Posterior
from pipeline.training.vae.latents import active, directions_of, directions_where_known, joined, read_off, spread_of


def test_the_spread_of_many_latents_is_their_covariance_and_what_each_leaves_open() -> None:
    generator = torch.Generator().manual_seed(0)
    root = torch.tensor([[2.0, 0.0], [1.0, 0.5]])
    means = torch.randn(20_000, 2, generator=generator) @ root.T + 3
    spread = spread_of(Posterior(means, torch.full_like(means, -2.0)))
    wanted = root @ root.T + torch.eye(2) * torch.exp(torch.tensor(-2.0))
    torch.testing.assert_close(spread.root @ spread.root.T, wanted, atol=0.08, rtol=0.03)
    torch.testing.assert_close(spread.centre, torch.full((2,), 3.0), atol=0.05, rtol=0)


def test_few_latents_still_have_a_spread() -> None:
    few = Posterior(torch.randn(3, 10), torch.zeros(3, 10))
    assert torch.isfinite(spread_of(few).root).all()


def test_directions_change_one_attribute_and_leave_what_goes_with_it() -> None:
    generator = torch.Generator().manual_seed(1)
    warm = torch.randn(4000, generator=generator)
    # Bright rooms are often warm ones, and each of the two has a latent number of its own.
    bright = 0.6 * warm + 0.8 * torch.randn(4000, generator=generator)
    z = torch.stack([warm, bright, torch.randn(4000, generator=generator)], 1)
    directions, read = directions_of(z, torch.stack([warm * 10, bright, torch.ones(4000)], 1))
    torch.testing.assert_close(directions[0], torch.tensor([1.0, 0.0, 0.0]), atol=0.05, rtol=0)
    torch.testing.assert_close(directions[1], torch.tensor([0.0, 1.0, 0.0]), atol=0.05, rtol=0)
    assert directions[2].tolist() == [0, 0, 0]
    assert read[0] > 0.99
    assert read[2] == 0


def test_pictures_of_which_something_is_not_known_are_left_out() -> None:
    z = torch.randn(50, 2)
    known = z[:, :1].clone()
    known[::2] = float("nan")
    directions, _ = directions_of(z, known)
    assert torch.isfinite(directions).all()


def test_what_is_known_of_every_picture_is_learnt_from_every_picture() -> None:
    generator = torch.Generator().manual_seed(3)
    z = torch.randn(400, 20, generator=generator)
    known = torch.stack([z[:, 0], z[:, 1]], 1)
    known[12:, 1] = float("nan")
    directions = directions_where_known(z, known)
    assert torch.equal(directions[0], directions_of(z, known[:, :1])[0][0])
    assert torch.equal(directions[1], directions_of(z, known)[0][1])
    posterior = Posterior(z, torch.zeros_like(z))
    assert read_off(posterior, known, posterior, known)[0] > 0.99


def test_numbers_that_do_not_vary_are_not_active() -> None:
    part = Posterior(torch.stack([torch.arange(4.0), torch.zeros(4)], 1), torch.zeros(4, 2))
    assert active(joined([part, part])) == 1


def test_what_is_read_off_is_measured_on_pictures_that_nothing_was_fitted_to() -> None:
    generator = torch.Generator().manual_seed(2)
    z = torch.randn(60, 40, generator=generator)
    known = torch.stack([z[:, 0], torch.randn(60, generator=generator)], 1)
    first, second = (Posterior(part, torch.zeros_like(part)) for part in (z[:50], z[50:]))
    _, fitted = directions_of(z[:50], known[:50])
    read = read_off(first, known[:50], second, known[50:])
    assert fitted[1] > 0.6
    assert read[0] > 0.9
    assert read[1] == 0
    assert read_off(first, known[:50], Posterior(z[50:51], z[50:51]), known[50:51]).tolist() == [0, 0]
