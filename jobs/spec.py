"""Job files: YAML in, a checked spec out. Every problem is found at once, with its line and the nearest right name."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from jobs import plain_yaml
from jobs.campaigns.occasion import Occasion
from jobs.campaigns.zones import zone_of
from jobs.kinds import KINDS, kind
from jobs.kinds.base import FieldProblem, JobSpec, absolute
from jobs.shapes import way
from pipeline.errors import JobSpecError

MAX_BYTES = 1_000_000
"""A job file larger than this is none."""

_SHOWN = 60
"""Characters of a value that a message repeats."""

_NEAR = 0.6
"""Likeness, of 1, below which a word is not taken for another one misspelt."""


_Checked = TypeVar("_Checked", bound=BaseModel)


@dataclass(frozen=True)
class Located:
    """A YAML file's content and the line of each of its keys."""

    path: str
    folder: Path
    """What relative paths in the file are relative to."""
    values: dict[str, Any]
    lines: dict[str, int]
    """Line of each `key`, `key.subkey`, …, from 1."""

    def problem(self, message: str, *keys: str | int) -> str:
        """`film.yaml:3: message`, at the innermost of the keys that has a line."""
        line = self.lines.get(_dotted(self.place(keys)))
        return f"{self.path}: {message}" if line is None else f"{self.path}:{line}: {message}"

    def place(self, keys: tuple[str | int, ...]) -> tuple[str | int, ...]:
        """Those of the keys, from the outermost, that the file holds; all of them if it holds none.

        Between a file's keys there are others, such as which of its forms a value has.
        """
        held: tuple[str | int, ...] = ()
        for key in keys:
            written = self._written(held, key)
            if written is not None:
                held = *held, written
        return held or keys

    def _written(self, held: tuple[str | int, ...], key: str | int) -> str | int | None:
        """A key within others as the file writes it, if it does: a place is absolute once checked."""
        if _dotted((*held, key)) in self.lines:
            return key
        if not str(key).startswith("/"):
            return None
        prefix = f"{_dotted(held)}."
        inner = (name.removeprefix(prefix) for name in self.lines if name.startswith(prefix))
        return next((name for name in inner if absolute(name, self.folder) == key), None)


@dataclass(frozen=True)
class JobText:
    """A job file that was read, or that never was a file."""

    text: str
    folder: Path
    """What relative paths in it are relative to."""
    path: str = "job.yaml"
    """What messages call it."""


class JobSpecProblems(JobSpecError):
    """Everything that is wrong with a job file, one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read(file: str | Path | JobText) -> tuple[JobSpec, Located]:
    """Read and check a job file.

    Raises: JobSpecProblems with every problem that can be seen without opening the source.
    """
    told = job_text(file)
    return parse(told.text, path=told.path, folder=told.folder)


def job_text(file: str | Path | JobText) -> JobText:
    """A job file's text. Raises: JobSpecError if it cannot be read, or is larger than any."""
    if isinstance(file, JobText):
        return file
    return JobText(text_of(file, "job file"), Path(file).absolute().parent, str(file))


def text_of(path: str | Path, what: str) -> str:
    """The text of a YAML file of ours. Raises: JobSpecError if it cannot be read, or is larger than any."""
    file = Path(path)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise JobSpecError(f"{path}: is {file.stat().st_size:,} bytes; a {what} is a few lines of YAML")
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise JobSpecError(f"{path}: no such {what}") from error
    except IsADirectoryError as error:
        raise JobSpecError(f"{path}: is a folder; name a {what} in it") from error
    except UnicodeDecodeError as error:
        raise JobSpecError(f"{path}: is not text in UTF-8, so not a {what}") from error
    except OSError as error:
        raise JobSpecError(f"{path}: cannot be read: {error.strerror}") from error


def parse(text: str, *, path: str, folder: Path, occasion: Occasion | None = None) -> tuple[JobSpec, Located]:
    """Check the text of a job file. `occasion`: the run it is for; None: one of today, by hand.

    Raises: JobSpecProblems.
    """
    located = locate(text, path, folder)
    name = located.values.get("kind")
    if name is None:
        raise JobSpecProblems([located.problem(f"a job file says its kind: one of {', '.join(KINDS)}")])
    if not isinstance(name, str) or name not in KINDS:
        raise JobSpecProblems([located.problem(f"unknown kind {name!r}{_nearest(str(name), KINDS)}", "kind")])
    occasion = occasion or Occasion.today(Path(path).stem, _zone(located.values))
    return checked(kind(name).spec, located, occasion=occasion), located


def checked(shape: type[_Checked], located: Located, *, occasion: Occasion | None = None) -> _Checked:
    """A file's content, as its shape has it. Raises: JobSpecProblems."""
    try:
        return shape.model_validate(located.values, context={"folder": located.folder, "occasion": occasion})
    except ValidationError as error:
        problems: dict[tuple[str | int, ...], str] = {}
        others: set[tuple[str | int, ...]] = set()
        for detail in error.errors():
            # A key of several types has an error for each of them; one is enough.
            there = way(shape, detail["loc"], located.values)
            place = located.place(there.keys)
            problems.setdefault(place, located.problem(_explain(detail, place, there.shape), *place))
            if detail["type"] == "literal_error" or detail["type"].endswith("_type"):
                others.add(place)
        # And where a part is wrong, what holds it was nearly right: that it is of no other type is not told.
        others = {place for place in others if any(each[: len(place)] == place != each for each in problems)}
        told = [problem for place, problem in problems.items() if place not in others]
        raise JobSpecProblems(sorted(told, key=_line)) from error


def at_fields(problem: FieldProblem, located: Located) -> JobSpecProblems:
    """A problem found while planning, put where the file says the thing."""
    return JobSpecProblems([located.problem(str(problem), *problem.keys)])


