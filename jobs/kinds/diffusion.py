"""The diffusion kind: pictures that a diffusion model makes of words, or of words and pictures.

The job is a grid, settings by prompts by seeds, one picture each. Planning reads configurations and headers, and no
weights but for their digests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from jobs.config import Settings
from jobs.copywriter.prompts import PicturesBrief, write_prompts
from jobs.desk import Desk
from jobs.kinds import prompts
from jobs.kinds.base import FieldProblem, Kind
from jobs.kinds.blocklist import blocked
from jobs.kinds.diffusion_control import places
from jobs.kinds.diffusion_film import check_prompt, plan_film
from jobs.kinds.diffusion_keys import SHEET, DiffusionSpec, size_of
from jobs.kinds.diffusion_model import pinned
from jobs.kinds.pictures_then_film import check_count, chunks_of
from jobs.kinds.prompts import Prompt
from jobs.kinds.seeds import begins_of, count_of
from jobs.kinds.values import check_pixels, wants_deep_pictures
from jobs.pictures import picture_file, picture_size
from jobs.records import FileRef, ModelRef, Plan
from pipeline.diffusion.brief import DiffusionBrief, LoraBrief, Setting, Subject
from pipeline.diffusion.families import SAMPLERS, Task, check_sampler
from pipeline.diffusion.own_described import AnyModel
from pipeline.errors import InputError, ModelError
from pipeline.film.access import basename

_STRENGTHS: dict[Task, float | None] = {
    "generate": None,
    "image-to-image": 0.6,
    "inpaint": 1.0,
    "upscale": 0.3,
    "film": 0.5,
}
"""How far pictures are left where nobody says it."""

_MOST_NAMED = 100_000
"""Each picture of a grid has a name in the plan."""

_MOST_TOLD = 20
"""Prompts that are wrong, of which a message tells."""


@dataclass
class _Pictures:
    """The user's pictures of a job, each looked at once."""

    settings: Settings
    files: list[FileRef] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def place(self, url: str) -> int:
        """Its place among the plan's files. Raises: InputError if it is none."""
        if url not in self.places:
            options = self.settings.store_options()
            file = picture_file(url, options, self.settings.limits())
            self.sizes[url] = picture_size(url, options)
            self.places[url] = len(self.files)
            self.files.append(file)
        return self.places[url]

    def look(self, url: str) -> tuple[int, tuple[int, int]]:
        """Its place among the plan's files, and its width and height in px. Raises: as `place`."""
        return self.place(url), self.sizes[url]


