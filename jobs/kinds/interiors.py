"""The interiors kind: designs that an autoencoder makes of seeds, a picture or favourites; strips of one design as its
attributes grow; and a film that goes from one to another. How it is planned; its keys are interiors_keys.py's."""

from __future__ import annotations

import hashlib
from difflib import get_close_matches
from fractions import Fraction
from pathlib import PurePosixPath

from jobs.config import Settings
from jobs.kinds.base import FieldProblem, Kind
from jobs.kinds.design_files import DesignFiles
from jobs.kinds.designers import designer_of
from jobs.kinds.interiors_keys import INTERPOLATION, MOVIE, SHEET, InteriorsSpec
from jobs.kinds.interpolations import Interpolation, brief_of, is_seeds, paced_film
from jobs.kinds.pictures_then_film import check_count, chunks_of
from jobs.kinds.seeds import begins_of, count_of, numbers_of
from jobs.kinds.values import BOARD, check_narrowest, movies
from jobs.records import ModelRef, Plan
from pipeline.board import letters
from pipeline.board.brief import BoardBrief, BoardStrip
from pipeline.board.check import check_board
from pipeline.catalog import find_upscaler
from pipeline.errors import InputError
from pipeline.film.access import basename
from pipeline.interiors.brief import (
    LARGEST_PX,
    Attribute,
    Edit,
    FilmBrief,
    InteriorsBrief,
    Keyframe,
    Strip,
)
from pipeline.models.vae.config import VaeConfig

_LARGER = 4
"""Times the network's own size, where nobody says how large pictures leave."""

_FILM_PX = 512

_ALIKE = 0.7
"""Of an attribute's name and a misspelt one; below it, the guess would be another word."""

_MOST_NAMED = 10_000
"""Designs of a job with strips, each of which has a name in the plan."""


def plan(spec: InteriorsSpec, settings: Settings) -> Plan:
    """Look at the model and at what designs start from, and cut the frames into chunks."""
    model, config = designer_of(spec.model, settings)
    _check_keys(spec)
    size = _size(spec.size, min(LARGEST_PX, _LARGER * config.size_px), config, "size")
    files = DesignFiles(model, config, settings)
    brief = _brief(spec, config, files, size, settings)
    _check_refine(spec, brief)
    deliver = _movies_and_pictures(spec)
    _check_movies(spec, brief, deliver)
    models = (model,) if not brief.upscaler else (model, _upscaler())
    pictures = brief.designs + sum(len(strip.amounts) for strip in brief.strips)
    frames = pictures + (brief.film.frames if brief.film else 0)
    # Strips and film have the numbers after the last seed.
    numbers = brief.seeds or ((0, 1),)
    names = _names(spec, brief, pictures)
    return Plan(
        job="",
        kind="interiors",
        priority=spec.priority,
        queue="gpu",
        fingerprint=_fingerprint(models, files),
        frames=frames,
        first=numbers[0][1],
        numbers=numbers if len(numbers) > 1 else (),
        numbered="seed" if brief.seeds and not names else "frame",
        chunks=chunks_of(pictures, frames, spec.chunk or settings.chunk_frames),
        models=models,
        files=files.found,
        style=brief.model,
        deliver=deliver,
        output=spec.output,
        stem=brief.model,
        names=names,
        film_begins=pictures if brief.film else 0,
        loops=brief.film is not None and brief.film.loop,
        rate=_film(spec).rate if brief.film else None,
        board=_board(spec, brief, names, frames),
        origin="composed" if brief.keep is not None else "generated",
        inputs=brief.model_dump(mode="json"),
        notes=_notes(brief),
    )


