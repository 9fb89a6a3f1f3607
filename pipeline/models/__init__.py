"""One file per network family; each has `load(weights, device)`. `open_model` finds the right one for a catalog row.

Torch-free itself: a submitter's laptop reads from stylegan/config.py what a generator can do.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from pipeline.errors import ModelError

if TYPE_CHECKING:
    import torch
    from torch import nn

    from pipeline.catalog import Model


def open_model(model: Model, device: torch.device | str = "cpu") -> nn.Module:
    """The model's network on the device, ready to paint, after its weights' digest was checked.

    Raises: ModelError if it cannot be loaded; IntegrityError if the weights are not those the row names.
    """
    from pipeline import weights

    weights.verify(model.path, model.sha256)
    module, _, function = model.entry.partition(":")
    try:
        load = getattr(import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ModelError(f"{model.name}: no loader {model.entry!r} exists; a row names it module:function") from error
    return load(model.path, device)
