"""Which tensors a style network of ours has, so that a checkpoint that cannot be loaded is refused before any job runs.

Torch-free. models/style.py builds the network; a test compares the two.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import ModelError
from pipeline.headers import header

STYLE = "atelier-style-1"
"""The architecture that is known here."""

_LARGEST = 512


def style_shapes(*, half: int, quarter: int, blocks: int) -> dict[str, tuple[int, ...]]:
    """Name → shape of every tensor. `half` and `quarter`: channels at half and at a quarter of the size."""
    shapes: dict[str, tuple[int, ...]] = {"encoder.7.amount": (quarter,)}

    def layer(name: str, *weight: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = weight, weight[:1]

    layer("encoder.1", half, 12, 3, 3)
    layer("encoder.2", half)
    layer("encoder.4", quarter, half, 3, 3)
    layer("encoder.5", quarter)
    for block in range(blocks):
        for convolution, norm in ((0, 1), (3, 4)):
            layer(f"residuals.{block}.body.{convolution}", quarter, quarter, 3, 3)
            layer(f"residuals.{block}.body.{norm}", quarter)
    layer("decoder.1", half, quarter, 3, 3)
    layer("decoder.2", half)
    layer("decoder.4", half // 2, half, 3, 3)
    layer("decoder.5", half // 2)
    layer("decoder.8", 3, half // 2, 5, 5)
    return shapes


def check_style(path: Path) -> None:
    """Return if the safetensors file's metadata and its tensors' names and shapes are those of a style of ours.

    Raises: ModelError if they are not, or the file is damaged.
    """
    metadata, found = header(path)
    wanted = style_shapes(**style_sizes(path, metadata))
    if odd := sorted(wanted.keys() ^ found.keys()):
        what = "lacks" if odd[0] in wanted else "has the unknown"
        raise ModelError(f"{path}: is no {STYLE} checkpoint: it {what} {odd[0]} ({len(odd)} names differ)")
    for name, shape in found.items():
        if shape != wanted[name]:
            raise ModelError(
                f"{path}: is not the {STYLE} checkpoint that its metadata tells of: {name} is {shape} "
                f"where {wanted[name]} belongs"
            )


def style_sizes(path: Path, metadata: dict[str, str]) -> dict[str, int]:
    """What a checkpoint's metadata says of its channels and blocks. Raises: ModelError."""
    try:
        sizes = {key: int(metadata[key]) for key in ("half", "quarter", "blocks")}
    except (KeyError, ValueError) as error:
        raise ModelError(
            f"{path}: its metadata lacks whole numbers for half, quarter and blocks; train the style again"
        ) from error
    if not all(1 <= size <= _LARGEST for size in sizes.values()):
        raise ModelError(f"{path}: its metadata asks for a network of {sizes}; each must be between 1 and {_LARGEST}")
    return sizes
