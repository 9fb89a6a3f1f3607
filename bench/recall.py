"""The frame cache: a chunk that is painted, one that is found, and what looking costs where there is nothing to find.

    python -m bench.recall --film F [--style S] [--frames N] [--sizes 640 1280] [--rounds N]
    python -m bench.recall --film F --looking
    python -m bench.recall --index

One worker process with the cache and one without take turns at the same frames, each a job of one chunk; times are the
chunk's own, from its receipt. `--looking`: what keys cost the painter where it looks in vain, in processor time.
`--index`: what a process needs to know of 2,000 chunks of 50 frames, in a local folder.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import sys
import tempfile
import time
import tracemalloc
from contextlib import ExitStack
from pathlib import Path

from bench.machine import describe
from jobs.cache import FrameCache, forget
from jobs.records import Blob, Receipt
from jobs.truth import Truth
from pipeline.storage import open_store
from tests.workers.farm import Farm, farm

CHUNKS, FRAMES = 2_000, 50
"""Of the index."""

PAINTED, COLD, FOUND = "without the cache", "with it, nothing to find", "with it, all found"


def main() -> None:
    """Print each round and the median ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--film", type=Path)
    parser.add_argument("--style", default="great-wave")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--sizes", type=int, nargs="+", default=[640, 1280], help="longest sides, px")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keys", default="", help="more of the job file, as 'consistency: flow'")
    parser.add_argument("--looking", action="store_true", help="measure the keys instead, in processor time")
    parser.add_argument("--index", action="store_true", help="measure the index instead")
    chosen = parser.parse_args()
    sys.stdout.write(f"{describe()}\n")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        if chosen.index:
            measure_index(Path(folder))
            return
        if chosen.looking:
            measure_keys(chosen.film, chosen.style, chosen.sizes, chosen.frames, chosen.rounds)
            return
        farms = {}
        for cache in ("on", "off"):
            (Path(folder) / cache).mkdir()
            farms[cache] = stack.enter_context(farm(Path(folder) / cache, cache=cache, threads="1", reconcile_s="30"))
            stack.enter_context(farms[cache].workers(1))
        for size in chosen.sizes:
            text = f"kind: film\nsource: {chosen.film.absolute()}\nstyle: {chosen.style}\nsize: {size}\n{chosen.keys}"
            measure_chunks(
                farms["on"], farms["off"], f"{text}\nframes: 1-{chosen.frames}\nchunk: {chosen.frames}", chosen
            )


def measure_chunks(cached: Farm, plain: Farm, text: str, chosen: argparse.Namespace) -> None:
    """Print what the three ways cost, taking turns."""
    seconds: dict[str, list[float]] = {PAINTED: [], COLD: [], FOUND: []}
    sys.stdout.write(f"{text}\n")
    for number in range(chosen.rounds + 1):
        ways = {PAINTED: lambda: chunk(plain, text), COLD: lambda: cold_chunk(cached, text)}
        order = [PAINTED, COLD] if number % 2 else [COLD, PAINTED]
        made = {way: ways[way]() for way in order} | {FOUND: chunk(cached, text)}
        assert [made[way].recalled for way in (PAINTED, COLD, FOUND)] == [0, 0, chosen.frames]
        if number == 0:
            continue  # loads the network
        for way, receipt in made.items():
            seconds[way].append(receipt.timings["wall_s"])
        sys.stdout.write(", ".join(f"{way} {times[-1]:.2f} s" for way, times in seconds.items()) + "\n")
        if number == chosen.rounds:
            sys.stdout.write("".join(f"  {way}: {receipt.timings}\n" for way, receipt in made.items()))
        sys.stdout.flush()
    for way in (COLD, FOUND):
        ratios = [ours / base for ours, base in zip(seconds[way], seconds[PAINTED], strict=True)]
        spread = f"{min(ratios):.3f} to {max(ratios):.3f}"
        sys.stdout.write(f"{way}: {statistics.median(ratios):.3f} of painted without the cache ({spread})\n")


