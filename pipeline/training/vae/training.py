"""One autoencoder's training, put together: what can be shown and kept of it at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from pipeline.models.features import FeatureNetwork
from pipeline.models.vae.files import to_safetensors
from pipeline.models.vae.network import Posterior
from pipeline.training.frechet import Gaussian, distance, features_of, gaussian
from pipeline.training.vae import latents, losses, report, sheet
from pipeline.training.vae.brief import VaeBrief
from pipeline.training.vae.card import model_card
from pipeline.training.vae.descent import Descent
from pipeline.training.vae.measures import psnr, ssim
from pipeline.training.vae.sources import Source

_FIRST_SEED = 1_000_000
"""Distances are measured on other seeds than sheets show."""
_AT_ONCE = 32
_MOST_ENCODED = 4000
"""Of the pictures that were learnt: so many tell where latents lie."""
_MOST_HELD_OUT = 1000


_Located = tuple[Posterior, Tensor]
"""Latents of pictures, and what is known of each."""


class VaeTraining:
    """The same shape as style.StyleTraining."""

    def __init__(
        self,
        brief: VaeBrief,
        *,
        source: Source,
        features: FeatureNetwork | None,
        device: torch.device | str = "cpu",
    ):
        """`features`: what pictures and Fréchet distances are measured by."""
        self.brief, self.schedule, self.material = brief, brief.schedule, source.material
        self.name, self.batch = brief.name, brief.recipe.batch
        self.skipped = source.skipped
        self.steps = Descent(brief, source.material, features if brief.recipe.sees else None, device)
        self._known, self._labelled = source.known, frozenset(source.labelled)
        self._features = None if features is None else features.to(self.steps.device)
        self._wanted: Gaussian | None = None
        self._nats: Tensor | None = None
        self._read = torch.zeros(len(self.material.attributes))

    def preview(self) -> np.ndarray:
        """What the averaged autoencoder makes now: (H, W, 3) uint8 sRGB, the same size every time.

        A row of this moment's numbers is kept: what the losses were since the last, and what held-out pictures tell.
        """
        steps = self.steps
        row = {"kimg": steps.images / 1000, **steps.record.take()}
        row |= self._held_out(self._locate())
        if self._features is not None and self.brief.recipe.distance_pictures:
            row["distance"] = self._distance(self._features)
        steps.record.rows.append(row)
        shown = self.material.of(self.material.held_out[: sheet.COLUMNS])
        told = [f"{steps.images:,} images", f"{row['psnr']:.2f} dB" if "psnr" in row else ""]
        told.append(f"distance {row['distance']:.4g}" if "distance" in row else "")
        return sheet.draw(steps.averaged, shown, title=self.brief.name, note="   ".join(filter(None, told)))

    @torch.no_grad()
    def _locate(self) -> _Located:
        """Where the pictures that were learnt lie, and which way their attributes lie."""
        averaged, numbers = self.steps.averaged, self._telling()
        posterior = self._encoded(numbers)
        spread = latents.spread_of(posterior)
        averaged.centre.copy_(spread.centre)
        averaged.spread.copy_(spread.root)
        known = self._known(numbers)
        if self.material.attributes:
            averaged.directions.copy_(latents.directions_where_known(posterior.mean, known))
        return posterior, known

    def _telling(self) -> list[int]:
        """The labelled ones of the pictures that were learnt, few as they may be, and an even part of the others."""
        learnt = self.material.learnt
        first = _evenly([number for number in learnt if number in self._labelled], _MOST_ENCODED)
        others = [number for number in learnt if number not in self._labelled]
        return sorted(first + _evenly(others, _MOST_ENCODED - len(first)))

    @torch.no_grad()
    def _held_out(self, located: _Located) -> dict[str, float]:
        numbers = self.material.held_out[:_MOST_HELD_OUT]
        if not numbers:
            return {}
        posterior = self._encoded(numbers)
        self._nats = losses.divergences(posterior)
        if self.material.attributes:
            self._read = latents.read_off(*located, posterior, self._known(numbers))
        sums: list[tuple[Tensor, Tensor]] = []
        for part, mean in zip(self._batches(numbers), posterior.mean.split(_AT_ONCE), strict=True):
            decoded = self.steps.averaged.decode(mean.to(self.steps.device)).clamp(0, 1)
            sums.append((psnr(decoded, part), ssim(decoded, part)))
        decibels, alike = (torch.cat(column).mean() for column in zip(*sums, strict=True))
        return {
            "psnr": float(decibels),
            "ssim": float(alike),
            "held_out_kl": float(self._nats.sum()),
            "active": float(latents.active(posterior)) if len(numbers) > 1 else 0.0,
        }

    def _told(self) -> Tensor:
        """How many nats each latent number tells: of the last preview, or, where another run showed that, of now."""
        if self._nats is None:
            self._held_out(self._locate())
        return torch.zeros(self.brief.recipe.latent) if self._nats is None else self._nats

    def _batches(self, numbers: Sequence[int]) -> Iterator[Tensor]:
        for at in range(0, len(numbers), _AT_ONCE):
            yield self.material.of(numbers[at : at + _AT_ONCE]).to(self.steps.device)

    def _encoded(self, numbers: Sequence[int]) -> Posterior:
        """The posteriors of pictures, on the CPU."""
        found = [self.steps.averaged.encode(part) for part in self._batches(numbers)]
        return latents.joined([Posterior(part.mean.cpu(), part.log_variance.cpu()) for part in found])

    @torch.no_grad()
    def _distance(self, features: FeatureNetwork) -> float:
        count = min(self.brief.recipe.distance_pictures, self.material.count)
        if self._wanted is None:
            numbers = [place * self.material.count // count for place in range(count)]
            self._wanted = gaussian(features_of(features, part * 2 - 1) for part in self._batches(numbers))
        averaged = self.steps.averaged
        z = sheet.latents(averaged, range(_FIRST_SEED, _FIRST_SEED + count))
        made = (averaged.decode(part) * 2 - 1 for part in z.split(_AT_ONCE))
        apart = distance(self._wanted, gaussian(features_of(features, part) for part in made))
        # Features have a scale of their own; what the real pictures differ by is a unit that means something.
        return apart / float(self._wanted.covariance.trace())

    def weights(self) -> bytes:
        """What is learnt so far, as a safetensors file in half precision."""
        brief = self.brief
        about = {
            "name": brief.name,
            "licence": brief.licence,
            "credit": brief.credit or brief.images,
            "images": str(self.steps.images),
        }
        return to_safetensors(self.steps.averaged, about, dtype=torch.float16)

    def card(self) -> str:
        """Its model card."""
        self._told()
        read = dict(zip(self.material.attributes, self._read.tolist(), strict=True))
        return model_card(
            self.brief,
            self.steps.record.rows,
            pictures=self.material,
            read=read,
            skipped=len(self.skipped),
            images=self.steps.images,
        )

    def report(self) -> bytes:
        """Its numbers as a PNG file: curves, and how much each latent number tells."""
        title = f"{self.brief.name}: {self.steps.images:,} images"
        return report.encode(self.steps.record.rows, self._told().tolist(), title)


def _evenly(numbers: Sequence[int], most: int) -> list[int]:
    """At most so many of them, spread over all."""
    count = min(len(numbers), most)
    return [numbers[place * len(numbers) // count] for place in range(count)]
