"""`atelier verify`: what it says of whole and damaged jobs, and of things that are no finished job."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from jobs.certificate import read
from jobs.cli import guard
from tests.jobs.cli.conftest import Shell
from tests.workers.stitching import Job


@pytest.fixture
def job(shell: Shell) -> Job:
    """A stitched job in the shell's store, its output beside it."""
    made = Job(shell.folder)
    made.stitch()
    return made


def test_whole_job_is_told_in_one_line(shell: Shell, job: Job) -> None:
    result = shell("verify", "film")
    assert result.exit_code == guard.OK
    assert "✓ film-1 is whole: 22 files, " in result.stdout
    certificate = job.truth.result("film-1", 1)
    assert certificate is not None
    assert f"certificate {certificate.certificate}" in result.stdout


@pytest.mark.parametrize("where", ["out", "out/", "out/certificate.json"])
def test_output_is_verified_by_its_path(shell: Shell, job: Job, where: str) -> None:
    result = shell("verify", f"{shell.folder}/{where}")
    assert result.exit_code == guard.OK
    assert "✓ film-1 is whole: 9 files" in result.stdout


def test_damage_is_named_with_what_mends_it(shell: Shell, job: Job) -> None:
    (frame,) = job.folder.glob("store/jobs/film-1/attempts/000001/1/*02.png")
    frame.write_bytes(frame.read_bytes()[:-1] + b"!")
    (job.output / "png" / "film.0006.png").unlink()
    result = shell("verify", "film-1")
    assert result.exit_code == guard.JOB_FAILED
    assert f"✗ frame 3 is not what was certified: some of its bytes changed: {frame}" in result.stdout
    assert "✗ picture of frame 6 is missing" in result.stdout
    assert "film-1 is damaged: 2 things of 21 files" in result.stdout
    assert "`atelier redo film-1 --frames 3` renders again and delivers anew" in result.stdout