def measure_keys(film: Path, style: str, sizes: list[int], frames: int, rounds: int) -> None:
    """Print what keys cost the painter, in processor time, which other programs disturb least."""
    import torch

    from pipeline.catalog import find
    from pipeline.device import lighten, pick, precision
    from pipeline.film.brief import FilmBrief, Look, Span
    from pipeline.film.probe import probe
    from pipeline.film.stylize import FilmPainter
    from pipeline.models import open_model
    from pipeline.painter import Easel, Work
    from pipeline.storage import StoreOptions
    from pipeline.stream import Stopwatch

    torch.set_num_threads(1)
    device = pick("cpu")
    chosen = precision(device)
    network = lighten(open_model(find(style)), chosen)
    easel = Easel(device=device, precision=chosen, batch=1, lanes=1, options=StoreOptions())
    source = probe(str(film))
    for size in sizes:
        brief = FilmBrief(
            source=source,
            offset=0,
            looks=(Look(name=style, models=(0,)),),
            spans=(Span(start=0, stop=source.frames, look=0),),
            size=size,
        )
        painter = FilmPainter(brief.model_dump(mode="json"), easel, deep=False)
        took: dict[bool, list[float]] = {False: [], True: []}
        for number in range(rounds + 1):
            for is_looking in (False, True) if number % 2 else (True, False):
                work = Work(
                    start=0,
                    stop=frames,
                    watch=Stopwatch(),
                    model=lambda index, precision=None: network,
                    model_digests=("",),
                    recall=(lambda key: None) if is_looking else None,
                )
                begun = time.process_time()
                for _ in painter.paint(work):
                    pass
                if number:
                    took[is_looking].append(time.process_time() - begun)
        ratios = [ours / base for ours, base in zip(took[True], took[False], strict=True)]
        sys.stdout.write(
            f"{size} px: keys and looking for nothing cost {statistics.median(ratios):.3f} of the painter's processor "
            f"time ({min(ratios):.3f} to {max(ratios):.3f}); {min(took[False]) / frames * 1e3:.1f} ms a frame without\n"
        )


def chunk(made: Farm, text: str) -> Receipt:
    """The receipt of a fresh job of one chunk."""
    plan = made.submit(f"{text}\noutput: {tempfile.mkdtemp(dir=made.folder)}")
    made.finish(plan)
    receipt = made.truth.receipt(plan.job, 0, 1)
    assert receipt is not None
    return receipt


def cold_chunk(made: Farm, text: str) -> Receipt:
    """The same after everything was forgotten."""
    forget(made.truth.store, *made.truth.jobs())
    return chunk(made, text)


def measure_index(folder: Path) -> None:
    """Print what it takes to learn of many frames, and to look again."""
    truth, family = Truth(open_store(str(folder))), "ab" * 16
    for number in range(CHUNKS):
        receipt = receipt_of(number, family)
        for key, data in (
            (truth.receipt_key(receipt.job, number, 1), receipt.model_dump_json().encode()),
            (f"cache/{family}/{receipt.job}/{number:06d}-0001", b""),
        ):
            # Not through the store, which forces each of them to the disk.
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            (folder / key).write_bytes(data)
    key = receipt_of(CHUNKS - 1, family).keys[-1]
    took = []
    for _ in range(3):
        cache = FrameCache(truth)
        begun = time.perf_counter()
        cache.get(key, job="film-new")
        took.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    cache.get(key, job="film-newer")
    again = time.perf_counter() - begun
    begun = time.perf_counter()
    for number in range(1_000):
        cache.get(f"{family}/{number:064x}", job="film-newer")
    each = (time.perf_counter() - begun) / 1_000
    tracemalloc.start()
    cache = FrameCache(truth)
    cache.get(key, job="film-new")
    memory = tracemalloc.get_traced_memory()[0]
    sys.stdout.write(
        f"{CHUNKS * FRAMES:,} frames in {CHUNKS:,} chunks: read in {min(took):.2f} s, {memory / 1e6:.0f} MB; "
        f"listed again in {again * 1e3:.0f} ms; a frame that is not there {each * 1e6:.1f} us\n"
    )


def receipt_of(chunk: int, family: str) -> Receipt:
    """A receipt as long as real ones."""
    numbers = range(chunk * FRAMES, (chunk + 1) * FRAMES)
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in numbers]
    folder = Truth.attempt("film-0123456789", chunk, 7)
    return Receipt(
        job="film-0123456789",
        chunk=chunk,
        generation=1,
        start=numbers.start,
        stop=numbers.stop,
        token=7,
        worker="machine:0",
        device="cpu",
        frames=tuple(
            Blob(key=f"{folder}/png-{number:08d}.png", size=1_000_000, sha256=digest)
            for number, digest in zip(numbers, digests, strict=True)
        ),
        keys=tuple(f"{family}/{digest}" for digest in digests),
    )


if __name__ == "__main__":
    main()
