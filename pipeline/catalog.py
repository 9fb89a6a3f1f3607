"""Every model that Atelier knows by name, and how a checkpoint of one's own becomes one.

Torch-free: a submitter's laptop checks names and digests here. weights.py reads tensors, models/ builds networks.
"""

from __future__ import annotations

import difflib
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pipeline.errors import ModelError
from pipeline.headers import architecture_said, tensor_names
from pipeline.layouts import STYLE, check_style

ASSETS = Path(__file__).parent / "assets"
"""Where the shipped weights are."""

Role = Literal["style", "painting", "encoder", "decoder", "generator", "upscaler", "designer", "mover", "illustrator"]
"""What a network does: paints the style it has learnt; paints as any painting; is one half of AdaIN; makes pictures of
numbers alone; enlarges them; designs, from numbers to pictures and back; moves figures; or makes pictures of words."""

OFFICIAL = "nvidia-pkl"
"""What we call the architecture of NVIDIA's pickles, which name none."""

ARCHITECTURES = {
    "atelier-style-1": "pipeline.models.style:load",
    "fns": "pipeline.models.fns:load",
    "atelier-any-1": "pipeline.models.any_painting:load",
    "adain-encoder": "pipeline.models.adain:load_encoder",
    "adain-decoder": "pipeline.models.adain:load_decoder",
    "atelier-upscale-1": "pipeline.models.upscale:load",
    "stylegan2": "pipeline.models.stylegan.files:load",
    "stylegan3": "pipeline.models.stylegan.files:load",
    OFFICIAL: "pipeline.models.stylegan.files:load_official",
    "atelier-vae-1": "pipeline.models.vae.files:load",
    "atelier-motion-1": "pipeline.models.motion.files:load",
    "atelier-words-1": "pipeline.models.words.files:load",
}
"""Architecture, as safetensors metadata names it → the function that loads it."""

FOLDERS = {
    "diffusers": "pipeline.diffusion.loading:load",
    "atelier": "pipeline.diffusion.own:load",
    "speech": "pipeline.speech.loading:load",
}
"""Library → what loads a model of its own, which is a folder of files: `load(folder, device, precision)`."""

_ROLES: dict[str, Role] = {
    "atelier-any-1": "painting",
    "adain-encoder": "encoder",
    "adain-decoder": "decoder",
    "atelier-upscale-1": "upscaler",
    "stylegan2": "generator",
    "stylegan3": "generator",
    OFFICIAL: "generator",
    "atelier-vae-1": "designer",
    "atelier-motion-1": "mover",
    "atelier-words-1": "illustrator",
}
"""Of every architecture that is no style."""

_KEYS = {"fns": "conv1.conv2d.weight", "adain-encoder": "0.weight", "adain-decoder": "1.weight"}
"""A tensor by which files that name no architecture are told apart. First come, first served."""

TORCH_SUFFIXES = (".pth", ".pt")
"""Files of torch.save; they name no architecture, so that it is told by their tensors."""

SUFFIXES = (".safetensors", *TORCH_SUFFIXES)
"""Files that hold networks that paint."""

OFFICIAL_SUFFIX = ".pkl"

GENERATOR_SUFFIXES = (".safetensors", OFFICIAL_SUFFIX)
"""Files that hold generators."""

DESIGNER_SUFFIXES = (".safetensors",)
"""Files that hold networks that design."""

MOVER_SUFFIXES = (".safetensors",)
"""Files that hold networks that move figures."""

ILLUSTRATOR_SUFFIXES = (".safetensors",)
"""Files that hold networks that make pictures of words."""

ANY_PAINTING = "any-painting"
"""The shipped network that paints as any painting."""

UPSCALER = "upscaler"
"""The shipped network that enlarges pictures."""


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
    kind: Role = "style"
    credit: str = ""
    """Whose painting it learnt from, or where the checkpoint lay."""

    @property
    def path(self) -> Path:
        """The weights file on this machine."""
        return ASSETS / self.weights


def _style(name: str, sha256: str, title: str, credit: str) -> Model:
    """A painting's style in our own network, trained by us with bench/train_styles.py."""
    return Model(
        name=name,
        entry=ARCHITECTURES["atelier-style-1"],
        weights=f"styles/{name}.safetensors",
        sha256=sha256,
        licence="CC BY 4.0",
        title=title,
        credit=f"{credit} (public domain)",
    )