def _brief(spec: InteriorsSpec, config: VaeConfig, files: DesignFiles, size: int, settings: Settings) -> InteriorsBrief:
    """Everything but what only the whole of it tells."""
    designs = count_of(spec.seeds) if spec.seeds is not None else 1 if spec.around is not None else 0
    check_count("seeds", designs, "designs", settings)
    around = files.picture(spec.around, "around") if spec.around is not None else None
    parents = tuple(files.picture(url, "breed", number) for number, url in enumerate(spec.breed or ()))
    keep = files.mask(spec.keep, spec.around) if spec.keep is not None and spec.around is not None else None
    known = files.attributes(spec.attributes)
    edits = tuple(
        Edit(attribute=_attribute(name, known, "edit", name), amount=amount) for name, amount in spec.edit.items()
    )
    strips = _strips(spec, known, designs)
    pictures = designs + sum(len(strip.amounts) for strip in strips)
    film = _film_brief(spec, config, files, size)
    if film is not None:
        check_count("film", pictures + film.frames, "pictures and frames of film", settings)
    largest = max([*([size] if pictures else []), *([film.size] if film else [])])
    return InteriorsBrief(
        model=PurePosixPath(spec.model).stem,
        resolution=config.size_px,
        size=size,
        upscaler=find_upscaler().name if largest > config.size_px else "",
        seeds=begins_of(spec.seeds) if spec.seeds is not None else (),
        designs=designs,
        truncation=spec.truncation,
        pictures=files.pictures,
        around=around,
        parents=parents,
        vary=spec.vary,
        keep=keep,
        settle=spec.settle,
        refine=spec.refine,
        edits=edits,
        strips=strips,
        film=film,
        film_begins=pictures if film else 0,
    )


def _attribute(name: str, known: dict[str, Attribute], *keys: str | int) -> Attribute:
    """Raises: FieldProblem, at these keys, if nobody learned it."""
    if name in known:
        return known[name]
    nearest = get_close_matches(name.lower(), known, n=1, cutoff=_ALIKE)
    guess = f"did you mean {nearest[0]!r}? " if nearest else ""
    listed = f"known are {', '.join(known)}" if known else "the model knows none; give a file of them as `attributes`"
    raise FieldProblem(keys, f"{keys[0]}: unknown attribute {name!r}; {guess}{listed}")


def _size(asked: int | None, default: int, config: VaeConfig, *keys: str) -> int:
    """Pixels of a side. Raises: FieldProblem if they are too few or too many."""
    size = default if asked is None else asked
    if not config.size_px <= size <= LARGEST_PX:
        least_to_most = f"{config.size_px}, the model's own, to {LARGEST_PX} px"
        raise FieldProblem(
            keys, f"{'.'.join(keys)}: designs cannot leave at {size:,} px; their size is {least_to_most}"
        )
    return size


def _design_of(seed: int, spec: InteriorsSpec, *keys: str) -> int:
    """The frame of a seed's design. Raises: FieldProblem if the job has no such seed."""
    for begins, first, last in _rows(spec):
        if first <= seed <= last:
            return begins + seed - first
    has = f"which has {spec.seeds}" if spec.seeds is not None else "which has no seeds"
    raise FieldProblem(keys, f"{keys[0]}: there is no seed {seed} in the job, {has}; add it, or name one of these")


def _rows(spec: InteriorsSpec) -> list[tuple[int, int, int]]:
    """Frame, first and last seed of each row of seeds."""
    if spec.seeds is None:
        return []
    begins = begins_of(spec.seeds)
    ends = [*(frame for frame, _ in begins[1:]), count_of(spec.seeds)]
    return [(frame, seed, seed + end - frame - 1) for (frame, seed), end in zip(begins, ends, strict=True)]


def _strips(spec: InteriorsSpec, known: dict[str, Attribute], designs: int) -> tuple[Strip, ...]:
    if spec.strips is None:
        return ()
    if designs > _MOST_NAMED:
        most = f"a job with strips has at most {_MOST_NAMED:,}"
        raise FieldProblem("strips", f"strips: the job has {designs:,} designs, and {most}")
    if not designs:
        raise FieldProblem("strips", "strips: the job has a film and no designs; add seeds, or `around`")
    of = 0 if spec.strips.of is None else _design_of(spec.strips.of, spec, "strips", "of")
    amounts = spec.strips.amounts
    return tuple(
        Strip(
            attribute=_attribute(name, known, "strips", "attributes", number),
            of=of,
            begins=designs + number * len(amounts),
            amounts=amounts,
        )
        for number, name in enumerate(spec.strips.attributes)
    )


