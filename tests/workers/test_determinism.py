"""The same job gives the same pixels, however it is cut and by however many it is painted: the whole matrix."""

from pathlib import Path

import pytest

from tests.workers.farm import Farm
from tests.workers.test_film_job import job


@pytest.mark.slow
def test_chunks_of_7_24_and_100_by_one_and_three_workers_are_equal(lone_farm: Farm, media: Path) -> None:
    digests = set()
    for workers in (1, 3):
        with lone_farm.workers(workers):
            for chunk in (7, 24, 100):
                text = job(media, lone_farm.folder / f"out-{workers}-{chunk}", style="slow.pth", chunk=chunk)
                digests.add(lone_farm.finish(lone_farm.submit(text)).frames_sha256)
    assert len(digests) == 1
