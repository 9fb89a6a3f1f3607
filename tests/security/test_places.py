"""Names and places by which a job could leave its own are refused where they are planned and where they are written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs import spec
from jobs.config import Settings
from jobs.naming import file_name, picture_name
from jobs.records import Plan
from jobs.submit import plan_job
from pipeline.errors import AccessDenied, AtelierError, InputError
from pipeline.film.deliverables import DELIVERABLES
from pipeline.storage import open_store
from tests.media import numbered_picture, write_film, write_picture


def planned(folder: Path, config: Settings, source: str, output: str = "out", **keys: str) -> Plan:
    """The plan of a job file in the folder."""
    style = Path(__file__).parents[2] / "pipeline/assets/styles/great-wave.safetensors"
    lines = {"kind": "film", "source": f'"{source}"', "style": str(style), "output": f'"{output}"', **keys}
    text = "\n".join(f"{key}: {value}" for key, value in lines.items())
    checked, located = spec.parse(text, path="job.yaml", folder=folder)
    return plan_job(checked, located, config)


@pytest.fixture
def config(tmp_path: Path) -> Settings:
    """A store in a folder."""
    return Settings(store=str(tmp_path / "store"))


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film to paint."""
    return write_film(tmp_path / "clip.mp4", 4)


@pytest.mark.parametrize("name", ["a\\nb.png", "a\\tb.png", "a\\u007fb.png", "x" * 245 + ".png"])
def test_pictures_that_could_not_be_delivered_are_refused_at_once(tmp_path: Path, config: Settings, name: str) -> None:
    (tmp_path / "pictures").mkdir()
    real = name.encode().decode("unicode_escape")
    write_picture(tmp_path / "pictures" / real, numbered_picture(1))
    with pytest.raises(spec.JobSpecProblems, match=r"job\.yaml:2: source: .*rename it") as caught:
        planned(tmp_path, config, "pictures", deliver="[png]")
    assert "\n" not in str(caught.value)


def test_film_whose_name_could_not_be_delivered_is_refused_at_once(
    tmp_path: Path, config: Settings, film: Path
) -> None:
    film.rename(tmp_path / "a\nb.mp4")
    with pytest.raises(spec.JobSpecProblems, match=r"job\.yaml:2: source: .*control character; rename it"):
        planned(tmp_path, config, "a\\nb.mp4")


@pytest.mark.parametrize(
    "output",
    ["store", "store/", "store/jobs/film-1", "store/index", "./store/active/x", "store/../store/models", "link/jobs"],
)
def test_output_is_not_where_only_we_write(tmp_path: Path, config: Settings, film: Path, output: str) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "store")
    with pytest.raises(spec.JobSpecProblems, match=r"job\.yaml:4: output: is the store"):
        planned(tmp_path, config, "clip.mp4", output)


@pytest.mark.parametrize("output", ["s3://atelier/store", "s3://atelier//store/jobs/x", "s3://atelier/store/cache/"])
def test_output_is_not_where_only_we_write_in_a_bucket(tmp_path: Path, film: Path, output: str) -> None:
    with pytest.raises(spec.JobSpecProblems, match=r"job\.yaml:4: output: is the store"):
        planned(tmp_path, Settings(store="s3://atelier/store"), "clip.mp4", output)


@pytest.mark.parametrize("output", ["out", "storeroom", "store/films", "stored/jobs"])
def test_other_outputs_are_taken(tmp_path: Path, config: Settings, film: Path, output: str) -> None:
    assert planned(tmp_path, config, "clip.mp4", output).output == str(tmp_path / output)


def test_every_folder_of_the_store_is_guarded() -> None:
    from jobs.limits import _OURS

    page = (Path(__file__).parents[2] / "docs/architecture.md").read_text()
    block = page.split("## What lies in the store")[1].split("\n## ")[0]
    lines = [line.strip() for line in block.splitlines() if line.startswith("    ")]
    assert {line.partition("/")[0] for line in lines if "/" in line.split()[0]} <= _OURS


CLIMBING = [
    "../../x",
    "/etc/x",
    "a/../../x",
    "..",
    ".",
    "a//b",
    "a\0b",
    "a\nb",
    "\ud800",
    "x" * 2000,
    "",
    "a/./b",
    "a/",
]


@pytest.mark.parametrize("name", CLIMBING)
def test_forged_names_do_not_leave_the_output(tmp_path: Path, config: Settings, film: Path, name: str) -> None:
    plan = planned(tmp_path, config, "clip.mp4", deliver="[png]").model_copy(
        update={"names": (name,) * 4, "stem": f"../{name}"}
    )
    output = open_store(plan.output)
    for key in (picture_name(plan, DELIVERABLES["png"], 0), file_name(plan, DELIVERABLES["h264"]), name):
        try:
            output.put(key, b"x")
        except AtelierError:
            continue
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != film]
    assert all(path.is_relative_to(tmp_path / "out") for path in written), written


@pytest.mark.parametrize("name", CLIMBING)
def test_forged_keys_do_not_leave_the_store(tmp_path: Path, name: str) -> None:
    store = open_store(str(tmp_path / "store"))
    (tmp_path / "x").write_bytes(b"private")
    for ask in (store.get, store.size, store.delete, store.exists, lambda key: store.put(key, b""), store.open):
        with pytest.raises(InputError):
            ask(name)
    assert (tmp_path / "x").read_bytes() == b"private"


def test_links_do_not_lead_out_of_a_store(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private/file").write_bytes(b"private")
    (tmp_path / "store").mkdir()
    (tmp_path / "store/folder").symlink_to(tmp_path / "private")
    (tmp_path / "store/file").symlink_to(tmp_path / "private/file")
    store = open_store(str(tmp_path / "store"))
    for ask in (store.get, store.open, store.size):
        for key in ("folder/file", "file"):
            with pytest.raises(InputError, match="through a symbolic link"):
                ask(key)
    with pytest.raises(InputError, match="through a symbolic link"):
        store.put("folder/new", b"x")
    assert list(store.list()) == []
    assert os.listdir(tmp_path / "private") == ["file"]


def test_source_may_be_a_link_to_anywhere(tmp_path: Path, config: Settings, film: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/link.mp4").symlink_to(film)
    assert planned(tmp_path, config, "elsewhere/link.mp4").frames == 4


def test_file_that_we_may_not_read_is_said_to_be_so(tmp_path: Path, config: Settings, film: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    film.chmod(0)
    with pytest.raises((AccessDenied, spec.JobSpecProblems), match="we may not read it"):
        planned(tmp_path, config, "clip.mp4")