def test_scripts_get_everything_as_json(shell: Shell, job: Job) -> None:
    assert shell.json("verify", "film-1")["whole"]
    (job.output / "png" / "film.0006.png").write_bytes(b"")
    (job.output / "png" / "more.png").write_bytes(b"")
    result = shell("verify", str(job.output), "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["whole"], told["surplus"]) == (guard.JOB_FAILED, False, ["png/more.png"])
    assert told["damages"][0]["what"] == "picture of frame 6"
    assert told["remedy"] == "atelier redo film-1 --frames 1"


def test_files_of_others_are_told_and_are_no_damage(shell: Shell, job: Job) -> None:
    (job.output / "notes.txt").write_text("mine")
    result = shell("verify", str(job.output))
    assert result.exit_code == guard.OK
    assert "not of this job: notes.txt" in result.stdout


def test_output_that_is_gone_is_told_once(shell: Shell, job: Job) -> None:
    job.output.rename(job.folder / "elsewhere")
    result = shell("verify", "film-1")
    assert "film-1 is damaged: 1 thing" in result.stdout
    assert "✗ output holds none of the job's files" in result.stdout
    assert shell("verify", str(job.folder / "elsewhere")).exit_code == guard.OK


def test_output_of_another_job_is_told_once(shell: Shell, job: Job) -> None:
    Job(shell.folder, job="film-2").stitch()
    result = shell("verify", "film-1")
    assert "✗ output holds what film-2 delivered in its generation 1" in result.stdout


def test_damaged_certificate_is_damage_with_its_remedy(shell: Shell, job: Job) -> None:
    path = job.output / "certificate.json"
    path.write_bytes(path.read_bytes()[:-20])
    result = shell("verify", str(job.output))
    assert result.exit_code == guard.JOB_FAILED
    assert f"✗ certificate is damaged: it is not whole JSON: {path}" in result.stdout
    (job.folder / "store/jobs/film-1/certificate-0001.json").write_bytes(b"")
    result = shell("verify", "film-1")
    assert "film-1 is damaged: 2 things" in result.stdout


def test_missing_certificate_that_a_result_names_is_damage(shell: Shell, job: Job) -> None:
    (job.output / "certificate.json").unlink()
    result = shell("verify", str(job.output))
    assert result.exit_code == guard.JOB_FAILED
    assert "certificate.json: is missing, though result.json names it" in result.stderr


def test_folder_without_a_certificate_is_bad_input(shell: Shell) -> None:
    result = shell("verify", str(shell.folder))
    assert result.exit_code == guard.BAD_INPUT
    assert f"error: {shell.folder}: holds no certificate.json; name the output of a finished job" in result.stderr


def test_output_of_an_older_atelier_is_bad_input(shell: Shell, job: Job) -> None:
    (job.output / "certificate.json").unlink()
    (job.output / "result.json").write_text("{}")
    result = shell("verify", str(job.output))
    assert result.exit_code == guard.BAD_INPUT
    assert "was delivered without a certificate" in result.stderr


@pytest.mark.parametrize("what", ["nowhere/", "./nowhere", "film-9"])
def test_what_is_not_there_is_bad_input(shell: Shell, job: Job, what: str) -> None:
    result = shell("verify", what)
    assert result.exit_code == guard.BAD_INPUT
    assert "no such folder" in result.stderr or "no job 'film-9'" in result.stderr


def test_unfinished_job_is_bad_input(shell: Shell) -> None:
    Job(shell.folder)
    result = shell("verify", "film-1")
    assert result.exit_code == guard.BAD_INPUT
    assert "film-1 is not finished: generation 1 has no result yet" in result.stderr


def test_certificate_of_another_job_is_damage(shell: Shell, job: Job) -> None:
    Job(shell.folder / "other", job="film-2").stitch()
    others = (shell.folder / "other/store/jobs/film-2/certificate-0001.json").read_bytes()
    path = shell.folder / "store/jobs/film-1/certificate-0001.json"
    path.write_bytes(others)
    result = shell("verify", "film-1")
    assert result.exit_code == guard.JOB_FAILED
    assert (
        f"✗ certificate is that of film-2, generation 1: {path}  → copy the output's certificate.json" in result.stdout
    )
    assert "film-1 is damaged: 1 thing of 23 files" in result.stdout


@pytest.mark.parametrize(("record", "what"), [("generations/0001.json", "record"), ("result-0001.json", "result")])
def test_record_that_is_gone_is_damage(shell: Shell, job: Job, record: str, what: str) -> None:
    path = shell.folder / "store/jobs/film-1" / record
    path.unlink()
    result = shell("verify", "film-1")
    assert (result.exit_code, result.stderr) == (guard.JOB_FAILED, "")
    assert f"✗ {what} is missing: {path}" in result.stdout
    assert "film-1 is damaged: 1 thing of 21 files" in result.stdout


def test_job_without_any_generation_is_damaged(shell: Shell) -> None:
    record = Job(shell.folder).folder / "store/jobs/film-1/generations/0001.json"
    record.unlink()
    result = shell("verify", "film-1")
    assert result.exit_code == guard.JOB_FAILED
    assert f"error: {record}: is gone from the store, though film-1 is a job" in result.stderr


def test_job_that_is_being_stitched_is_unfinished(shell: Shell, job: Job) -> None:
    (shell.folder / "store/jobs/film-1/result-0001.json").unlink()
    job.truth.activate("film-1")
    result = shell("verify", "film-1")
    assert result.exit_code == guard.BAD_INPUT
    assert "film-1 is not finished" in result.stderr


def test_every_damaged_record_is_survived(shell: Shell, job: Job) -> None:
    records = [path for path in (job.folder / "store").rglob("*.json") if path.is_file()]
    for path in records:
        whole = path.read_bytes()
        for damaged in (b"", b"\xff{", b"null", whole[: len(whole) // 2]):
            path.write_bytes(damaged)
            result = shell("verify", "film-1")
            assert (result.exit_code, result.stderr) == (guard.JOB_FAILED, ""), path
            assert str(path) in result.stdout
        path.write_bytes(whole)
    assert len(records) == 8
    assert shell("verify", "film-1").exit_code == guard.OK


def test_certificate_cannot_lead_out_of_its_folder(shell: Shell, job: Job) -> None:
    honest = read((job.output / "certificate.json").read_bytes(), "certificate.json")
    forged = honest.model_copy(update={"files": (("../secret", 3, "0" * 64),)})
    (shell.folder / "secret").write_text("abc")
    (job.output / "certificate.json").write_bytes(forged.to_bytes())
    told = shell("verify", str(job.output)).stdout
    assert "✗ delivered file cannot be read" in told
    assert "would leave the store's root" in told


@pytest.mark.timeout(30)
@pytest.mark.parametrize("name", ["out/png/film.0002.png", "out/certificate.json", "store/jobs/film-1/plan.json"])
def test_pipe_in_place_of_a_file_is_not_read(shell: Shell, job: Job, name: str) -> None:
    path = shell.folder / name
    path.unlink()
    os.mkfifo(path)
    result = shell("verify", "film-1")
    assert result.exit_code == guard.JOB_FAILED
    assert f"is missing: {path}" in result.stdout


def test_file_that_was_replaced_by_a_folder_is_missing(shell: Shell, job: Job, tmp_path: Path) -> None:
    picture = job.output / "png" / "film.0002.png"
    picture.unlink()
    picture.mkdir()
    assert "✗ picture of frame 2 is missing" in shell("verify", str(job.output)).stdout
