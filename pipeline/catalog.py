"""Every model that Atelier knows by name, and how a checkpoint of one's own becomes one.

Torch-free: a submitter's laptop checks names and digests here. weights.py reads tensors, models/ builds networks.
"""

from __future__ import annotations

import difflib
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from safetensors import SafetensorError, safe_open

from pipeline.errors import ModelError

ASSETS = Path(__file__).parent / "assets"
"""Where the shipped weights are."""

ARCHITECTURES = {
    "atelier-style-1": "pipeline.models.style:load",
    "fns": "pipeline.models.fns:load",
}
"""Architecture, as safetensors metadata names it → the function that loads it."""

TORCH_SUFFIXES = (".pth", ".pt")
"""Files of torch.save; they name no architecture, and are taken for pytorch/examples' fast_neural_style."""


@dataclass(frozen=True)
class Model:
    """One network with its weights. `sha256` is part of what a job renders: other weights are another model."""

    name: str
    """As job files call it; of a checkpoint, its path."""
    entry: str
    """`module:function`, called as `load(weights, device)`."""
    weights: str
    """Relative to `ASSETS`, or absolute."""
    sha256: str
    """Of the weights file, in hexadecimal."""
    licence: str
    title: str
    kind: Literal["style"] = "style"
    credit: str = ""
    """Whose painting it learnt from, or where the checkpoint lay."""

    @property
    def path(self) -> Path:
        """The weights file on this machine."""
        return ASSETS / self.weights


# Weights are replaced by training anew with bench/train_styles.py; the digest is the file's.
_SHIPPED = (
    Model(
        name="starry-night",
        entry="pipeline.models.style:load",
        weights="styles/starry-night.safetensors",
        sha256="855ac4d059d669de34e82de6e70a3014b9c3d1930a5beba30ae46a0c4579c7db",
        licence="CC BY 4.0",
        title="The Starry Night",
        credit="Vincent van Gogh, The Starry Night, 1889 (public domain)",
    ),
    Model(
        name="great-wave",
        entry="pipeline.models.style:load",
        weights="styles/great-wave.safetensors",
        sha256="c2258b8237d451c830ea5a5c928490b30a16508344f0e04a19b7390487cf8827",
        licence="CC BY 4.0",
        title="The Great Wave",
        credit="Katsushika Hokusai, The Great Wave off Kanagawa, 1831 (public domain)",
    ),
    Model(
        name="the-scream",
        entry="pipeline.models.style:load",
        weights="styles/the-scream.safetensors",
        sha256="6400812e046bf3042acf5e8d90566292bd80d947182731a0ad6186e3608b6e19",
        licence="CC BY 4.0",
        title="The Scream",
        credit="Edvard Munch, The Scream, 1893 (public domain)",
    ),
)

MODELS: dict[str, Model] = {model.name: model for model in _SHIPPED}
"""Name → model, for everything that ships."""


def find(style: str) -> Model:
    """The model of a shipped name, or of a path that ends in .safetensors, .pth or .pt.

    Raises: ModelError if no such name or file is known, or the file is of no architecture that Atelier can build.
    """
    if style in MODELS:
        return MODELS[style]
    path = Path(style).expanduser()
    if path.suffix not in (".safetensors", *TORCH_SUFFIXES):
        raise ModelError(_unknown(style))
    path = path.absolute()
    if not path.is_file():
        raise ModelError(f"{path}: no such checkpoint; name an existing .safetensors, .pth or .pt file")
    architecture = _architecture(path)
    return Model(
        name=style,
        entry=ARCHITECTURES[architecture],
        weights=str(path),
        sha256=digest(path),
        licence="the checkpoint owner's",
        title=path.stem,
        credit=f"{path.name}, read as {architecture}",
    )


def digest(path: Path) -> str:
    """The file's SHA-256 in hexadecimal, computed once for each version of the file.

    Raises: ModelError if the file cannot be read.
    """
    try:
        status = path.stat()
        return _digest(path, status.st_size, status.st_mtime_ns)
    except OSError as error:
        raise ModelError(f"{path}: the checkpoint cannot be read ({error.strerror}); check path and rights") from error


@lru_cache(maxsize=256)
def _digest(path: Path, size: int, modified_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _architecture(path: Path) -> str:
    if path.suffix in TORCH_SUFFIXES:
        return "fns"
    try:
        with safe_open(path, framework="numpy") as file:
            said = (file.metadata() or {}).get("architecture")
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path}: is no whole safetensors file ({error}); copy or train it again") from error
    if said not in ARCHITECTURES:
        raise ModelError(
            f"{path}: its metadata names {f'the architecture {said!r}' if said else 'no architecture'}; "
            f"Atelier builds {', '.join(ARCHITECTURES)}"
        )
    return said


def _unknown(style: str) -> str:
    nearest = difflib.get_close_matches(style.lower(), MODELS, n=1, cutoff=0.5)
    guess = f"did you mean {nearest[0]!r}? " if nearest else ""
    shipped = ", ".join(MODELS)
    return f"unknown style {style!r}; {guess}shipped are {shipped}; or give a path to a .safetensors, .pth or .pt file"
