"""Job files: every problem at once, with its line and the nearest right name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import get_args

import pytest

from jobs.kinds import KINDS
from jobs.kinds.film import FilmSpec
from jobs.kinds.values import ALIASES, Deliverable
from jobs.spec import JobSpecProblems, canonical, json_schema, parse, read
from pipeline import catalog
from pipeline.errors import JobSpecError
from pipeline.film.deliverables import DELIVERABLES
from tests.jobs.files import job_text, write_checkpoint, write_sequence

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a source and a style for job files in it."""
    write_sequence(tmp_path / "shots", 2)
    write_checkpoint(tmp_path / "my.safetensors")
    return tmp_path


def _spec(folder: Path, **changes: object) -> FilmSpec:
    spec, _ = parse(job_text(**changes), path="film.yaml", folder=folder)
    assert isinstance(spec, FilmSpec)
    return spec


def _problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(JobSpecProblems) as caught:
        parse(text, path="film.yaml", folder=folder)
    return caught.value.problems


def _problem(folder: Path, **changes: object) -> str:
    """The only problem of a job file with one thing wrong, which is in its last line."""
    [problem] = _problems(folder, job_text(**changes))
    return problem


def test_right_file_gets_its_defaults(folder: Path) -> None:
    spec = _spec(folder)
    assert (spec.strength, spec.frames, spec.size, spec.deliver, spec.priority) == (1.0, None, None, ["h264"], 5)


def test_places_are_relative_to_the_job_file(folder: Path) -> None:
    spec = _spec(folder, source="shots/../shots/", output="out/bunny/")
    assert Path(spec.source).samefile(folder / "shots")
    assert spec.output == f"{folder}/out/bunny/"
    assert spec.style == str(folder / "my.safetensors")


def test_places_elsewhere_stay_where_they_are(folder: Path) -> None:
    spec = _spec(folder, source="s3://films/bunny.webm", output="/far/away")
    assert (spec.source, spec.output) == ("s3://films/bunny.webm", "/far/away")


def test_file_address_is_a_path(folder: Path) -> None:
    assert _spec(folder, output="file:///far/away").output == "/far/away"