_SHIPPED = (
    _style(
        "starry-night",
        "855ac4d059d669de34e82de6e70a3014b9c3d1930a5beba30ae46a0c4579c7db",
        "The Starry Night",
        "Vincent van Gogh, The Starry Night, 1889",
    ),
    _style(
        "great-wave",
        "c2258b8237d451c830ea5a5c928490b30a16508344f0e04a19b7390487cf8827",
        "The Great Wave",
        "Katsushika Hokusai, The Great Wave off Kanagawa, 1831",
    ),
    _style(
        "the-scream",
        "6400812e046bf3042acf5e8d90566292bd80d947182731a0ad6186e3608b6e19",
        "The Scream",
        "Edvard Munch, The Scream, 1893",
    ),
    _style(
        "wheat-field",
        "b1ff30f48da46adca145cd2f0ada4f49e2a9fac92bb0a4b1b7ca2ca9d53a0759",
        "Wheat Field with Cypresses",
        "Vincent van Gogh, Wheat Field with Cypresses, 1889",
    ),
    _style(
        "night-cafe",
        "eaa3884287ae800d0935f11923dbee5835ef8b3077dcd7845cb50c2f0773ba0a",
        "The Night Café",
        "Vincent van Gogh, The Night Café, 1888",
    ),
    _style(
        "shipwreck",
        "4f7e4c6b7f85243c9a670eec80ce97be20bab09d9bdb371c827f58d7b554e50f",
        "The Wreck of a Transport Ship",
        "J. M. W. Turner, The Wreck of a Transport Ship, about 1810",
    ),
    Model(
        name="any-painting",
        entry=ARCHITECTURES["atelier-any-1"],
        weights="any/atelier-any-1.safetensors",
        sha256="715fc4fbf7c3acc5afa742c8044cef4c8a9838871748164277215e18eee15fbf",
        licence="CC BY 4.0",
        title="Any painting",
        kind="painting",
        credit="trained by Atelier; takes the style of whatever painting it is given",
    ),
    Model(
        name="rooms",
        entry=ARCHITECTURES["atelier-vae-1"],
        weights="designers/rooms.safetensors",
        sha256="bf6013cb0b7227671114c65f9667381fbf9a2c162942bbe0d511fe0c3ecd26eb",
        licence="CC BY 4.0",
        title="Living rooms, 128 px",
        kind="designer",
        credit="rooms that Atelier draws",
    ),
    Model(
        name="portraits",
        entry=ARCHITECTURES["stylegan2"],
        weights="generators/portraits.safetensors",
        sha256="95b82dba94fe89242c29d4435c0a875f347068667ca448b5c623114f25d81bf7",
        licence="CC BY 4.0",
        title="Portraits of nobody, 128 px",
        kind="generator",
        credit="portraits that Atelier draws",
    ),
    Model(
        name="cmu",
        entry=ARCHITECTURES["atelier-motion-1"],
        weights="movers/cmu.safetensors",
        sha256="37e64e55179440a90d03181c975fbfee2595be43fc625e83d9aa811408889a7a",
        licence="CC BY 4.0",
        title="Walk, run, jump, punch, bend, sword, wash",
        kind="mover",
        credit="CMU Graphics Lab Motion Capture Database, mocap.cs.cmu.edu",
    ),
    Model(
        name=UPSCALER,
        entry=ARCHITECTURES["atelier-upscale-1"],
        weights="upscalers/upscaler.safetensors",
        sha256="a6409f3d9ff1565bd8dd4f7a551aa9e704abb5548256d854aa3af18858649beb",
        licence="CC BY 4.0",
        title="Twice as large",
        kind="upscaler",
        credit="rooms and portraits that Atelier draws",
    ),
)

MODELS: dict[str, Model] = {model.name: model for model in _SHIPPED}
"""Name → model, for everything that ships."""


def find(style: str, also: Mapping[str, Path] = MappingProxyType({})) -> Model:
    """The network that has learnt a style: of a shipped name, one of `also`, or a path of a checkpoint.

    `also`: names that users gave to checkpoints of their own; a shipped name goes first.
    Raises: ModelError if no such name or file is known, or the file holds no style that Atelier can build.
    """
    if style in MODELS:
        model = MODELS[style]
    elif style in also:
        model = _checkpoint(also[style], name=style)
    elif Path(style).suffix in SUFFIXES:
        model = _checkpoint(Path(os.path.expanduser(style)).absolute(), name=style)
    elif Path(style).suffix == OFFICIAL_SUFFIX:
        raise ModelError(f"{style}: {_INSTEAD['generator']}")
    else:
        raise ModelError(_unknown(style, [*shipped("style"), *also]))
    if model.kind != "style":
        raise ModelError(f"{style}: {_INSTEAD[model.kind]}")
    return model