def plan(spec: DiffusionSpec, settings: Settings) -> Plan:
    """Look at the model's files, and cut the grid into chunks."""
    model, described = pinned(
        spec.model,
        spec.task,
        settings,
        config=spec.config,
        loras=[lora.path for lora in spec.lora],
        controls=[(control.model, control.mode) for control in spec.control],
        pickles=spec.allow_pickle,
    )
    try:
        described.check_task(spec.task, model.name)
    except ModelError as error:
        key = "task" if "task" in spec.model_fields_set else "model"
        raise FieldProblem(key, f"{key}: {error}") from error
    grid = tuple(_settings(spec, described, settings))
    pictures = _Pictures(settings)
    wanted = _prompts(spec, settings)
    if spec.task == "film":
        check_prompt(wanted)
    seeds = count_of(spec.seeds)
    count = len(wanted) * max(1, len(spec.image or ())) * seeds * len(grid)
    check_count("seeds", count, "pictures", settings)
    if count > _MOST_NAMED and (len(wanted) > 1 or len(grid) > 1):
        said = f"the grid has {count:,} pictures; at most {_MOST_NAMED:,} are made at once"
        raise FieldProblem("seeds", f"seeds: {said}")
    subjects = tuple(_subjects(spec, wanted, described, pictures, settings))
    _check_any(spec, subjects)
    brief = DiffusionBrief(
        model=model.name,
        family=described.family.name,
        task=spec.task,
        precision=spec.precision,
        subjects=subjects,
        seeds=begins_of(spec.seeds),
        seeds_each=seeds,
        settings=grid,
        loras=tuple(LoraBrief(name=basename(lora.path), weight=lora.weight) for lora in spec.lora),
        controls=tuple(control.brief() for control in spec.control),
        skips=spec.on_error == "skip",
    )
    if spec.task == "film":
        return plan_film(spec, settings, model=model, described=described, brief=brief)
    inputs = brief.model_dump(mode="json", exclude_defaults=True)
    # Of one prompt and one setting, seeds tell the pictures apart.
    is_row = len(subjects) == len(grid) == 1
    numbers = begins_of(spec.seeds) if is_row else ((0, 1),)
    deliver = tuple(name for name in spec.deliver if name != SHEET)
    return Plan(
        job="",
        kind="diffusion",
        priority=spec.priority,
        queue="gpu",
        fingerprint=_fingerprint(model, pictures),
        frames=brief.frames,
        first=numbers[0][1],
        numbers=numbers if len(numbers) > 1 else (),
        numbered="seed" if is_row else "frame",
        chunks=chunks_of(brief.frames, brief.frames, spec.chunk or settings.chunk_frames),
        models=(model,),
        files=tuple(pictures.files),
        style=model.name,
        on_error=spec.on_error,
        deliver=deliver,
        output=spec.output,
        stem=basename(model.name),
        names=() if is_row else tuple(_names(brief)),
        deep=wants_deep_pictures(deliver),
        manifest=True,
        origin="generated" if spec.task == "generate" else "composed",
        inputs=inputs,
        notes=(
            *_asked(spec.brief, settings),
            *dict.fromkeys(f"left out: {subject.problem}" for subject in subjects if subject.problem),
        ),
    )


def _settings(spec: DiffusionSpec, model: AnyModel, settings: Settings) -> Iterator[Setting]:
    """Every combination of what the file says of steps, guidance, scheduler, strength and size."""
    family = model.family
    for name in spec.scheduler or ():
        try:
            check_sampler(name, family)
        except ModelError as error:
            raise FieldProblem("scheduler", f"scheduler: {error}") from error
    if spec.negative and not family.takes_negatives:
        raise FieldProblem("negative", f"negative: {family.title} learnt none; leave it out")
    sizes = [size_of(text) for text in spec.size or ()]
    for size in sizes:
        if why := model.refusal(size):
            raise FieldProblem("size", f"size: {why}")
        check_pixels("size", "size", *size, settings)
    if not sizes and spec.task == "generate":
        check_pixels("model", "model", *model.usual, settings)
    if times := family.enlarges:
        if "scale" in spec.model_fields_set and spec.scale != times:
            raise FieldProblem("scale", f"scale: {family.title} makes pictures {times} times as large; leave it out")
        if spec.strength:
            raise FieldProblem("strength", f"strength: {family.title} makes pictures anew; leave it out")
    usual = None if times else _STRENGTHS[spec.task]
    strengths: list[float | None] = [*spec.strength] if spec.strength else [usual]
    schedulers: list[str | None] = [*spec.scheduler] if spec.scheduler else [None]
    steps = spec.steps or [family.steps]
    _check_steps(schedulers, steps)
    for few, strength in product(steps, strengths):
        if strength is not None and int(few * strength) < 1:
            said = f"steps x strength is below 1, {few} x {strength:g}; write more of either"
            key = "strength" if spec.strength else "steps"
            raise FieldProblem(key, f"{key}: {said}")
    for size, scheduler, few, guidance, strength in product(
        sizes or [model.usual], schedulers, steps, spec.guidance or [model.guidance], strengths
    ):
        yield Setting(steps=few, guidance=guidance, scheduler=scheduler, strength=strength, size=size)