def test_home_is_understood(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    assert _spec(folder, output="~/out").output == f"{folder}/out"


def test_every_problem_is_found_at_once(folder: Path) -> None:
    text = "kind: film\nsorce: a.mp4\nstyle: my.safetensors\nstrength: 2\nframes: 10-5\ndeliver: [h264, mp5]\n"
    found = _problems(folder, text)
    assert "film.yaml:2: unknown key 'sorce'; did you mean 'source'?" in found
    assert "film.yaml:4: strength: input should be less than or equal to 1 (it is 2)" in found
    assert "film.yaml:5: frames: 10-5 ends before it begins; write 5-10" in found
    assert any(line.startswith("film.yaml:6: deliver.1: 'mp5' is not one of h264") for line in found)
    assert any(line.startswith("film.yaml: 'source' is missing: film, picture") for line in found)
    assert any(line.startswith("film.yaml: 'output' is missing: ") for line in found)
    assert len(found) == 6


def test_problems_are_in_the_order_of_lines(folder: Path) -> None:
    found = _problems(folder, job_text(source="none.mp4", strength="x", size="y"))
    assert [line.split(":")[1] for line in found] == ["2", "5", "6"]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"prioritty": 3}, "film.yaml:5: unknown key 'prioritty'; did you mean 'priority'?"),
        ({"priority": 12}, "film.yaml:5: priority: input should be less than or equal to 9 (it is 12)"),
        ({"chunk": 0}, "film.yaml:5: chunk: input should be greater than or equal to 1 (it is 0)"),
        ({"size": "[1]"}, "film.yaml:5: size: input should be a valid integer (it is [1])"),
        ({"size": "big"}, "film.yaml:5: size: input should be a valid integer, unable to parse string"),
        ({"strength": ".nan"}, "film.yaml:5: strength: input should be"),
        ({"frames": "5-"}, "film.yaml:5: frames: '5-' is no range; write the first and the last frame, as in 1-240"),
        ({"frames": "-5"}, "film.yaml:5: frames: -5 is no range"),
        ({"frames": "[1, 2]"}, "film.yaml:5: frames: "),
        ({"fps": 0}, "film.yaml:5: fps: 0 is out of range; a frame rate is 1 to 1000 frames a second"),
        ({"fps": 1000000}, "film.yaml:5: fps: 1000000 is out of range"),
        ({"fps": "fast"}, "film.yaml:5: fps: 'fast' is no frame rate; write 25, 23.976 or 24000/1001"),
        ({"fps": "1/0"}, "film.yaml:5: fps: '1/0' is no frame rate"),
        ({"fps": ".inf"}, "film.yaml:5: fps: inf is no frame rate"),
        ({"fps": "1e99999999"}, "film.yaml:5: fps: '1e99999999' is no frame rate"),
        ({"fps": "'" + "9" * 5000 + "'"}, "film.yaml:5: fps: '9999"),
        ({"fps": "true"}, "film.yaml:5: fps: is true, as YAML reads it; quote the value if it is a word"),
        ({"frames": "true"}, "film.yaml:5: frames: is true, as YAML reads it"),
        ({"frames": "'" + "9" * 5000 + "'"}, "film.yaml:5: frames: '9999"),
        ({"strength": "no"}, "film.yaml:5: strength: is false, as YAML reads it; write a number"),
        ({"consistency": "off"}, "film.yaml:5: consistency: is false, as YAML reads it; write none"),
        ({"consistency": "on"}, "film.yaml:5: consistency: is true, as YAML reads it; write flow or none"),
        ({"preserve_color": "zzz"}, "film.yaml:5: preserve_color: 'zzz' is not one of luminance, palette"),
        ({"deliver": "h264"}, "film.yaml:5: deliver: is a list; write deliver: [h264]"),
        ({"deliver": "h264, png"}, "film.yaml:5: deliver: is a list; write deliver: [h264, png]"),
        ({"deliver": "[png, h265]"}, "film.yaml:5: deliver: 'h265' is not one of h264, h264-mkv, hevc"),
        ({"deliver": "[h265]"}, "did you mean 'hevc'?"),
        ({"deliver": "[MP4]"}, "did you mean 'h264'?"),
        ({"deliver": "[jpg]"}, "did you mean 'jpeg'?"),
        ({"deliver": "[mov]"}, "did you mean 'prores'?"),
        ({"source": "take#1.mp4"}, "take#1.mp4: no such film, picture or folder; a sequence is of .png"),
        ({"deliver": "[]"}, "film.yaml:5: deliver: is empty; name at least one of h264"),
        ({"deliver": "[proress]"}, "did you mean 'prores'?"),
        ({"output": None, "outptu": "x"}, "film.yaml:4: unknown key 'outptu'; did you mean 'output'?"),
        ({"output": "~nobody-of-that-name/x"}, "film.yaml:4: ~nobody-of-that-name/x: no user here has that name"),
        ({"output": "''"}, "film.yaml:4: is empty; write a path or an s3:// address"),
        ({"output": "ftp://host/out"}, "film.yaml:4: 'ftp://host/out': no store has the scheme 'ftp'"),
        ({"source": "http://host/a.mp4"}, "film.yaml:2: 'http://host/a.mp4': no store has the scheme 'http'"),
        ({"output": 5}, "film.yaml:4: output: input should be a valid string (it is 5)"),
        ({"source": "none.mp4"}, "none.mp4: no such film, picture or folder"),
        ({"style": "none.safetensors"}, "none.safetensors: no such checkpoint"),
        ({"style": 7}, "film.yaml:3: style: write a name, as in great-wave, a checkpoint's path"),
        ({"style": "null"}, "film.yaml:3: style: write a name, as in great-wave"),
        ({"soruce_of_it_all": 1}, "unknown key 'soruce_of_it_all'; known are output"),
        ({"size": "yes"}, "film.yaml:5: size: is true, as YAML reads it; write a number"),
    ],
)
def test_wrong_value_is_named_with_its_line(folder: Path, changes: dict[str, object], says: str) -> None:
    found = [line for line in _problems(folder, job_text(**changes)) if "is missing" not in line]
    assert len(found) == 1, found
    assert says in found[0]


@pytest.mark.parametrize("key", ["source", "output", "style"])
@pytest.mark.parametrize("address", ["s3://user:pa55@host/x.pth", "s3://pa55@host/x", "https://user:pa55@host/x.png"])
def test_credentials_in_an_address_are_refused_and_not_repeated(folder: Path, key: str, address: str) -> None:
    [problem] = _problems(folder, job_text(**{key: address}))
    assert "can be no bucket" in problem or "no store has the scheme" in problem
    assert "pa55" not in problem


def test_unknown_style_names_the_nearest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = catalog.Model("mosaic", "m:load", "m.safetensors", "0", "CC0", "Mosaic")
    monkeypatch.setattr(catalog, "MODELS", {"mosaic": shipped})
    assert "film.yaml:3: unknown style 'mosiac'; did you mean 'mosaic'?" in _problem(folder, style="mosiac")


@pytest.mark.parametrize(
    ("given", "meant"), [("23.976", "24000/1001"), ("29.97", "30000/1001"), ("25", "25"), ("24000/1001", "24000/1001")]
)
def test_rates_are_fractions(folder: Path, given: str, meant: str) -> None:
    assert _spec(folder, fps=given).fps == meant


@pytest.mark.parametrize(("given", "meant"), [("1-240", "1-240"), ("7", "7-7"), ("'3 - 9'", "3-9"), ("5-5", "5-5")])
def test_frames_are_a_first_and_a_last(folder: Path, given: str, meant: str) -> None:
    assert _spec(folder, frames=given).frames == meant


def test_deliverable_named_twice_is_made_once(folder: Path) -> None:
    assert _spec(folder, deliver="[png, h264, png]").deliver == ["png", "h264"]