def _film(spec: InteriorsSpec) -> Interpolation:
    return spec.film or Interpolation()


def _film_brief(spec: InteriorsSpec, config: VaeConfig, files: DesignFiles, size: int) -> FilmBrief | None:
    """The film that was asked for, or that an interpolation takes."""
    if spec.film is None and INTERPOLATION not in spec.deliver:
        return None
    film = _film(spec)
    is_all = spec.seeds is None and spec.around is None and spec.size is not None
    px = _size(film.size, size if is_all else max(config.size_px, min(size, _FILM_PX)), config, "film", "size")
    if film.through is None:
        return _film_of_all(spec, film, px)
    keyframes: list[Keyframe] = []
    for number, item in enumerate(film.through):
        if is_seeds(item):
            seeds = numbers_of(item)
            keyframes += [Keyframe(design=_design_of(seed, spec, "film", "through")) for seed in seeds]
        elif spec.keep is not None:
            right = "it goes through the job's designs, which all keep the same"
            raise FieldProblem(
                ("film", "through"), f"film: {item} is no design of the job, and `keep` is there; {right}"
            )
        else:
            keyframes.append(Keyframe(picture=files.picture(item, "film", "through", number)))
    said = ", ".join(item if is_seeds(item) else basename(item) for item in film.through)
    return brief_of(film, tuple(keyframes), said=said, size=px)


def _film_of_all(spec: InteriorsSpec, film: Interpolation, px: int) -> FilmBrief:
    designs = 1 if spec.seeds is None else count_of(spec.seeds)
    if designs < 2:
        key = "film" if spec.film is not None else "deliver"
        right = "add seeds, or film: {through: [a.png, b.png]}"
        raise FieldProblem(key, f"{key}: a film goes from design to design, and the job has one; {right}")
    return brief_of(film, tuple(Keyframe(design=frame) for frame in range(designs)), said=spec.seeds or "", size=px)


def _upscaler() -> ModelRef:
    found = find_upscaler()
    return ModelRef(name=found.name, entry=found.entry, weights=found.weights, sha256=found.sha256)


def _fingerprint(models: tuple[ModelRef, ...], files: DesignFiles) -> str:
    digests = [*(model.sha256 for model in models), *(file.sha256 for file in files.found)]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def _names(spec: InteriorsSpec, brief: InteriorsBrief, pictures: int) -> tuple[str, ...]:
    """What pictures are called, where it is not their seeds alone: strips after their designs and amounts."""
    if not pictures or (brief.seeds and not brief.strips):
        return ()
    names = [_design_name(brief, frame) for frame in range(brief.designs)]
    if spec.strips is not None:
        for strip in brief.strips:
            begin = f"{names[strip.of]}-{strip.attribute.name}"
            names += [f"{begin}{spec.strips.said(amount)}" for amount in strip.amounts]
    return tuple(names)


def _design_name(brief: InteriorsBrief, frame: int) -> str:
    seed = brief.seed_of(frame)
    return PurePosixPath(brief.pictures[brief.around or 0].name).stem if seed is None else f"seed{seed:04d}"


def _board(spec: InteriorsSpec, brief: InteriorsBrief, names: tuple[str, ...], frames: int) -> BoardBrief | None:
    if BOARD not in spec.deliver:
        return None
    title = spec.title or PurePosixPath(spec.output.rstrip("/")).name or brief.model
    strips = (
        BoardStrip(
            attribute=strip.attribute.name,
            of=names[strip.of],
            frames=tuple(range(strip.begins, strip.begins + len(strip.amounts))),
            amounts=strip.amounts,
        )
        for strip in brief.strips
    )
    board = BoardBrief(
        title=title,
        # It names files, which may be called anything.
        subtitle=letters.shown(f"{brief.model} · {brief.said()}"),
        proposals=tuple(range(brief.designs)),
        strips=tuple(strips),
    )
    try:
        check_board(board, frames)
    except InputError as error:
        key = "title" if str(error).startswith("title") else "deliver"
        raise FieldProblem(key, str(error)) from error
    return board