def _check_steps(schedulers: list[str | None], steps: list[int]) -> None:
    """Raises: FieldProblem if a scheduler learnt fewer."""
    for name in filter(None, schedulers):
        if max(steps) > (most := SAMPLERS[name].most):
            raise FieldProblem("steps", f"steps: {name} takes at most {most}, and not {max(steps)}; write fewer")


def _prompts(spec: DiffusionSpec, settings: Settings) -> tuple[Prompt, ...]:
    if spec.brief is not None:
        return prompts.listed(_written(spec.brief, settings), spec.negative, spec.variables)
    if isinstance(spec.prompts, str):
        return prompts.read(spec.prompts, spec.negative, spec.variables, settings.store_options())
    return prompts.listed(spec.prompts or [], spec.negative, spec.variables)


def _written(brief: PicturesBrief, settings: Settings) -> list[str]:
    """A brief's prompts; of those that nobody has written yet, what they are about. Raises: FieldProblem."""
    missing = max(0, brief.prompts - len(brief.written))
    if missing and settings.copy_url is None:
        said = f"{missing} prompts are not written, for no endpoint is set (ATELIER_COPY_URL)"
        raise FieldProblem(
            "brief", f"brief: {said}; write prompts: [a red door] instead, or `written` within the brief"
        )
    return [*brief.written, *[brief.about.replace("{", "(").replace("}", ")")] * missing]


def _asked(brief: PicturesBrief | None, settings: Settings) -> tuple[str, ...]:
    """What people should know of prompts that nobody has written yet."""
    missing = 0 if brief is None else brief.prompts - len(brief.written)
    if missing <= 0:
        return ()
    some = f"{missing} prompt{'s' if missing > 1 else ''}"
    return (f"brief: {some} would be asked of {settings.copy_model} on submission; they are part of the job",)


def prepare(spec: DiffusionSpec, desk: Desk) -> DiffusionSpec:
    """Let a language model write the prompts that the job file asks it for."""
    if spec.brief is None:
        return spec

    def check(text: str) -> str:
        word = blocked(desk.config, (text,))
        return f"has {word!r}, which may not be used" if word else ""

    return spec.model_copy(update={"brief": write_prompts(spec.brief, desk, check)})


def lacks(spec: DiffusionSpec) -> str | None:
    """The key whose words are not written yet."""
    return "brief" if spec.brief is not None and len(spec.brief.written) < spec.brief.prompts else None


def _subjects(
    spec: DiffusionSpec,
    wanted: tuple[Prompt, ...],
    model: AnyModel,
    pictures: _Pictures,
    settings: Settings,
) -> Iterator[Subject]:
    """Each prompt with each of the pictures that it is to begin with."""
    digits = max(4, len(str(len(wanted))))
    taken: set[str] = set()
    for number, prompt in enumerate(wanted, 1):
        images = [prompt.image] if prompt.image else spec.image or [""]
        for place, image in enumerate(images, 1):
            name = prompt.name or f"{number:0{digits}d}"
            name += f"-image{place}" if len(images) > 1 else ""
            while name.casefold() in taken:
                name = f"{name}-{number:0{digits}d}"
            taken.add(name.casefold())
            yield _subject(spec, prompt, image, name, model, pictures, settings)


def _subject(
    spec: DiffusionSpec,
    prompt: Prompt,
    image: str,
    name: str,
    model: AnyModel,
    pictures: _Pictures,
    settings: Settings,
) -> Subject:
    try:
        if prompt.wrong:
            raise InputError(prompt.wrong)
        if why := model.misses(prompt.text):
            raise InputError(why)
        negative = prompts.filled(spec.negative if prompt.negative is None else prompt.negative, prompt.variables)
        if negative and not model.family.takes_negatives:
            raise InputError(f"negative: {model.family.title} learnt none; leave it out")
        if word := blocked(settings, (prompt.text, negative)):
            raise InputError(
                f"{prompt.text[:60]!r} holds {word!r}, which is on this farm's list of words not to be used"
            )
        picture, mask, size = _begun(spec, prompt, image, model, pictures, settings)
        # A film's frames lead themselves.
        controls, led = places(() if spec.task == "film" else spec.control, prompt, image, pictures.look)
        if led is not None and spec.task == "generate" and not spec.size:
            size = model.nearest(led)
            check_pixels("control", "control", *size, settings)
        return Subject(
            prompt=prompt.text, negative=negative, name=name, picture=picture, mask=mask, controls=controls, size=size
        )
    except InputError as error:
        said = str(error) if prompt.wrong else f"prompt {name}: {error}"
        return Subject(prompt=prompt.text, name=name, problem=said)


