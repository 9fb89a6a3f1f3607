"""Which latent each frame of an interiors job has: a seed's, a picture's or its parents'; edited, held in part.

Files are read, and what takes long is worked out, when it is first needed, and once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pipeline import provenance
from pipeline.device import generator
from pipeline.errors import ModelError
from pipeline.images import read_picture
from pipeline.interiors import attributes, refine, variations
from pipeline.interiors.brief import MOST_KEYFRAMES, Attribute, InteriorsBrief, Picture
from pipeline.interiors.film import latent_of
from pipeline.interiors.masked import Kept
from pipeline.interiors.once import Once
from pipeline.interiors.squares import middle_square, resized
from pipeline.models.vae.network import Vae
from pipeline.scratch import scratch_folder
from pipeline.tensors import to_tensor

Read = Callable[[int], bytes]
"""The content of one of the plan's files."""

Pulse = Callable[[str], None]
"""Told every step of a search how it stands; may raise to stop."""

_FILES = 64


class Designs:
    """The latents of one job's frames, for one network. From any thread."""

    def __init__(self, brief: InteriorsBrief, vae: Vae, read: Read, *, sha256: str) -> None:
        """`sha256`: the network's."""
        self.vae = vae
        self._brief, self._read, self._sha256 = brief, read, sha256
        self._device = vae.centre.device
        self._pictures: Once[Tensor] = Once(MOST_KEYFRAMES)
        self._held: Once[Tensor] = Once(MOST_KEYFRAMES)
        self._settled: Once[Tensor] = Once(MOST_KEYFRAMES)
        self._kept: Once[Kept] = Once(1)
        self._directions: Once[Tensor] = Once(_FILES)

    @torch.no_grad()
    def of(self, frame: int, pulse: Pulse) -> Tensor:
        """z of a frame, `(1, latent)` float32 on the network's device.

        Raises: ModelError or MediaError if a file does not fit the network; what `pulse` does.
        """
        brief = self._brief
        if brief.is_filmed(frame):
            return self._filmed(frame - brief.film_begins, pulse)
        if (found := brief.strip_of(frame)) is None:
            return self._design(frame, pulse)
        strip, amount = found
        return self._design(strip.of, pulse) + amount * self._direction(strip.attribute)

    @torch.no_grad()
    def bred(self, frame: int, pulse: Pulse) -> str | None:
        """Whom a frame's design was bred from: `a.png 0.41, c.png 0.59`; None where it was not."""
        brief = self._brief
        if not brief.parents or brief.is_filmed(frame):
            return None
        strip = brief.strip_of(frame)
        _, shares = self._child(frame if strip is None else strip[0].of, pulse)
        return ", ".join(f"{brief.pictures[brief.parents[n]].name} {share:.2f}" for n, share in shares.items())

    def kept(self) -> Kept | None:
        """What the designs keep of a picture."""
        brief = self._brief
        if brief.keep is None or brief.around is None:
            return None
        keep, around = brief.keep, brief.pictures[brief.around]
        return self._kept.get(0, lambda: Kept(self._seen(around.file, around.name), self._seen(keep.file, keep.name)))

    def _design(self, frame: int, pulse: Pulse) -> Tensor:
        kept = self.kept()
        if kept is None:
            return self._begun(frame, pulse)
        return self._held.get(frame, lambda: self._keeping(kept, self._begun(frame, pulse), pulse))

    def _keeping(self, kept: Kept, z: Tensor, pulse: Pulse) -> Tensor:
        """The latent near z whose picture holds what is kept."""
        vae, size = self.vae, self._brief.resolution
        picture, mask = kept.picture(size).to(self._device), kept.mask(size).to(self._device)
        report = self._report("keeping", pulse)
        return vae.place(refine.kept(vae, picture, mask, vae.normal(z), steps=self._brief.refine, report=report))

    def _begun(self, frame: int, pulse: Pulse) -> Tensor:
        """A design before anything is kept."""
        return self._edited(self._drawn(frame, pulse))

    def _edited(self, z: Tensor) -> Tensor:
        for edit in self._brief.edits:
            z = z + edit.amount * self._direction(edit.attribute)
        return z

    def _drawn(self, frame: int, pulse: Pulse) -> Tensor:
        brief, seed = self._brief, self._brief.seed_of(frame)
        if brief.around is not None and seed is None:
            return self._pictured(brief.around, pulse)
        return self._settled.get(frame, lambda: self._new(frame, seed or 0, pulse))

    def _new(self, frame: int, seed: int, pulse: Pulse) -> Tensor:
        """A design of a seed's own."""
        brief, vae = self._brief, self.vae
        if brief.parents:
            normal = self._child(frame, pulse)[0]
        elif brief.around is not None:
            normal = variations.varied(vae.normal(self._pictured(brief.around, pulse)), brief.vary, generator(seed))
        else:
            normal = variations.sampled(seed, vae.config.latent, truncation=brief.truncation).to(self._device)
        return vae.settled(vae.place(normal), brief.settle)

    def _child(self, frame: int, pulse: Pulse) -> tuple[Tensor, dict[int, float]]:
        parents = [self.vae.normal(self._pictured(place, pulse)) for place in self._brief.parents]
        return variations.child(parents, self._brief.seed_of(frame) or 0, vary=self._brief.vary)

    def _filmed(self, step: int, pulse: Pulse) -> Tensor:
        film = self._brief.film
        assert film is not None, "only a film's frames ask for it"

        def normal(place: int) -> np.ndarray:
            keyframe = film.keyframes[place]
            if keyframe.picture is not None:
                z = self._edited(self._pictured(keyframe.picture, pulse))
            else:
                z = self._design(keyframe.design or 0, pulse)
            return self.vae.normal(z)[0].double().cpu().numpy()

        there = torch.from_numpy(latent_of(film, step, normal)).to(self._device, torch.float32)
        return self.vae.place(there[None])

    def _pictured(self, place: int, pulse: Pulse) -> Tensor:
        """z of a picture: its own, or the one that is nearest to it."""
        picture = self._brief.pictures[place]
        make = self._told if picture.is_design else lambda picture: self._found(picture, pulse)
        return self._pictures.get(place, lambda: make(picture))

    def _told(self, picture: Picture) -> Tensor:
        facts = provenance.read(self._read(picture.file)) or {}
        latent = provenance.latent_of(facts)
        if latent is None or latent.shape != (self.vae.config.latent,):
            raise ModelError(f"{picture.name}: tells no latent of {self._brief.model}; submit the job again")
        return torch.from_numpy(latent)[None].to(self._device)

    def _found(self, picture: Picture, pulse: Pulse) -> Tensor:
        square = middle_square(self._seen(picture.file, picture.name))
        wanted = to_tensor(resized(square, self._brief.resolution)[None], self._device)
        start = self.vae.normal(self.vae.encode(wanted).mean)
        report = self._report(picture.name, pulse)
        return self.vae.place(refine.nearest(self.vae, wanted, start, steps=self._brief.refine, report=report))

    def _report(self, what: str, pulse: Pulse) -> refine.Report:
        return lambda step: pulse(f"{what}: step {step:,} of {self._brief.refine:,}")

    def _direction(self, attribute: Attribute) -> Tensor:
        if attribute.file is None:
            return self.vae.directions[attribute.row][None]
        file = attribute.file
        return self._directions.get(file, lambda: self._opened(file))[attribute.row][None]

    def _opened(self, file: int) -> Tensor:
        with scratch_folder("attributes") as folder:
            path = folder / "attributes.safetensors"
            path.write_bytes(self._read(file))
            found = attributes.read(Path(path), latent=self.vae.config.latent, sha256=self._sha256)
        return torch.from_numpy(found.values).to(self._device)

    def _seen(self, file: int, name: str) -> np.ndarray:
        return read_picture(self._read(file), where=name)