def _notes(brief: InteriorsBrief) -> tuple[str, ...]:
    """What is taken for a photograph: somebody may have thought that it is a design."""
    seen = [picture.name for picture in brief.pictures if not picture.is_design]
    return tuple(f"{name} tells no latent of this model; what it shows is looked for" for name in seen)


def _check_keys(spec: InteriorsSpec) -> None:
    """That no key says what nothing listens to. Raises: FieldProblem."""
    starts = spec.around is not None or spec.breed is not None
    if spec.keep is not None and spec.around is None:
        raise FieldProblem("keep", "keep: is a mask over the picture `around`, and there is none; add around: my.png")
    if "vary" in spec.model_fields_set and not starts:
        raise FieldProblem("vary", "vary: seeds vary nothing; add the picture that they vary, around: favourite.png")
    if "vary" in spec.model_fields_set and spec.seeds is None:
        raise FieldProblem("vary", "vary: each variation has a seed; add seeds: 0-11")
    if "truncation" in spec.model_fields_set and (starts or spec.seeds is None):
        raise FieldProblem("truncation", "truncation: is of designs from seeds alone; leave it out, or write `vary`")
    if "settle" in spec.model_fields_set and spec.seeds is None:
        raise FieldProblem("settle", "settle: is of designs from seeds, and there are none; leave it out")
    if spec.title is not None and BOARD not in spec.deliver:
        raise FieldProblem("title", "title: is the board's, and `deliver` names none; write deliver: [png, board]")


def _check_refine(spec: InteriorsSpec, brief: InteriorsBrief) -> None:
    seen = any(not picture.is_design for picture in brief.pictures)
    if "refine" in spec.model_fields_set and brief.keep is None and not seen:
        raise FieldProblem(
            "refine", "refine: there is no photograph to come closer to, and nothing to keep; leave it out"
        )


def _movies_and_pictures(spec: InteriorsSpec) -> tuple[str, ...]:
    """What is delivered besides contact sheet and board."""
    names = (MOVIE if name == INTERPOLATION else name for name in spec.deliver if name not in (SHEET, BOARD))
    return tuple(dict.fromkeys(names))


def _check_movies(spec: InteriorsSpec, brief: InteriorsBrief, deliver: tuple[str, ...]) -> None:
    """Movies are made of the film."""
    moving = movies(deliver)
    if brief.film is None and moving:
        hint = "; did you mean 'webp-still'?" if moving == ["webp"] else ""
        raise FieldProblem("deliver", f"deliver: {', '.join(moving)} shows a film; add `film: true`{hint}")
    if brief.film is not None and brief.designs and not moving:
        right = f"write deliver: [png, {INTERPOLATION}]"
        raise FieldProblem("film", f"film: is there, and `deliver` names no movie; {right}")
    if brief.film is not None:
        check_narrowest(moving, brief.film.size)


def paced(spec: InteriorsSpec, seconds: Fraction, rate: Fraction) -> InteriorsSpec:
    """The same, its film so long and at that rate as far as nobody said how long it is, or at which rate."""
    if spec.film is None:
        return spec
    designs = 1 if spec.seeds is None else count_of(spec.seeds)
    return spec.model_copy(update={"film": paced_film(spec.film, designs, seconds, rate)})


INTERIORS = Kind(
    spec=InteriorsSpec,
    plan=plan,
    paced=paced,
    painter="pipeline.interiors.painter:InteriorsPainter",
    summary="designs of rooms, from seeds, pictures or favourites",
    noun="picture",
)
