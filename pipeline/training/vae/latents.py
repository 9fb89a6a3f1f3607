"""Where the pictures that were learnt lie in the latent space, and which way their attributes lie there.

Source: Ghosh et al., arXiv:1903.12436, section 4.1 (a Gaussian over the latents that there are); Burda et al.,
arXiv:1509.00519, appendix C (active numbers). Directions are least squares of latents on attributes, all at once: so
each says what changes with its attribute while the others stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.models.vae.network import Posterior

ACTIVE = 0.01
"""A latent number is active if its mean varies by more than this over pictures."""

_RIDGE = 1e-3
"""Of a standard deviation: so that attributes that go together still have an answer."""
_LEAST = 1e-4
_FEWEST = 3
"""Pictures, on either side, to read anything off."""


class Spread(NamedTuple):
    """A Gaussian over latents."""

    centre: Tensor
    """`(latent,)`."""
    root: Tensor
    """L of the covariance L Lᵀ, lower triangular: `(latent, latent)`."""


def joined(parts: list[Posterior]) -> Posterior:
    """Batches as one."""
    return Posterior(torch.cat([part.mean for part in parts]), torch.cat([part.log_variance for part in parts]))


def active(posterior: Posterior) -> int:
    """How many latent numbers tell pictures apart."""
    return int((posterior.mean.var(0) > ACTIVE).sum())


def spread_of(posterior: Posterior) -> Spread:
    """Of pictures' posteriors `(N, latent)`: what their mixture's mean and covariance are.

    What numbers do together is taken for count / (count + latent) of what it seems, which is less the fewer pictures
    there are for each number; what each does alone stays.
    """
    means = posterior.mean.double()
    count, latent = means.shape
    centre = means.mean(0)
    covariance = (means - centre).T @ (means - centre) / max(1, count - 1)
    own = covariance.diagonal()
    share = count / (count + latent)
    covariance = covariance * share + torch.diag(own * (1 - share))
    covariance += torch.diag(posterior.log_variance.double().exp().mean(0) + _LEAST)
    return Spread(centre.float(), torch.linalg.cholesky(covariance).float())


def directions_of(z: Tensor, attributes: Tensor, ridges: Sequence[float] = ()) -> tuple[Tensor, Tensor]:
    """How latents `(N, latent)` move with attributes `(N, K)`, for each standard deviation of theirs: `(K, latent)`.

    And how much of each attribute can be read off the latent again: R², `(K,)`.

    `ridges`, where there are few pictures, and latents are normal numbers: one of each attribute. Numbers that have
    nothing to do with each other seem to in few pictures, and what seems to go with an attribute because of that is
    taken out, the more of it the smaller the ridge.
    Pictures of which something is not known, not a number, are left out. An attribute that does not vary has no
    direction: zeros.
    """
    whole = attributes.isfinite().all(1)
    latents, known = z[whole].double(), attributes[whole].double()
    centred = latents - latents.mean(0)
    deviations = known.std(0)
    told = torch.where(deviations > 0, (known - known.mean(0)) / deviations.clamp(min=1e-12), torch.zeros_like(known))
    count = len(latents)
    gram, along = centred.T @ centred / count, centred.T @ told / count
    back = solved(gram, along)
    if ridges:
        back = torch.cat([solved(gram, along[:, [k]], ridge) for k, ridge in enumerate(ridges)], 1)
        along = torch.stack([_evened(gram, back[:, k], ridge) for k, ridge in enumerate(ridges)], 1)
    directions = solved(told.T @ told / count, along.T)
    left = (told - centred @ back).square().mean(0)
    read = torch.where(deviations > 0, 1 - left / told.square().mean(0).clamp(min=1e-12), torch.zeros_like(left))
    return torch.where(deviations[:, None] > 0, directions, 0.0).float(), read.float()


def directions_where_known(z: Tensor, attributes: Tensor) -> Tensor:
    """Directions as `directions_of`; attributes that are known of every picture are learnt from every picture, and not
    from those alone of which all is known."""
    directions, _ = directions_of(z, attributes)
    everywhere = attributes.isfinite().all(0)
    if everywhere.any() and not everywhere.all():
        directions[everywhere] = directions_of(z, attributes[:, everywhere])[0]
    return directions


def read_off(posterior: Posterior, known: Tensor, unseen: Posterior, theirs: Tensor) -> Tensor:
    """How much of each attribute a linear map reads off the latents of pictures that it was not fitted to: R², `(K,)`.

    `known`, `theirs`: attributes `(N, K)` of either; each is asked of the pictures of which it is known. 0 where that
    is no better than the mean, or nothing varies.
    """
    columns = zip(known.T.double(), theirs.T.double(), strict=True)
    read = [_read_one(posterior.mean.double(), one, unseen.mean.double(), other) for one, other in columns]
    return torch.stack(read).float() if read else torch.zeros(0)


def _read_one(means: Tensor, known: Tensor, unseen: Tensor, theirs: Tensor) -> Tensor:
    whole, told = known.isfinite(), theirs.isfinite()
    if whole.sum() < _FEWEST or told.sum() < _FEWEST:
        return torch.zeros((), dtype=known.dtype)
    z, values, wanted = means[whole], known[whole], theirs[told]
    centred, mean = z - z.mean(0), values.mean()
    back = solved(centred.T @ centred / len(z), (centred.T @ (values - mean) / len(z))[:, None])[:, 0]
    left = (wanted - mean - (unseen[told] - z.mean(0)) @ back).square().mean()
    spread = (wanted - wanted.mean()).square().mean()
    return torch.where(spread > 0, 1 - left / spread.clamp(min=1e-12), 0.0).clamp(min=0)


def solved(gram: Tensor, wanted: Tensor, ridge: float = _RIDGE) -> Tensor:
    """The solution of (gram + ridge) x = wanted, `(n, k)`; the ridge is a part of the gram's mean diagonal."""
    return torch.linalg.solve(_ridged(gram, ridge), wanted)


def _ridged(gram: Tensor, ridge: float) -> Tensor:
    width = ridge * gram.diagonal().mean().clamp(min=1e-9)
    return gram + width * torch.eye(len(gram), dtype=gram.dtype)


def _evened(gram: Tensor, back: Tensor, ridge: float) -> Tensor:
    """How latents vary with what `back` `(latent,)` reads off them, were their covariance a multiple of one.

    In length as if nothing were lost: what the ridge and too few pictures take from a direction, on average over all
    directions, is given back.
    """
    kept = torch.linalg.solve(_ridged(gram, ridge), gram).diagonal().mean()
    return back * gram.diagonal().mean() / kept.clamp(min=1e-9)