def test_key_written_twice_is_a_problem(folder: Path) -> None:
    assert _problems(folder, job_text() + "style: other.safetensors\n") == ["film.yaml:5: 'style' is written twice"]


def test_text_that_is_not_yaml_names_the_line(folder: Path) -> None:
    [problem] = _problems(folder, "kind: film\nsource: [a, b\nstyle: x\n")
    assert problem.startswith("film.yaml:3: not YAML: ")


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "---\n"])
def test_empty_file_says_how_to_begin(folder: Path, text: str) -> None:
    assert _problems(folder, text) == ["film.yaml: is empty; a job file begins with `kind: film`"]


@pytest.mark.parametrize("text", ["just words", "- a\n- b\n", "42"])
def test_file_without_keys_says_how_to_begin(folder: Path, text: str) -> None:
    assert _problems(folder, text) == ["film.yaml:1: a job file is `key: value` lines, beginning with `kind: film`"]


def test_kind_is_asked_for(folder: Path) -> None:
    assert _problems(folder, "source: a.mp4\n") == [f"film.yaml: a job file says its kind: one of {', '.join(KINDS)}"]


@pytest.mark.parametrize("kind", ["flim", "[film]", "{a: b}", "7"])
def test_unknown_kind_is_named(folder: Path, kind: str) -> None:
    [problem] = _problems(folder, f"source: a.mp4\nkind: {kind}\n")
    assert problem.startswith("film.yaml:2: unknown kind ")
    assert "film" in problem.split(";")[1]


def test_keys_that_are_no_words_are_named(folder: Path) -> None:
    assert _problems(folder, job_text() + "7: seven\n") == ["film.yaml: keys are words: 7"]


def test_nothing_in_a_file_is_executed(folder: Path) -> None:
    [problem] = _problems(folder, "kind: !!python/object/apply:os.getcwd []\n")
    assert problem.startswith("film.yaml:1: not YAML: could not determine a constructor")


def test_aliases_that_would_explode_are_refused(folder: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    [problem] = _problems(folder, "\n".join(["kind: film", *lines]))
    assert problem == "film.yaml:3: aliases (*a0) are not used in job files; write the value out"


def test_deep_nesting_is_refused(folder: Path) -> None:
    [problem] = _problems(folder, "kind: " + "[" * 20_000)
    assert problem == "film.yaml:1: lists within lists, deeper than 20; a job file is flat"


def test_files_that_are_no_job_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    (tmp_path / "zeros.yaml").write_bytes(bytes(100))
    (tmp_path / "huge.yaml").write_text("a" * 1_000_001)
    for name, says in {
        "binary.yaml": "is not text in UTF-8, so not a job file",
        "zeros.yaml": "not YAML",
        "huge.yaml": "is 1,000,001 bytes; a job file is a few lines of YAML",
        "missing.yaml": "no such job file",
        ".": "is a folder; name a job file in it",
    }.items():
        with pytest.raises(JobSpecError, match=says):
            read(tmp_path / name)


def test_file_is_read_from_its_own_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "film.yaml").write_text(job_text())
    monkeypatch.chdir(os.sep)
    spec, located = read(folder / "film.yaml")
    assert spec.output == f"{folder}/out/"
    assert located.lines == {"kind": 1, "source": 2, "style": 3, "output": 4}


def test_canonical_spec_is_the_same_however_it_is_written(folder: Path) -> None:
    one = _spec(folder, strength="1", deliver="[h264]")
    other = _spec(folder, priority=5, frames="null")
    assert canonical(one) == canonical(other)


def test_schema_names_every_key() -> None:
    schema = json_schema("film")
    assert set(schema["properties"]) == set(FilmSpec.model_fields)
    assert set(schema["required"]) == {"kind", "source", "style", "output"}
    assert schema["additionalProperties"] is False
    assert all("description" in field for field in schema["properties"].values())


def test_schema_of_an_unknown_kind_names_the_nearest() -> None:
    with pytest.raises(JobSpecError, match="unknown kind 'flim'; did you mean 'film'"):
        json_schema("flim")


def test_schema_is_valid_and_accepts_what_we_accept() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator
    validator.check_schema(json_schema("film"))
    right = {"kind": "film", "source": "a", "style": "b", "output": "c", "frames": "1-9", "fps": 25, "deliver": ["png"]}
    validator(json_schema("film")).validate(right)
    assert not validator(json_schema("film")).is_valid({**right, "sorce": "a"})
    assert not validator(json_schema("film")).is_valid({**right, "deliver": ["mp5"]})


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_schema_matches_the_examples(example: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    import yaml

    values = yaml.safe_load(example.read_text())
    jsonschema.Draft202012Validator(json_schema(values["kind"])).validate(values)


def test_other_names_lead_to_deliverables() -> None:
    assert set(ALIASES.values()) <= set(DELIVERABLES)
    assert not ALIASES.keys() & DELIVERABLES.keys()


def test_deliverables_are_written_out_for_editors() -> None:
    assert set(get_args(Deliverable)) == set(DELIVERABLES)