def find_generator(name: str, also: Mapping[str, Path] = MappingProxyType({}), *, known_as: str = "") -> Model:
    """The network that makes pictures of numbers: of a shipped name, one of `also`, or a path of a checkpoint.

    `also`: names that users gave to generators of their own; a shipped name goes first. `known_as`: what its user calls
    it, if that is not the path.
    Raises: ModelError if no such name or file is known, or the file holds no generator.
    """
    model = _named(name, also, known_as, "generator", GENERATOR_SUFFIXES)
    if model.kind in ("designer", "mover", "illustrator"):
        raise ModelError(f"{known_as or name}: {_INSTEAD[model.kind]}")
    if model.kind == "upscaler":
        raise ModelError(f"{known_as or name}: {_ENLARGES}; give a generator")
    if model.kind != "generator":
        raise ModelError(f"{known_as or name}: {_PAINTS} or give a generator")
    return model


def find_designer(name: str, also: Mapping[str, Path] = MappingProxyType({}), *, known_as: str = "") -> Model:
    """The network that designs: of a shipped name, one of `also`, or a path of a checkpoint.

    `also` and `known_as` are as in `find_generator`.
    Raises: ModelError if no such name or file is known, or the file holds no network that designs.
    """
    model = _named(name, also, known_as, "designer", DESIGNER_SUFFIXES)
    if model.kind == "generator":
        makes = "makes pictures and cannot tell what one is made of; write kind: portraits with it as `model`"
        raise ModelError(f"{known_as or name}: {makes}")
    if model.kind == "upscaler":
        raise ModelError(f"{known_as or name}: {_ENLARGES}; give a designer")
    if model.kind in ("mover", "illustrator"):
        raise ModelError(f"{known_as or name}: {_INSTEAD[model.kind]}")
    if model.kind != "designer":
        raise ModelError(f"{known_as or name}: {_PAINTS} or give a designer")
    return model


def find_mover(name: str, also: Mapping[str, Path] = MappingProxyType({}), *, known_as: str = "") -> Model:
    """The network that moves figures: of a shipped name, one of `also`, or a path of a checkpoint.

    `also` and `known_as` are as in `find_generator`.
    Raises: ModelError if no such name or file is known, or the file holds no network that moves figures.
    """
    model = _named(name, also, known_as, "mover", MOVER_SUFFIXES)
    if model.kind != "mover":
        raise ModelError(f"{known_as or name}: is {SAID[model.kind]} and moves nobody; give a generator of motions")
    return model


def find_illustrator(name: str, also: Mapping[str, Path] = MappingProxyType({}), *, known_as: str = "") -> Model:
    """Our kind of network that makes pictures of words: of a shipped name, one of `also`, or a path of a checkpoint.

    `also` and `known_as` are as in `find_generator`.
    Raises: ModelError if no such name or file is known, or the file holds something else.
    """
    model = _named(name, also, known_as, "illustrator", ILLUSTRATOR_SUFFIXES)
    if model.kind != "illustrator":
        raise ModelError(f"{known_as or name}: is {SAID[model.kind]} and reads no words; give a model that does")
    return model


def _named(
    name: str,
    also: Mapping[str, Path],
    known_as: str,
    role: Literal["generator", "designer", "mover", "illustrator"],
    suffixes: tuple[str, ...],
) -> Model:
    """What has a name, or lies at a path, whatever it does. Raises: ModelError if that is nothing."""
    if name in MODELS:
        return MODELS[name]
    if name in also:
        return _checkpoint(also[name], name=name)
    if Path(name).suffix in (*SUFFIXES, OFFICIAL_SUFFIX):
        return _checkpoint(Path(os.path.expanduser(name)).absolute(), name=known_as or name)
    raise ModelError(_unknown_model(name, _WANTED[role], [*shipped(role), *also], suffixes))


def checkpoint(path: Path) -> Model:
    """The network in a file, whatever it does.

    Raises: ModelError if there is no such file, or no network that Atelier builds in it.
    """
    return _checkpoint(path, name=str(path))


def find_painter() -> Model:
    """The shipped network that paints as any painting.

    Raises: ModelError if this copy of Atelier has none.
    """
    if ANY_PAINTING not in MODELS:
        raise ModelError("this copy of Atelier has no network for any painting; name an `encoder` and a `decoder`")
    return MODELS[ANY_PAINTING]


