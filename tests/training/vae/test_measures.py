"""PSNR and SSIM, by hand and by their definitions' corners."""

from __future__ import annotations

import pytest
import torch

from pipeline.training.vae.measures import psnr, ssim


def test_psnr_is_what_a_pencil_computes() -> None:
    pictures = torch.zeros(2, 3, 4, 4)
    others = torch.stack([torch.full((3, 4, 4), 0.1), torch.full((3, 4, 4), 0.5)])
    assert psnr(pictures, others).tolist() == pytest.approx([20.0, 6.0206], abs=1e-4)


def test_ssim_is_one_for_the_same_and_falls_with_noise() -> None:
    pictures = torch.rand(2, 3, 24, 24)
    little, much = pictures + 0.02 * torch.randn_like(pictures), pictures + 0.5 * torch.randn_like(pictures)
    assert ssim(pictures, pictures).tolist() == pytest.approx([1, 1], abs=1e-5)
    assert (ssim(pictures, little) > ssim(pictures, much)).all()


def test_ssim_of_two_even_pictures_is_their_luminance_term() -> None:
    dark, light = torch.full((1, 3, 16, 16), 0.2), torch.full((1, 3, 16, 16), 0.6)
    wanted = (2 * 0.2 * 0.6 + 1e-4) / (0.2**2 + 0.6**2 + 1e-4)
    assert float(ssim(dark, light)) == pytest.approx(wanted, abs=1e-4)
