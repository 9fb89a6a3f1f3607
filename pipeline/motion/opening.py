"""A file of motion capture as a clip, whatever its format: BVH, or AMC with the ASF file that belongs to it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from pipeline.errors import MediaError
from pipeline.motion import amc, asf, bvh, bvh_text
from pipeline.motion.clip import Clip

SUFFIXES = (".bvh", ".amc")


def open_clip(path: Path, *, rate: Fraction | None = None, unit_m: float = bvh.CENTIMETRE) -> Clip:
    """The clip on its own skeleton. `rate`: frames a second, where the file says none or a wrong one.

    `unit_m`: metres of a BVH file's unit; retargeting needs none. An AMC file without `rate` is taken for CMU's.
    Raises: SourceMissing, AccessDenied, MediaError if it, or its skeleton, cannot be used.
    """
    suffix = path.suffix.casefold()
    if suffix == ".bvh":
        clip = bvh.clip_of(bvh_text.read(path), unit_m=unit_m)
        return clip if rate is None else replace(clip, rate=rate)
    if suffix == ".amc":
        return amc.read(path, _skeleton(skeleton_file(path)), rate=rate or amc.CMU_RATE)
    raise _unread(str(path))


def parsed(
    data: bytes,
    name: str,
    *,
    skeleton: tuple[bytes, str] | None = None,
    rate: Fraction | None = None,
    unit_m: float = bvh.CENTIMETRE,
) -> Clip:
    """The same of a file's bytes. `name`: what its user calls it, with its ending. `skeleton`: the ASF file of an AMC
    file, and what it is called.

    Raises: MediaError if it, or its skeleton, cannot be used.
    """
    suffix = Path(name).suffix.casefold()
    if suffix == ".bvh":
        clip = bvh.clip_of(bvh_text.parse(data, name), unit_m=unit_m)
        return clip if rate is None else replace(clip, rate=rate)
    if suffix == ".amc" and skeleton is not None:
        return amc.parse(data, asf.parse(*skeleton), name, rate=rate or amc.CMU_RATE)
    raise _unread(name)


def skeleton_file(path: Path) -> Path:
    """The ASF file of an AMC file: of its name, of its subject's (`02.asf` of `02_01.amc`), or the only one beside it.

    Raises: MediaError if there is none, or more than one and none of them by name.
    """
    for stem in (path.stem, path.stem.rpartition("_")[0]):
        if stem and (named := path.with_name(f"{stem}.asf")).exists():
            return named
    beside = sorted(path.parent.glob("*.asf"))
    if len(beside) != 1:
        wanted = f"{path.stem.rpartition('_')[0] or path.stem}.asf"
        raise MediaError(f"{path}: its skeleton is not beside it; put the ASF file there as {wanted}")
    return beside[0]


def _unread(name: str) -> MediaError:
    return MediaError(f"{name}: is no file of motion that is read; give .bvh, or .amc with its .asf")


@lru_cache(maxsize=64)
def _skeleton_as_it_is(path: Path, _: int) -> asf.Acclaim:
    return asf.read(path)


def _skeleton(path: Path) -> asf.Acclaim:
    return _skeleton_as_it_is(path, path.stat().st_mtime_ns)
