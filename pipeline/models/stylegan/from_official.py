"""NVIDIA's pickled generators as ours: what the pickle says of each layer becomes our configuration.

official_outline.py reads the file. Nothing here depends on what training defaults were when a network was made: each
module carries its own sizes and constants, and those are taken. Torch-free.

Source: the layout of the checkpoints of NVlabs/stylegan2-ada-pytorch and NVlabs/stylegan3.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.errors import ModelError
from pipeline.models.stylegan.config import (
    GeneratorConfig,
    Layer3Config,
    MappingConfig,
    Synthesis2Config,
    Synthesis3Config,
)
from pipeline.official_outline import Outline


class _Facts:
    """What a pickled network says of itself, by dotted name."""

    def __init__(self, outline: Outline, where: str):
        self.tensors, self._said, self.where = outline.tensors, outline.attributes, where

    def shape(self, name: str) -> tuple[int, ...]:
        """Raises: ModelError if there is no such tensor."""
        if name not in self.tensors:
            raise ModelError(f"{self.where}: its generator has no {name}; give StyleGAN2's or StyleGAN3's checkpoint")
        return self.tensors[name].shape

    def get(self, name: str, default: Any = None) -> Any:
        """What a module says under a dotted name; where none says it, `default`."""
        return self._said.get(name, default)

    def need(self, name: str) -> Any:
        """Raises: ModelError if no module says so."""
        if (value := self._said.get(name)) is None:
            raise ModelError(f"{self.where}: does not say its generator's {name}; pickle the whole network again")
        return value

    def whole(self, name: str) -> int:
        """A whole number, which some layers keep for width and height."""
        return int(np.ravel(self.need(name))[0])


def configuration(outline: Outline, where: str) -> GeneratorConfig:
    """What a pickled generator is. `where` names the file.

    Raises: ModelError if it is no StyleGAN2 or StyleGAN3 generator, or does something that ours do not.
    """
    facts = _Facts(outline, where)
    try:
        synthesis = _synthesis3(facts) if "synthesis.input.freqs" in facts.tensors else _synthesis2(facts)
        return GeneratorConfig(mapping=_mapping(facts), synthesis=synthesis, num_ws=facts.whole("mapping.num_ws"))
    except (TypeError, ValueError, IndexError, OverflowError) as error:
        raise ModelError(f"{where}: holds a generator of sizes that no StyleGAN has ({error})") from error


def _mapping(facts: _Facts) -> MappingConfig:
    count = 0
    while f"mapping.fc{count}.weight" in facts.tensors:
        count += 1
    shapes = [facts.shape(f"mapping.fc{layer}.weight") for layer in range(max(count, 1))]
    embed = facts.shape("mapping.embed.weight") if "mapping.embed.weight" in facts.tensors else None
    _check_activation(facts, "mapping.fc0", "lrelu")
    return MappingConfig(
        z_dim=facts.whole("mapping.z_dim"),
        w_dim=shapes[-1][0],
        c_dim=embed[1] if embed else 0,
        widths=(shapes[0][1], *(shape[0] for shape in shapes)),
        embed_features=embed[0] if embed else 0,
        rate=float(facts.need("mapping.fc0.bias_gain")),
    )


def _synthesis2(facts: _Facts) -> Synthesis2Config:
    resolution = facts.whole("synthesis.img_resolution")
    sizes = [4]
    while sizes[-1] < resolution:
        sizes.append(2 * sizes[-1])
    last = f"synthesis.b{sizes[-1]}"
    for size in sizes:
        _check_activation(facts, f"synthesis.b{size}.conv1", "lrelu")
    clamp = facts.get(f"{last}.conv1.conv_clamp")
    return Synthesis2Config(
        w_dim=facts.whole("synthesis.w_dim"),
        resolution=resolution,
        picture_channels=facts.shape(f"{last}.torgb.weight")[0],
        channels=tuple(facts.shape(f"synthesis.b{size}.conv1.weight")[0] for size in sizes),
        architecture=facts.need(f"{last}.architecture"),
        clamp=None if clamp is None else float(clamp),
        noisy=f"{last}.conv1.noise_strength" in facts.tensors,
        taps=facts.shape(f"{last}.resample_filter")[0],
    )


def _synthesis3(facts: _Facts) -> Synthesis3Config:
    names = facts.need("synthesis.layer_names")
    clamp = facts.get(f"synthesis.{names[0]}.conv_clamp")
    return Synthesis3Config(
        w_dim=facts.whole("synthesis.w_dim"),
        resolution=facts.whole("synthesis.img_resolution"),
        picture_channels=facts.whole("synthesis.img_channels"),
        input_channels=facts.shape("synthesis.input.weight")[0],
        input_size=facts.whole("synthesis.input.size"),
        sampling_rate=float(facts.need("synthesis.input.sampling_rate")),
        bandwidth=float(facts.need("synthesis.input.bandwidth")),
        layers=tuple(_layer3(facts, name) for name in names),
        clamp=None if clamp is None else float(clamp),
        output_scale=float(facts.need("synthesis.output_scale")),
    )


def _layer3(facts: _Facts, name: str) -> Layer3Config:
    at = f"synthesis.{name}"
    outputs, inputs, kernel, _ = facts.shape(f"{at}.weight")
    up, down = facts.tensors.get(f"{at}.up_filter"), facts.tensors.get(f"{at}.down_filter")
    left, right, top, bottom = (int(side) for side in facts.need(f"{at}.padding"))
    return Layer3Config(
        name=name,
        inputs=inputs,
        outputs=outputs,
        kernel=kernel,
        up=facts.whole(f"{at}.up_factor"),
        down=facts.whole(f"{at}.down_factor"),
        up_taps=0 if up is None else up.shape[0],
        down_taps=0 if down is None else down.shape[0],
        radial=down is not None and len(down.shape) == 2,
        padding=(left, right, top, bottom),
        shows=bool(facts.need(f"{at}.is_torgb")),
    )


def _check_activation(facts: _Facts, layer: str, known: str) -> None:
    found = facts.get(f"{layer}.activation", known)
    if found != known:
        raise ModelError(f"{facts.where}: {layer} has the activation {found!r}; Atelier builds networks with {known}")
