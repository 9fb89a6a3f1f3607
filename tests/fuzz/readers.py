"""Our own ways of reading each kind of file, from its path to its pixels, samples or tensors."""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from pathlib import Path

import av

from pipeline import provenance
from pipeline.errors import MediaError, ModelError
from pipeline.film.audio import sound_of, span_of
from pipeline.film.decode import read_frames
from pipeline.film.deliverables import DELIVERABLES
from pipeline.film.probe import probe
from pipeline.film.source import Source
from pipeline.images import decode_image, read_picture
from pipeline.motion import amc, asf, bvh, bvh_text, labels
from pipeline.motion.features import features_of
from pipeline.motion.retarget import retarget
from pipeline.provenance.inspect import inspect
from pipeline.speech import speakers
from tests.fuzz import seeds
from tests.motion import making

_FRAMES = 6
_TRACKS = ("h264", "h264-mkv")
"""One has sound encoded to what it can carry, the other copies more kinds of it."""


def read(kind: str, path: Path) -> None:
    """Read the file as Atelier does. Raises: AtelierError if it cannot be."""
    if kind in seeds.PICTURES:
        _read_picture(path)
    elif kind in seeds.FILMS:
        _read_film(path)
    elif kind in seeds.MARKED:
        inspect(path)
    elif kind in seeds.SPEAKERS:
        _read_speaker(path)
    elif kind in seeds.MOTION:
        _read_motion(kind, path)
    else:
        _read_checkpoint(kind, path)


def _read_picture(path: Path) -> None:
    data = path.read_bytes()
    for deep in (False, True):
        decode_image(data, deep=deep, where=str(path))
    read_picture(data, where=str(path))
    with suppress(MediaError):
        provenance.latent_of(provenance.read(data) or {})
    with suppress(MediaError):
        inspect(path)
    source = probe(str(path))
    list(read_frames(source, 0, min(source.frames, _FRAMES)))


def _read_film(path: Path) -> None:
    with suppress(MediaError):
        inspect(path)
    source = probe(str(path))
    for _ in read_frames(source, 0, min(source.frames, _FRAMES)):
        pass
    for _ in read_frames(source, source.frames - 1, source.frames, deep=True):
        pass
    if source.kind == "film" and source.audio_codec is not None:
        _read_sound(source)


def _read_sound(source: Source) -> None:
    for name in _TRACKS:
        row = DELIVERABLES[name]
        with ExitStack() as closing, av.open(os.devnull, "w", format=row.container) as output:
            sound = sound_of(source, span_of(source, 0, source.frames), output, row, closing=closing, options=None)
            for _ in sound.packets:
                pass


def _read_motion(kind: str, path: Path) -> None:
    data, where = path.read_bytes(), str(path)
    if kind == "bvh":
        clip = bvh.clip_of(bvh_text.parse(data, where))
    elif kind == "amc":
        clip = amc.parse(data, asf.parse(making.ASF.encode(), "whole.asf"), where)
    elif kind == "asf":
        clip = amc.parse(making.AMC.encode(), asf.parse(data, where), "whole.amc")
    else:
        labels.read(data, where)
        return
    bvh_text.serialised(bvh.bvh_of(clip))
    with suppress(MediaError):
        features_of(retarget(clip))


def _read_speaker(path: Path) -> None:
    with suppress(ModelError):
        speakers.vector(path.read_bytes(), str(path))
    speakers.prompt([path.read_bytes()], str(path))


def _read_checkpoint(kind: str, path: Path) -> None:
    if kind == "artwork-state":
        from pipeline.artwork.state import unpack

        unpack(path.read_bytes(), "ab" * 32)
        return
    if kind == "npz":
        from pipeline.models.vgg import load_vgg

        load_vgg(path)
        return
    if kind == "pkl":
        from pipeline.generators import described
        from pipeline.official import read_generator, read_networks

        with suppress(ModelError):
            described(path)
        with suppress(ModelError):
            read_networks(path)
        read_generator(path)
        return
    from pipeline import catalog, headers, weights

    for look in (catalog.find, headers.tensor_names, weights.read):
        try:
            look(str(path) if look is catalog.find else path)  # type: ignore[operator]
        except (ModelError, MediaError):
            # The others must stand it as well.
            continue
