"""How smoothly the dashboard's frame wall moves: a browser's frame times while it is scrolled, zoomed and pointed at.

    python -m bench.wall [--frames N] [--chunk N]

The job is invented: nobody renders it, and two fifths of it are done. Everything happens within the page, a step for
each of the browser's frames, so that nothing but the page's own work can make one late. A frame is due every 16.7 ms.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from bench.machine import describe
from bench.viewers import TOKEN, dashboard
from tests.jobs.making import make_plan
from tests.workers.farm import Farm, farm

JOB = "film-wall"
LATE_MS = 20.0
DONE = 0.4

_WATCH = """
() => {
  window.painted = [];
  return import("/static/wall-paint.js").then(({ WallPainter }) => {
    const { paint } = WallPainter.prototype;
    WallPainter.prototype.paint = function (...given) {
      const began = performance.now();
      paint.apply(this, given);
      window.painted.push(performance.now() - began);
    };
  });
}
"""
"""Tell how long the wall draws each time."""

_RUN = """
([what, count]) => new Promise((resolve) => {
  const wall = document.querySelector(".wall-scroller");
  const box = wall.getBoundingClientRect();
  const send = (Kind, name, rest) => wall.dispatchEvent(new Kind(name, { bubbles: true, cancelable: true, ...rest }));
  const steps = {
    scroll: () => {
      wall.scrollTop = wall.scrollTop + wall.clientHeight > wall.scrollHeight - 2 ? 0 : wall.scrollTop + 37;
    },
    hover: (n) => send(PointerEvent, "pointermove", {
      clientX: box.left + 80 + 4 * n, clientY: box.top + 20 + n, pointerType: "mouse",
    }),
    zoom: (n) => send(WheelEvent, "wheel", {
      ctrlKey: true, deltaY: n % 40 < 20 ? -41 : 41, clientX: box.left + 300, clientY: box.top + 200,
    }),
  };
  const times = [];
  window.painted.length = 0;
  let last;
  const step = (now) => {
    if (last !== undefined) times.push(now - last);
    last = now;
    if (times.length === count) return resolve({ times, painted: window.painted });
    steps[what](times.length);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})
"""
"""Do something once a frame, so many times. Gives the times between frames, and how long each drawing took, in ms."""


@dataclass(frozen=True)
class Measured:
    """One way of moving about."""

    what: str
    times: list[float]
    """Milliseconds between frames."""
    painted: list[float]
    """Milliseconds of each drawing."""

    @property
    def line(self) -> str:
        """For people."""
        late = sum(time > LATE_MS for time in self.times) / len(self.times)
        drawn = f"{median(self.painted):.1f} ms a drawing" if self.painted else "nothing was drawn"
        return f"{self.what:28} {median(self.times):5.1f} ms a frame, {late:4.0%} late, {drawn}"


def invent(made: Farm, frames: int, chunk: int) -> None:
    """Enter a job that nobody renders."""
    plan = make_plan(JOB, chunks=-(-frames // chunk), size=chunk).model_copy(update={"queue": "nobody"})
    made.truth.accept(plan, {"kind": "film"})
    done = [n < DONE * len(plan.chunks) for n in range(len(plan.chunks))]
    made.ledger.create(plan, generation=1, done=done, submitted=time.time())


def measure(page: Page, what: str, name: str, count: int = 180) -> Measured:
    """Move about in one way."""
    page.wait_for_timeout(500)
    found = page.evaluate(_RUN, [what, count])
    return Measured(name, found["times"], found["painted"])


def tour(page: Page, url: str) -> list[Measured]:
    """Scroll at four sizes of cells, point, zoom."""
    page.goto(f"{url}/login#token={TOKEN}")
    page.wait_for_url(f"{url}/")
    page.goto(f"{url}/jobs/{JOB}")
    page.get_by_test_id("wall-legend-done").wait_for()
    page.evaluate(_WATCH)
    found = [measure(page, "hover", "pointing, all in view")]
    for steps in (2, 4, 4, 4):
        for _ in range(steps):
            page.locator("#wall-plus").click()
        cell = page.evaluate("document.querySelector('.wall-scroller').dataset.cell")
        found.append(measure(page, "scroll", f"scrolling, cells of {cell} px"))
    page.locator("#wall-fit").click()
    found.append(measure(page, "zoom", "zooming"))
    return found


def main() -> None:
    """Print a line for each way of moving about."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000)
    parser.add_argument("--chunk", type=int, default=24)
    chosen = parser.parse_args()
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        sys.exit("no Chromium is on this machine")
    sys.stdout.write(f"{describe()}\n{chosen.frames:,} frames\n")
    with tempfile.TemporaryDirectory() as folder, farm(Path(folder)) as made, dashboard(made) as (url, _):
        invent(made, chosen.frames, chosen.chunk)
        with sync_playwright() as playwright:
            window = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
            page = window.new_page(viewport={"width": 1440, "height": 900})
            for measured in tour(page, url):
                sys.stdout.write(measured.line + "\n")
            window.close()


if __name__ == "__main__":
    main()
