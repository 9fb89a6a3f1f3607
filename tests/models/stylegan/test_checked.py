"""Dataclasses that say what is wrong with them: kinds, bounds, unknown and missing keys, by the field's dotted name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.models.stylegan.config import GeneratorConfig, MappingConfig
from pipeline.models.stylegan.design import stylegan2, stylegan3

CONFIG = stylegan2(16, z_dim=8, w_dim=8, channel_base=64, channel_max=8)


@pytest.mark.parametrize("config", [CONFIG, stylegan3(16, channel_base=64, channel_max=8)])
def test_json_gives_the_same_again(config: GeneratorConfig) -> None:
    assert GeneratorConfig.from_json(config.to_json()) == config


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("mapping.z_dim", 1.5, r"mapping\.z_dim: should be a whole number"),
        ("mapping.z_dim", True, r"mapping\.z_dim: should be a whole number"),
        ("mapping.widths", [8], r"mapping\.widths: entries should be greater than or equal to 2"),
        ("mapping.widths", [8, 0], r"mapping\.widths\.1: number should be greater than or equal to 1"),
        ("mapping.rate", 0, r"mapping\.rate: number should be greater than 0"),
        ("mapping.rate", 1e999, r"mapping\.rate: should be a finite number"),
        ("mapping.w_dims", 8, r"mapping\.w_dims: is no key there"),
        ("synthesis.clamp", "much", r"synthesis\.clamp: should be a number"),
        ("synthesis.architecture", "other", r"synthesis\.architecture: should be skip or orig or resnet"),
        ("synthesis.channels", 8, r"synthesis\.channels: should be a list"),
        ("synthesis", 8, r"synthesis: should be keys and values"),
        ("num_ws", 1000, r"num_ws: number should be less than or equal to 128"),
    ],
)
def test_what_is_wrong_is_named(path: str, value: Any, said: str) -> None:
    values = json.loads(CONFIG.to_json())
    *parts, last = path.split(".")
    within = values
    for part in parts:
        within = within[part]
    within[last] = value
    with pytest.raises(ValueError, match=f"^{said}$"):
        GeneratorConfig.from_json(json.dumps(values))


def test_what_is_missing_is_named() -> None:
    values = json.loads(CONFIG.to_json())
    del values["synthesis"]["resolution"]
    with pytest.raises(ValueError, match=r"^synthesis\.resolution: is missing$"):
        GeneratorConfig.from_json(json.dumps(values))


def test_they_are_checked_when_made_by_hand_too() -> None:
    with pytest.raises(ValueError, match=r"^z_dim: number should be greater than or equal to 0$"):
        MappingConfig(z_dim=-1, w_dim=8, widths=(8, 8))
