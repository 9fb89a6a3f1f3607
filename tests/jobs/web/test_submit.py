"""Job files over HTTP: checked, made, and held to the folders that they may name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import jobs
from jobs.config import Settings
from jobs.web.planning import Planning
from jobs.web.problems import Refusal
from tests.jobs.files import job_text, write_checkpoint, write_sequence
from tests.jobs.web.conftest import Site, serving, settings_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What job files may name."""
    folder = tmp_path_factory.mktemp("films")
    write_sequence(folder / "shots", 6)
    write_checkpoint(folder / "my.safetensors")
    return folder


@pytest.fixture(scope="module")
def web_settings(redis_server: str, tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Settings:
    """A dashboard that anybody can reach."""
    return settings_of(
        redis_server, tmp_path_factory.mktemp("site"), web_folders=f"{folder}:/nonexistent", web_host="0.0.0.0"
    )


def test_a_job_file_is_checked(operator: httpx.Client) -> None:
    told = operator.post("/api/v1/checks", json={"file": job_text()}).json()
    assert (told["kind"], told["frames"], told["extent"], told["deliver"]) == ("film", 6, "frames 1001-1006", ["h264"])


@pytest.fixture(scope="module")
def near(redis_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A dashboard that this machine's users alone can reach, and whose job files may name any folder."""
    with serving(settings_of(redis_server, tmp_path_factory.mktemp("near"))) as site, site.client() as client:
        yield client


@pytest.mark.parametrize(
    "changes",
    [
        {"source": "/proc/self/fd/0"},
        {"source": "//proc/self/environ"},
        {"source": "/sys/%04d.png"},
        {"style": "{painting: /proc/self/environ}"},
        {"output": "/dev/shm/out/"},
    ],
)
def test_what_the_kernel_shows_as_files_is_never_named(near: httpx.Client, changes: dict[str, str]) -> None:
    assert (
        "is no file, but what the kernel tells" in near.post("/api/v1/checks", json={"file": job_text(**changes)}).text
    )


def test_the_environment_is_no_table_of_audiences(near: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").symlink_to("/proc/self/environ")
    for place in ("/proc/self/environ", tmp_path / "rows.csv"):
        text = f"kind: posters\ntemplate: product\naudiences: {place}\noutput: {tmp_path}\n"
        answer = near.post("/api/v1/checks", json={"file": text})
        assert answer.status_code == 422
        assert "is no file, but what the kernel tells" in answer.json()["detail"]
        assert "PATH=" not in answer.text


def test_problems_are_told_at_their_lines(operator: httpx.Client) -> None:
    answer = operator.post("/api/v1/checks", json={"file": job_text(style="mosiac", chunk="many")})
    assert answer.status_code == 422
    assert [each["line"] for each in answer.json()["errors"]] == [3, 5]
    assert "unknown style 'mosiac'" in answer.json()["errors"][0]["message"]


def test_a_job_file_is_made_once(operator: httpx.Client) -> None:
    first = operator.post("/api/v1/jobs", json={"file": job_text()})
    assert first.status_code == 201
    again = operator.post("/api/v1/jobs", content=job_text(), headers={"Content-Type": "application/yaml"})
    assert (again.status_code, again.json()) == (200, {"job": first.json()["job"], "created": False})
    assert operator.get(first.headers["Location"]).json()["state"] == "running"
    other = operator.post("/api/v1/jobs", json={"file": job_text(output="out2/"), "again": True}).json()
    assert other["job"] != first.json()["job"]


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"source": "/etc/passwd"}, 2),
        ({"source": "shots/../../../etc/hosts"}, 2),
        ({"source": "~/film.mp4"}, 2),
        ({"style": "/tmp/other.safetensors"}, 3),
        ({"style": "/tmp/other.safetensors/"}, 3),
        ({"output": "/var/www/"}, 4),
        ({"output": "file:///var/www/"}, 4),
        ({"style": "{painting: /etc/motd.png}"}, 3),
    ],
)
def test_job_files_name_no_other_folders(operator: httpx.Client, changes: dict[str, str], line: int) -> None:
    answer = operator.post("/api/v1/checks", json={"file": job_text(**changes)})
    assert answer.status_code == 422
    [problem] = answer.json()["errors"]
    assert "is in no folder that job files sent to this dashboard may name" in problem["message"]
    assert problem["line"] == line


def test_nothing_is_fetched_for_who_sends_a_job_file(operator: httpx.Client) -> None:
    text = "kind: portraits\nmodel: http://127.0.0.1:1/ffhq.pkl\nseeds: 0-3\noutput: out/\n"
    answer = operator.post("/api/v1/checks", json={"file": text})
    assert answer.status_code == 422
    assert "has nothing fetched; upload it" in answer.json()["detail"]


def test_models_are_fetched_from_public_addresses_alone(near: httpx.Client) -> None:
    text = "kind: portraits\nmodel: http://127.0.0.1:1/ffhq.pkl\nseeds: 0-3\noutput: out/\n"
    answer = near.post("/api/v1/checks", json={"file": text})
    assert answer.status_code == 422
    assert "leads to 127.0.0.1, an address of a private network" in answer.json()["detail"]
    assert answer.json()["errors"][0]["line"] == 2


