"""What is lost when parts of a farm are: nothing. The movie is the undisturbed one, bit for bit."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
import redis

from jobs.metrics.reading import read
from jobs.records import Result
from jobs.webhooks.outbox import Outbox
from tests.jobs.hook_server import receiving
from tests.servers import S3Server
from tests.workers.farm import TIMEOUT_S, Farm, farm
from tests.workers.test_film_job import job


@pytest.fixture(scope="module")
def undisturbed(shared_farm: Farm, media: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """The film as it should be."""
    return shared_farm.finish(shared_farm.submit(slow(media, tmp_path_factory.mktemp("reference"))))


def slow(media: Path, output: Path) -> str:
    """A job that takes a worker some seconds."""
    return job(media, output, style="slow.pth", frames="1-32", chunk=8, deliver="[h264, png]")


def digests(result: Result) -> dict[str, str]:
    """What must be equal between two runs of a job."""
    return {made.name: made.sha256 for made in result.deliverables} | {"frames": result.frames_sha256}


@pytest.fixture(scope="module")
def passing(shared_farm: Farm) -> Iterator[subprocess.Popen[bytes]]:
    """The supervisor of a second worker, who may leave."""
    with shared_farm.workers(1, reconciler=False) as supervisor:
        yield supervisor


def busy(made: Farm, job: str, slot: str) -> None:
    """Wait until a worker is half-way through a chunk of a job."""
    made.wait(job, lambda seen: any(run.worker == slot and run.frames >= 2 for run in seen.running), "being painted")


def test_killed_worker_costs_no_bit(
    shared_farm: Farm, passing: subprocess.Popen[bytes], media: Path, undisturbed: Result, tmp_path: Path
) -> None:
    plan = shared_farm.submit(slow(media, tmp_path))
    (slot,) = {info.slot for info in shared_farm.ledger.workers()} - {*shared_farm.here(passing)}
    busy(shared_farm, plan.job, slot)
    shared_farm.kill_worker(slot)
    assert digests(shared_farm.finish(plan)) == digests(undisturbed)
    # Its parent tells, or a reconciler who was quicker, and who counts at its next look.
    told = {("atelier_worker_deaths_total", "sigkill"), ("atelier_leases_expired_total",)}
    deadline = time.monotonic() + TIMEOUT_S
    while not told & read(shared_farm.ledger).counts.keys():
        assert time.monotonic() < deadline, shared_farm.log()
        time.sleep(0.05)
    assert [line for line in shared_farm.ledger.log_lines(plan.job) if "died" in line.text]


@pytest.mark.slow
def test_killed_celery_parent_is_started_again(lone_farm: Farm, media: Path, undisturbed: Result) -> None:
    with lone_farm.workers(1) as supervisor:
        plan = lone_farm.submit(slow(media, lone_farm.folder / "out"))
        lone_farm.painting(plan.job, frames=2)
        (parent,) = Path(f"/proc/{supervisor.pid}/task/{supervisor.pid}/children").read_text().split()
        os.kill(int(parent), signal.SIGKILL)
        assert digests(lone_farm.finish(plan)) == digests(undisturbed)


def test_wiped_redis_costs_no_bit(shared_farm: Farm, media: Path, undisturbed: Result, tmp_path: Path) -> None:
    plan = shared_farm.submit(slow(media, tmp_path))
    shared_farm.wait(plan.job, lambda seen: seen.chunks_done >= 1 and bool(seen.running), "half done")
    shared_farm.painting(plan.job, frames=2)
    with redis.Redis.from_url(str(shared_farm.config.redis_url)) as client:
        client.flushall()
    assert digests(shared_farm.finish(plan)) == digests(undisturbed)
    # The chunk that was being painted went on: no chunk was painted twice.
    attempts = [entry.key.split("/")[3:5] for entry in shared_farm.truth.store.list(f"jobs/{plan.job}/attempts/")]
    assert len({tuple(attempt) for attempt in attempts}) == len(plan.chunks)


@pytest.mark.slow
def test_killed_redis_that_comes_back_empty_costs_no_bit(lone_farm: Farm, media: Path, undisturbed: Result) -> None:
    with lone_farm.workers(1):
        plan = lone_farm.submit(slow(media, lone_farm.folder / "out"))
        lone_farm.painting(plan.job, frames=2)
        lone_farm.kill_redis()
        time.sleep(1)
        lone_farm.start_redis()
        assert digests(lone_farm.finish(plan)) == digests(undisturbed)


def test_full_disk_fails_the_job_and_shows_nothing(shared_farm: Farm, media: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)], check=False)
    if mounted.returncode:
        pytest.skip("only root may mount the small disk that this test fills")
    try:
        plan = shared_farm.submit(job(media, disk / "out", frames="1-8", deliver="[png]"))
        ended = shared_farm.wait(plan.job, lambda seen: seen.state == "failed", "failed")
        assert "no space" in ended.error.lower() or "full" in ended.error.lower()
        assert not (disk / "out" / "result.json").exists()
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_stopping_worker_hands_its_chunk_back(
    shared_farm: Farm, passing: subprocess.Popen[bytes], media: Path, undisturbed: Result, tmp_path: Path
) -> None:
    plan = shared_farm.submit(slow(media, tmp_path))
    slot = shared_farm.slot_of(passing)
    busy(shared_farm, plan.job, slot)
    passing.send_signal(signal.SIGTERM)
    assert passing.wait(20) == 0
    seen = shared_farm.ledger.snapshot(plan.job)
    assert seen is not None
    assert (slot in [run.worker for run in seen.running], seen.failures) == (False, {})
    assert digests(shared_farm.finish(plan)) == digests(undisturbed)


@pytest.mark.slow
def test_three_workers_paint_what_one_paints(lone_farm: Farm, media: Path, undisturbed: Result) -> None:
    with lone_farm.workers(3):
        plan = lone_farm.submit(slow(media, lone_farm.folder / "out"))
        assert digests(lone_farm.finish(plan)) == digests(undisturbed)


def test_job_accepted_without_workers_starts_when_one_comes(lone_farm: Farm, media: Path) -> None:
    """And its end is told by that worker alone, which ends no sooner than it has been."""

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(0.5)
        handler.send_response(204)
        handler.end_headers()

    with receiving(slowly) as receiver:
        plan = lone_farm.submit(job(media, lone_farm.folder / "out", frames="1-8", notify=receiver.url))
        with lone_farm.workers(1, reconciler=False) as only:
            result = lone_farm.finish(plan)
            only.terminate()
            only.wait(20)
    outbox = Outbox(lone_farm.truth)
    assert outbox.is_over(*outbox.notices(plan.job))
    told = receiver.told()
    assert (told["frames"], told["frames_sha256"]) == (result.frames, result.frames_sha256) == (8, result.frames_sha256)
    assert told["deliverables"] == [row.model_dump(mode="json") for row in result.deliverables]


@pytest.mark.parametrize("server", ["swift_s3", pytest.param("moto_s3", marks=pytest.mark.slow)])
def test_everything_in_object_storage_and_accepted_before_a_worker_came(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, media: Path, server: str
) -> None:
    s3: S3Server = request.getfixturevalue(server).with_bucket()
    s3.use(monkeypatch)
    settings = {"store": f"{s3.url}/farm", "s3_endpoint": s3.endpoint, "s3_addressing": "path"}
    with farm(tmp_path, **settings) as made:
        made.truth.store.upload(media / "clip.mp4", "clip.mp4")
        text = job(media, Path("OUT"), frames="1-6", chunk=4, deliver="[h264, png]")
        text = text.replace(str(media / "clip.mp4"), f"{s3.url}/farm/clip.mp4").replace("OUT", f"{s3.url}/out")
        plan = made.submit(text)
        with made.workers(1, reconciler=False):
            result = made.finish(plan)
    names = {made.url.removeprefix(f"{s3.url}/out/") for made in result.deliverables}
    assert names == {"clip-h264.mp4", "png/", "contact-sheet.jpg"}