def _begun(
    spec: DiffusionSpec,
    prompt: Prompt,
    image: str,
    model: AnyModel,
    pictures: _Pictures,
    settings: Settings,
) -> tuple[int | None, int | None, tuple[int, int] | None]:
    """Places of picture and mask, and the size that the picture asks for. Raises: InputError."""
    if spec.task in ("generate", "film"):
        if prompt.image or prompt.mask:
            raise InputError("has a picture, which task: generate takes none of; write task: image-to-image")
        return None, None, None
    if not image:
        raise InputError(f"has no picture to begin with; add a column {prompts.IMAGE}, or write image: photo.jpg")
    picture = pictures.place(image)
    own = pictures.sizes[image]
    times = (model.family.enlarges or spec.scale) if spec.task == "upscale" else 1
    size = None if spec.size else model.nearest((round(own[0] * times), round(own[1] * times)))
    if size is not None:
        check_pixels("image", "image", *size, settings)
    if spec.task != "inpaint":
        return picture, None, size
    url = prompt.mask or spec.mask or ""
    if not url:
        raise InputError(f"has no mask; add a column {prompts.MASK}, or write mask: where.png")
    mask = pictures.place(url)
    if pictures.sizes[url] != own:
        wide, high = pictures.sizes[url]
        raise InputError(
            f"{basename(url)} is {wide}x{high} px, and {basename(image)} {own[0]}x{own[1]}; make them alike"
        )
    return picture, mask, size


def _check_any(spec: DiffusionSpec, subjects: tuple[Subject, ...]) -> None:
    """Raises: FieldProblem if nothing can be pictured, or something cannot and all must."""
    problems = list(dict.fromkeys(subject.problem for subject in subjects if subject.problem))
    if problems and (spec.on_error == "fail" or all(subject.problem for subject in subjects)):
        rest = [f"and {len(problems) - _MOST_TOLD:,} more"] if len(problems) > _MOST_TOLD else []
        raise FieldProblem("prompts", "\n".join([*problems[:_MOST_TOLD], *rest]))


def _names(brief: DiffusionBrief) -> Iterator[str]:
    """What each picture's file is called: `0003-seed0012`, and of a grid of settings what it differs by."""
    differing = [name for name in Setting.model_fields if len({getattr(one, name) for one in brief.settings}) > 1]
    for frame in range(brief.frames):
        row = brief.row(frame)
        said = [_short(name, getattr(row.setting, name)) for name in differing]
        yield "-".join([row.subject.name, f"seed{row.seed:04d}", *said])


def _short(name: str, value: object) -> str:
    if isinstance(value, tuple):
        return f"{value[0]}x{value[1]}"
    # To the last digit: two values that differ have two names.
    return f"{name}{value}".removesuffix(".0") if isinstance(value, int | float) else str(value)


def _fingerprint(model: ModelRef, pictures: _Pictures) -> str:
    digests = [model.sha256, *(file.sha256 for file in pictures.files)]
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


DIFFUSION = Kind(
    spec=DiffusionSpec,
    plan=plan,
    painter="pipeline.diffusion.painters:AnyPainter",
    summary="pictures and films that a diffusion model makes of words, pictures and films",
    noun="picture",
    prepare=prepare,
    lacks=lacks,
)