def json_schema(name: str) -> dict[str, Any]:
    """JSON Schema of a kind's job files, for editors. Raises: JobSpecError if there is no such kind."""
    if name not in KINDS:
        raise JobSpecError(f"unknown kind {name!r}{_nearest(name, KINDS)}")
    schema = kind(name).spec.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def canonical(spec: JobSpec) -> dict[str, Any]:
    """The spec as plain JSON with its defaults filled in: what is stored, and what the job's id is made from."""
    return json.loads(spec.model_dump_json(by_alias=True))


def _zone(values: dict[str, Any]) -> ZoneInfo | None:
    """Where a file that is not checked yet says that its schedule's clock is."""
    schedule = values.get("schedule")
    if not isinstance(schedule, dict):
        return None
    try:
        return zone_of(str(schedule.get("timezone", "UTC")))
    except ValueError:
        return None


def locate(text: str, path: str, folder: Path, *, what: str = "job file", begins: str = "kind: film") -> Located:
    """The content of a YAML file of ours, and where its keys are; `begins`: how one begins, for people.

    Raises: JobSpecProblems if it is no plain YAML of keys and values.
    """
    try:
        values = plain_yaml.load(text, what)
        node = plain_yaml.compose(text)
    except plain_yaml.NotPlain as error:
        raise JobSpecProblems([f"{path}:{error.line}: {error}"]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        # As cron expressions do.
        starred = error.context == "while scanning an alias"
        said = 'quote a value that begins with *, as in cron: "*/5 * * * *"' if starred else error.problem
        raise JobSpecProblems([f"{path}:{line}: not YAML: {said}"]) from error
    except plain_yaml.DAMAGE as error:
        raise JobSpecProblems([f"{path}: not YAML: {error}"]) from error
    if node is None or values is None:
        raise JobSpecProblems([f"{path}: is empty; a {what} begins with `{begins}`"])
    if not isinstance(node, yaml.MappingNode):
        raise JobSpecProblems([f"{path}:1: a {what} is `key: value` lines, beginning with `{begins}`"])
    lines: dict[str, int] = {}
    twice = _walk(node, "", lines)
    if twice:
        raise JobSpecProblems([f"{path}:{lines_of}: {key!r} is written twice" for key, lines_of in twice])
    if not all(isinstance(key, str) for key in values):
        raise JobSpecProblems(
            [f"{path}: keys are words: {', '.join(repr(k) for k in values if not isinstance(k, str))}"]
        )
    return Located(path, folder, values, lines)


def _walk(node: yaml.Node, prefix: str, lines: dict[str, int]) -> list[tuple[str, int]]:
    twice = []
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            name = f"{prefix}{key.value}"
            if name in lines:
                twice.append((name, key.start_mark.line + 1))
            lines[name] = key.start_mark.line + 1
            twice += _walk(value, f"{name}.", lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[f"{prefix}{index}"] = value.start_mark.line + 1
            twice += _walk(value, f"{prefix}{index}.", lines)
    return twice


def _dotted(keys: tuple[str | int, ...]) -> str:
    return ".".join(str(key) for key in keys)


def _explain(detail: ErrorDetails, place: tuple[str | int, ...], shape: type[BaseModel]) -> str:
    """What is wrong, in a sentence; `shape`: the model that it is wrong in."""
    *_, last = place or ("",)
    key = _dotted(place)
    match detail["type"]:
        case "extra_forbidden":
            return f"unknown key {last!r}{_nearest(str(last), _keys(shape))}"
        case "missing":
            missing = str(detail["loc"][-1])
            text = shape.model_fields[missing].description if missing in shape.model_fields else None
            return f"{missing!r} is missing" + (f": {text}" if text else "")
        case "value_error":
            return str(detail["msg"]).removeprefix("Value error, ")
        case "union_tag_invalid" | "union_tag_not_found":
            told = detail.get("ctx", {})
            choices = [part.strip("' ") for part in str(told.get("expected_tags", "")).split(",")]
            name, value = str(told.get("discriminator", "")).strip("'"), str(told.get("tag", ""))
            if not value:
                return f"{key}: has no {name!r}" + (f"; write one of {', '.join(choices)}" if choices[0] else "")
            return f"{key}: {name} {value!r} is not one of {', '.join(choices)}{_near(value, choices)}"
        case "literal_error":
            expected = str(detail.get("ctx", {}).get("expected", ""))
            choices = [part.strip("' ") for part in expected.replace(" or ", ",").split(",")]
            near = _near(str(detail["input"]), choices)
            said = "this" if _may_hold_a_secret(detail["input"]) else repr(detail["input"])
            return f"{key}: {said} is not one of {', '.join(choices)}{near}"
        case _:
            message = str(detail["msg"])
            return f"{key}: {message[:1].lower()}{message[1:]}{_as_is(detail['input'])}"


def _as_is(value: object) -> str:
    text = repr(value)
    said = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return "" if _may_hold_a_secret(value) else f" (it is {said})"


def _may_hold_a_secret(value: object) -> bool:
    """Whether an address stands, by mistake, where none belongs: with a password in it, perhaps."""
    return "://" in str(value)


def _keys(shape: type[BaseModel]) -> list[str]:
    """As job files write them."""
    return [field.alias or name for name, field in shape.model_fields.items()]


def _nearest(word: str, among: Any) -> str:
    return _near(word, among) or f"; known are {', '.join(among)}"


def _near(word: str, among: Any) -> str:
    near = get_close_matches(word.lower(), list(among), n=1, cutoff=_NEAR)
    return f"; did you mean {near[0]!r}?" if near else ""


def _line(problem: str) -> int:
    parts = problem.split(":")
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
