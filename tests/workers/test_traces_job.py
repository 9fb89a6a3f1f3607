"""A real worker's spans arrive at a collector, as parts of the job that they are of."""

from __future__ import annotations

from pathlib import Path

from jobs.control import cancel
from jobs.tracing import trace_id
from tests.collector import Collector, attributes
from tests.workers.farm import Farm
from tests.workers.test_film_job import job


def test_chunks_and_stitch_are_parts_of_their_job(
    shared_farm: Farm, collector: Collector, media: Path, tmp_path: Path
) -> None:
    plan = shared_farm.submit(job(media, tmp_path / "out", frames="1-20", chunk=10))
    shared_farm.finish(plan)
    spans = collector.wait(trace_id(plan.job, 1), ["job", "chunk", "chunk", "stitch"])
    [whole] = [span for span in spans if span.name == "job"]
    chunks = [span for span in spans if span.name == "chunk"]
    [stitch] = [span for span in spans if span.name == "stitch"]
    assert not whole.parent_span_id
    assert {span.parent_span_id for span in (*chunks, stitch)} == {whole.span_id}
    assert all(span.end_time_unix_nano <= stitch.start_time_unix_nano for span in chunks)
    told = attributes(chunks[1])
    assert (told["atelier.job"], told["atelier.chunk"], told["atelier.frames"]) == (plan.job, 1, 10)
    assert told["atelier.worker"].startswith("cpu-0@")
    assert told["atelier.stage.model"] > 0
    assert attributes(whole)["atelier.state"] == "done"


def test_an_interrupted_chunk_is_no_failure(
    shared_farm: Farm, collector: Collector, media: Path, tmp_path: Path
) -> None:
    plan = shared_farm.submit(job(media, tmp_path / "out", style="slow.pth", chunk=30, frames="1-30"))
    shared_farm.painting(plan.job)
    shared_farm.ledger.steer(plan.job, "paused")
    [chunk] = collector.wait(trace_id(plan.job, 1), ["chunk"])
    assert [event.name for event in chunk.events] == ["interrupted"]
    assert chunk.status.code == 0
    cancel(plan.job, shared_farm.truth, shared_farm.ledger)
