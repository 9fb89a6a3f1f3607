"""Trains a small diffusion model for measuring, where no large one is at hand. It is for no use, and ships nowhere.

    python -m bench.tiny_diffusion --look FOLDER --to MODEL [--minutes 15]

A U-Net learns to take noise from pictures of the folder, so that image-to-image turns a film into their look. Words
mean nothing to it. It works on pixels: its autoencoder is written down, and changes nothing. The result is a folder as
diffusers saves Stable Diffusion.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

PX = 32
"""Of the patches that it learns from."""

_BATCH = 6
_LARGE = 1_000.0
"""Beside it, the values of a picture do not change what they are normalised by."""


def main() -> None:
    """Train, and say how well it went."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--look", type=Path, required=True)
    options.add_argument("--to", type=Path, required=True)
    options.add_argument("--minutes", type=float, default=15)
    asked = options.parse_args()
    torch.manual_seed(0)
    pipeline = _pipeline(asked.to)
    _denoiser(pipeline, _patches(_pictures(asked.look)), asked.minutes * 60)
    pipeline.save_pretrained(asked.to)


def _pictures(folder: Path) -> list[np.ndarray]:
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix in (".jpg", ".png"):
            with Image.open(path) as picture:
                picture.thumbnail((720, 720))
                found.append(np.asarray(picture.convert("RGB")))
    return found


def _patches(pictures: list[np.ndarray]) -> Iterator[torch.Tensor]:
    """(N, 3, PX, PX) in [-1, 1], for ever."""
    chance = np.random.default_rng(0)
    while True:
        batch = []
        for picture in (pictures[chance.integers(len(pictures))] for _ in range(_BATCH)):
            top, left = (chance.integers(side - PX + 1) for side in picture.shape[:2])
            patch = picture[top : top + PX, left : left + PX]
            batch.append(patch[:, ::-1] if chance.random() < 0.5 else patch)
        yield torch.from_numpy(np.stack(batch)).permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.no_grad()
def _autoencoder() -> Any:
    """One that gives what it is given, to a millionth: its convolutions pass each channel on, once as it is and once
    negated, whose SiLUs differ by the value itself; its normalisation divides by what large constants decide.
    """
    from diffusers import AutoencoderKL

    vae = AutoencoderKL(
        block_out_channels=(8,),
        down_block_types=("DownEncoderBlock2D",),
        up_block_types=("UpDecoderBlock2D",),
        latent_channels=3,
        norm_num_groups=1,
        sample_size=PX,
        mid_block_add_attention=False,
        use_quant_conv=False,
        use_post_quant_conv=False,
        scaling_factor=2.0,
    )
    for name, weights in vae.named_parameters():
        # What is left of a residual block is its input.
        if name.endswith(("conv2.weight", "bias")):
            weights.zero_()
    for half in (vae.encoder, vae.decoder):
        half.conv_in.weight.zero_()
        half.conv_out.weight.zero_()
        for channel in range(3):
            for place, sign in ((2 * channel, 1.0), (2 * channel + 1, -1.0)):
                half.conv_in.weight[place, channel, 1, 1] = sign
                half.conv_out.weight[channel, place, 1, 1] = sign * _LARGE / 2
        half.conv_in.bias[6:] = torch.tensor([_LARGE, -_LARGE])
    # The logarithm of a variance that is none.
    vae.encoder.conv_out.bias[3:] = -30.0
    return vae.eval()


def _pipeline(folder: Path) -> Any:
    from diffusers import UNet2DConditionModel

    from tests.diffusion.making import _sd

    pipeline = _sd(folder)
    unet = UNet2DConditionModel(
        block_out_channels=(16, 32, 48),
        layers_per_block=1,
        sample_size=PX,
        in_channels=3,
        out_channels=3,
        down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        cross_attention_dim=32,
        norm_num_groups=8,
        attention_head_dim=8,
    )
    pipeline.register_modules(vae=_autoencoder(), unet=unet)
    return pipeline


def _denoiser(pipeline: Any, patches: Iterator[torch.Tensor], seconds: float) -> None:
    unet, vae, scheduler = pipeline.unet.train(), pipeline.vae, pipeline.scheduler
    words = pipeline.tokenizer([""] * _BATCH, padding="max_length", return_tensors="pt").input_ids
    with torch.no_grad():
        said = pipeline.text_encoder(words)[0]
    optimizer = torch.optim.Adam(unet.parameters(), 1e-3)
    mean = 1.0
    for step, fade in _steps(seconds):
        with torch.no_grad():
            latents = vae.encode(next(patches)).latent_dist.sample() * vae.config.scaling_factor
        noise, moments = torch.randn_like(latents), torch.randint(1000, (_BATCH,))
        found = unet(scheduler.add_noise(latents, noise, moments), moments, said).sample
        loss = F.mse_loss(found, noise)
        _learn(loss, optimizer, 1e-3 * fade)
        mean += 0.02 * (loss.item() - mean)
        if step % 200 == 0:
            _say(f"U-Net, step {step}: mean square {mean:.4f} of the noise")
    unet.eval()


def _steps(seconds: float) -> Iterator[tuple[int, float]]:
    """Numbers for so long, and a rate that falls from 1 to 0.05 meanwhile."""
    begun, step = time.perf_counter(), 0
    while (done := (time.perf_counter() - begun) / seconds) < 1:
        yield step, 1 - 0.95 * done
        step += 1


def _learn(loss: torch.Tensor, optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
