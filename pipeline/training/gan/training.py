"""One generator's training, put together: the two networks in turns, and what can be shown and kept at any time."""

from __future__ import annotations

import numpy as np
import torch

from pipeline.models.features import FeatureNetwork
from pipeline.models.stylegan.files import to_safetensors
from pipeline.training import curves
from pipeline.training.frechet import Gaussian, distance, features_of, gaussian
from pipeline.training.gan import sheet
from pipeline.training.gan.brief import GanBrief
from pipeline.training.gan.card import model_card
from pipeline.training.gan.contest import Contest
from pipeline.training.pictures import Pictures

_FIRST_SEED = 1_000_000
"""Distances are measured on other seeds than sheets show."""
_AT_ONCE = 32

PANELS: curves.Panels = (
    ("losses", (("generator", "generator", "#1f6fb4"), ("discriminator", "discriminator", "#c23b22"))),
    ("distance", (("distance", "to the pictures learnt", "#3a8f4d"),)),
    ("discriminator", (("signs", "mean sign, real", "#8a5fb0"), ("augment", "augmentation", "#d98e04"))),
    ("R1", (("r1", "slope squared", "#555555"),)),
)
"""Of the curves."""


class GanTraining:
    """The same shape as style.StyleTraining."""

    def __init__(
        self,
        brief: GanBrief,
        *,
        pictures: Pictures,
        features: FeatureNetwork | None,
        device: torch.device | str = "cpu",
    ):
        """`features`: what Fréchet distances are measured by; none are without."""
        self.brief, self.schedule, self.pictures = brief, brief.schedule, pictures
        self.name, self.batch = brief.name, brief.recipe.batch
        self.steps = Contest(brief, pictures, device)
        self._features = None if features is None else features.to(self.steps.device)
        self._wanted: Gaussian | None = None

    def preview(self) -> np.ndarray:
        """What the averaged generator makes now: (H, W, 3) uint8 sRGB, the same size every time.

        A row of this moment's numbers is kept: what the losses were since the last, and the Fréchet distance.
        """
        steps = self.steps
        row = {"kimg": steps.images / 1000, **steps.record.take()}
        if self.brief.recipe.augment:
            row["augment"] = steps.adaptive.probability
        if self._features is not None:
            row["distance"] = self._distance(self._features)
        steps.record.rows.append(row)
        far = f"   distance {row['distance']:.4g}" if "distance" in row else ""
        return sheet.draw(steps.averaged, title=self.brief.name, note=f"{steps.images:,} images{far}")

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
        rows = self.steps.record.rows
        return model_card(self.brief, rows, pictures=self.pictures.count, images=self.steps.images)

    def report(self) -> bytes:
        """Its numbers as a PNG file."""
        return curves.encode(self.steps.record.rows, f"{self.brief.name}: {self.steps.images:,} images", PANELS)

    def _distance(self, features: FeatureNetwork) -> float:
        device, count = self.steps.device, self.brief.recipe.distance_pictures
        if self._wanted is None:
            numbers = [place * self.pictures.count // count for place in range(count)]
            real = (self.pictures.of(numbers[at : at + _AT_ONCE], device) for at in range(0, count, _AT_ONCE))
            self._wanted = gaussian(features_of(features, part) for part in real)
        made = sheet.pictures(self.steps.averaged, range(_FIRST_SEED, _FIRST_SEED + count), batch=_AT_ONCE)
        apart = distance(self._wanted, gaussian(features_of(features, part) for part in made))
        # Features have a scale of their own; what the real pictures differ by is a unit that means something.
        return apart / float(self._wanted.covariance.trace())