def find_upscaler(name: str = UPSCALER) -> Model:
    """The network that enlarges pictures: the shipped one, or a path of a checkpoint.

    Raises: ModelError if there is no such file, or it holds something else, or this copy of Atelier has none.
    """
    if name in MODELS:
        model = MODELS[name]
    elif Path(name).suffix == ".safetensors":
        model = _checkpoint(Path(os.path.expanduser(name)).absolute(), name=name)
    else:
        known = ", ".join(shipped("upscaler")) or "none"
        raise ModelError(f"unknown upscaler {name!r}; known are {known}; or give a path to a .safetensors file")
    if model.kind != "upscaler":
        raise ModelError(f"{name}: is {SAID[model.kind]} and enlarges nothing; give an upscaler, or leave it out")
    return model


def find_half(path: str, role: Literal["encoder", "decoder"]) -> Model:
    """AdaIN's encoder or decoder in a checkpoint.

    Raises: ModelError if there is no such file, or it holds something else.
    """
    model = _checkpoint(Path(path), name=path)
    if model.kind != role:
        raise ModelError(f"{path}: holds no AdaIN {role} but {SAID[model.kind]}; {role}s are called {_USUAL[role]}")
    return model


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


_PAINTS = "paints pictures and makes none; write kind: film with it as `style`,"
_ENLARGES = "enlarges pictures and makes none"

SAID = {
    "style": "a style",
    "painting": "a network for any painting",
    "encoder": "an encoder",
    "decoder": "a decoder",
    "generator": "a generator",
    "upscaler": "an upscaler",
    "designer": "a designer",
    "mover": "a generator of motions",
    "illustrator": "a model of pictures from words",
}
"""What people are told that a network is."""

_WANTED = {"generator": "generator", "designer": "designer", "mover": "generator of motions", "illustrator": "model"}
"""What people are told that they asked for."""

_USUAL = {"encoder": "vgg_normalised.pth", "decoder": "decoder.pth"}
_HALF = "half of AdaIN; write style: {painting: my.jpg, encoder: vgg_normalised.pth, decoder: decoder.pth}"
_INSTEAD = {
    "painting": "paints as a painting that it is given; write style: {painting: my.jpg}",
    "encoder": f"is an encoder, {_HALF}",
    "decoder": f"is a decoder, {_HALF}",
    "generator": "is a generator, which makes pictures and paints none; write kind: portraits with it as `model`",
    "upscaler": "is an upscaler, which enlarges pictures and paints none; give a style",
    "designer": "is a designer, whose pictures are its own; write kind: interiors with it as `model`",
    "mover": "is a generator of motions, which moves figures; write kind: motion with it as `model`",
    "illustrator": "makes pictures of words and paints none; write kind: diffusion with it as `model`",
}
"""What to write if a network is named as something else than it is."""


def _checkpoint(path: Path, *, name: str) -> Model:
    if not path.is_file():
        raise ModelError(f"{path}: no such checkpoint; name an existing {_files(path.suffix)} file")
    architecture = OFFICIAL if path.suffix == OFFICIAL_SUFFIX else _architecture(path)
    if architecture == STYLE:
        check_style(path)
    return Model(
        name=name,
        entry=ARCHITECTURES[architecture],
        weights=str(path),
        sha256=digest(path),
        licence="the checkpoint owner's",
        title=path.stem,
        kind=_ROLES.get(architecture, "style"),
        credit=f"{path.name}, read as {architecture}",
    )


def _architecture(path: Path) -> str:
    said = architecture_said(path) if path.suffix == ".safetensors" else None
    if said in ARCHITECTURES:
        return said
    if said is None:
        names = tensor_names(path)
        for architecture, key in _KEYS.items():
            if key in names:
                return architecture
    what = f"its metadata names the architecture {said!r}" if said else "it names no architecture, nor do its tensors"
    raise ModelError(f"{path}: {what}; Atelier builds {', '.join(ARCHITECTURES)}")


def _unknown(style: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(style.lower(), known, n=1, cutoff=0.5)
    guess = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"unknown style {style!r}; {guess}known are {', '.join(known)}; or give a path to a {_files()} file"


def _unknown_model(name: str, what: str, known: list[str], suffixes: tuple[str, ...]) -> str:
    nearest = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
    guess = f"did you mean {nearest[0]!r}? " if nearest else ""
    listed = f"known are {', '.join(known)}; or give" if known else "give"
    return f"unknown {what} {name!r}; {guess}{listed} a path to a {' or '.join(suffixes)} file"


def shipped(role: Role) -> list[str]:
    """Names of the models that ship and do this."""
    return [name for name, model in MODELS.items() if model.kind == role]


def _files(suffix: str = "") -> str:
    if suffix == OFFICIAL_SUFFIX:
        return " or ".join(GENERATOR_SUFFIXES)
    *others, last = SUFFIXES
    return f"{', '.join(others)} or {last}"