def test_a_link_out_of_the_folder_is_outside(operator: httpx.Client, folder: Path, tmp_path: Path) -> None:
    write_sequence(tmp_path / "secret", 2)
    (folder / "link").symlink_to(tmp_path / "secret")
    answer = operator.post("/api/v1/checks", json={"file": job_text(source="link/shot.%04d.png")})
    assert answer.status_code == 422
    assert "is in no folder" in answer.json()["detail"]


def test_what_a_table_names_is_held_to_them_too(operator: httpx.Client, folder: Path, tmp_path: Path) -> None:
    picture = write_sequence(tmp_path / "secret", 1).replace("%04d", "1001")
    (folder / "rows.csv").write_text(f"audience,locale,logo\nstudents,en,{picture}\n")
    text = "kind: posters\ntemplate: product\naudiences: rows.csv\nbackground: shots/shot.1001.png\noutput: out/\n"
    answer = operator.post("/api/v1/checks", json={"file": text})
    assert answer.status_code == 422
    assert "is in no folder that job files sent to this dashboard may name" in answer.json()["detail"]


def test_pictures_beside_a_table_are_found_for_a_template_that_ships(operator: httpx.Client, folder: Path) -> None:
    logo = write_sequence(folder / "campaign", 1).replace("%04d", "1001")
    table = folder / "campaign" / "rows.csv"
    table.write_text(f"audience,locale,headline,logo\nstudents,en,Sale,{Path(logo).name}\n")
    text = "kind: posters\ntemplate: sale\naudiences: {rows}\noutput: out/\n"
    checked = operator.post("/api/v1/checks", json={"file": text.format(rows="campaign/rows.csv")})
    assert (checked.status_code, checked.json().get("frames")) == (200, 1), checked.text
    for rows in ("campaign/gone.csv", "[{audience: a, locale: en, logo: gone.png}]"):
        refused = operator.post("/api/v1/checks", json={"file": text.format(rows=rows)})
        assert refused.status_code == 422
        assert "gone" in refused.json()["detail"]
        # Where Atelier is installed is nobody's business.
        assert str(Path(jobs.__file__).parents[1]) not in refused.text


def test_what_was_uploaded_may_be_named(operator: httpx.Client, folder: Path) -> None:
    picture = (folder / "shots" / "shot.1001.png").read_bytes()
    url = operator.put("/api/v1/uploads/bay.png", content=picture).json()["url"]
    told = operator.post("/api/v1/checks", json={"file": job_text(source=url, deliver="[png]")}).json()
    assert told["frames"] == 1


def test_bodies_that_are_no_orders_are_refused(operator: httpx.Client) -> None:
    for kind, body, status in (
        ("application/json", b"{", 422),
        ("application/json", b'{"file": 3}', 422),
        ("application/json", b"[" * 100_000, 422),
        ("application/yaml", b"\xff\xfe", 422),
        ("text/html", b"<p>", 415),
        ("application/yaml", b"a: [" * 1000, 422),
    ):
        answer = operator.post("/api/v1/jobs", content=body, headers={"Content-Type": kind})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), body[:9]


@pytest.fixture
def closed_site(redis_server: str, tmp_path: Path) -> Iterator[Site]:
    """A dashboard that anybody can reach, and that names no folders."""
    with serving(settings_of(redis_server, tmp_path, web_host="0.0.0.0")) as site:
        yield site


def test_without_folders_only_this_machine_names_paths(closed_site: Site, folder: Path) -> None:
    with closed_site.client() as operator:
        text = job_text(source=folder / "shots/shot.%04d.png", style="starry-night", output=folder / "out")
        problems = operator.post("/api/v1/checks", json={"file": text}).json()["errors"]
    assert [problem["line"] for problem in problems] == [2, 4]


def test_what_there_is_to_make_is_told(viewer: httpx.Client) -> None:
    kinds = {row["kind"]: row for row in viewer.get("/api/v1/kinds").json()}
    assert "h264" in kinds["film"]["deliver"]
    assert "source" in viewer.get("/api/v1/schema/film").json()["properties"]
    assert viewer.get("/api/v1/schema/opera").status_code == 404
    assert "starry-night" in {row["name"] for row in viewer.get("/api/v1/models").json()}
    templates = viewer.get("/api/v1/templates").json()
    assert templates[0]["variables"], templates


def test_a_viewer_has_nothing_opened(viewer: httpx.Client) -> None:
    assert viewer.post("/api/v1/checks", json={"file": "kind: film"}).status_code == 403


def test_a_file_is_no_longer_than_a_table_makes_it(operator: httpx.Client) -> None:
    text = job_text() + "#" * 256_000
    yaml = {"Content-Type": "application/yaml"}
    for answer in (
        operator.post("/api/v1/checks", json={"file": text}),
        operator.post("/api/v1/jobs", content=text, headers=yaml),
        operator.post("/api/v1/campaigns", json={"file": text, "name": "long"}),
    ):
        assert answer.status_code == 422
        assert "file: String should have at most 256000 characters" in answer.json()["detail"]


def test_no_more_files_are_planned_at_a_time_than_leave_room_for_others() -> None:
    planning = Planning(1, patience_s=0.01)
    with planning.turn(), pytest.raises(Refusal, match="other job files are being planned"), planning.turn():
        raise AssertionError("two at once")
    with planning.turn():
        pass


def test_a_file_of_many_values_costs_no_time(viewer: httpx.Client) -> None:
    answer = viewer.post("/api/v1/values", json={"file": f"a: [{'b,' * 110_000}]"})
    assert answer.status_code == 422
    assert "more than 100,000 values" in answer.json()["detail"]
