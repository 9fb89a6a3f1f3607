from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from tests.collector import Collector, collecting
from tests.media import write_film
from tests.workers.farm import Farm, farm, write_checkpoint, write_style


@pytest.fixture(scope="package")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short film with sound and two checkpoints: `fast` paints it at once, `slow` in seconds."""
    folder = tmp_path_factory.mktemp("media")
    write_film(folder / "clip.mp4", 60, rate=Fraction(24), size=(160, 90), sound="aac")
    write_style(folder / "fast.safetensors")
    write_checkpoint(folder / "slow.pth")
    return folder


@pytest.fixture(scope="package")
def collector() -> Iterator[Collector]:
    """Where the shared farm sends its traces."""
    with collecting() as made:
        yield made


@pytest.fixture(scope="package")
def shared_farm(tmp_path_factory: pytest.TempPathFactory, media: Path, collector: Collector) -> Iterator[Farm]:
    """A farm with one worker that tests share.

    They may do to it what it gets over by itself: a killed worker comes back, a wiped Redis is filled again.
    """
    with farm(tmp_path_factory.mktemp("farm")) as made:
        made.environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        with made.workers():
            yield made


@pytest.fixture
def lone_farm(tmp_path: Path) -> Iterator[Farm]:
    """A farm without workers, for a test to start and to hurt."""
    with farm(tmp_path) as made:
        yield made
