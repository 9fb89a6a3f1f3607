"""Styles made of styles: some layers take another picture's, or are moved along a direction.

Source: Karras et al., arXiv:1812.04948, section 3.1; rows, columns and layers as in the official tool.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from pipeline.errors import ConfigError


def mixed(rows: Tensor, columns: Tensor, layers: Sequence[int]) -> Tensor:
    """Styles `(N, num_ws, w_dim)` that are `columns` in these layers and `rows` in all others.

    Raises: ConfigError if a layer is none of the network's.
    """
    check_layers(layers, rows.shape[1])
    styles = rows.clone()
    styles[:, list(layers)] = columns[:, list(layers)]
    return styles


def table(rows: Tensor, columns: Tensor, layers: Sequence[int]) -> Tensor:
    """Every row mixed with every column: `(R, num_ws, w_dim)` and `(C, num_ws, w_dim)` to `(R, C, num_ws, w_dim)`.

    Raises: ConfigError if a layer is none of the network's.
    """
    height, width = len(rows), len(columns)
    each_row = rows.repeat_interleave(width, 0)
    each_column = columns.repeat(height, 1, 1)
    return mixed(each_row, each_column, layers).unflatten(0, (height, width))


def edited(ws: Tensor, direction: Tensor, *, strength: float, layers: Sequence[int] | None = None) -> Tensor:
    """Styles `(N, num_ws, w_dim)`, moved along a direction `(w_dim,)` or `(num_ws, w_dim)` in these layers, or in all.

    Raises: ConfigError if a layer is none of the network's.
    """
    chosen = range(ws.shape[1]) if layers is None else layers
    check_layers(chosen, ws.shape[1])
    where = torch.zeros(ws.shape[1], 1, device=ws.device, dtype=ws.dtype)
    where[list(chosen)] = strength
    return ws + where * direction.to(ws)


def check_layers(layers: Sequence[int], num_ws: int) -> None:
    """Raises: ConfigError if there are no layers, or one is none of the network's."""
    if not len(layers):
        raise ConfigError(f"layers: name at least one, 0 to {num_ws - 1}")
    if odd := [layer for layer in layers if not 0 <= layer < num_ws]:
        raise ConfigError(f"layers: there is no layer {odd[0]}; the network has {num_ws}, 0 to {num_ws - 1}")
