"""The dashboard in a browser: a film is made, and every page is for everybody, by the rules of WCAG 2.2 AA, in the dark
and in the light, in two languages, on a phone.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from jobs import spec
from jobs.control import enter
from jobs.expiry import Removal
from jobs.records import Plan
from jobs.submit import plan_job
from tests.browser.conftest import PICTURES, Picture, Studio, Visit
from tests.browser.steps import download, redo, submit, watch, wipe

PAGES = {
    "jobs": "/",
    "job": "/jobs/film-held",
    "workers": "/workers",
    "campaigns": "/campaigns",
    "gallery": "/gallery",
    "submit": "/submit",
}

SIZE = 40
"""Frames of a held film's chunk."""

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}

MOVES_NOTHING = """
() => document.getAnimations().every((each) =>
  each.playState !== "running" || each.effect.getComputedTiming().iterations === Infinity)
"""

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


@pytest.fixture(scope="session")
def faces(studio: Studio) -> Plan:
    """Portraits that are done, for the gallery; for pictures of it, enough to fill it."""
    seeds = "0-1" if PICTURES is None else "0-11"
    plan = studio.farm.submit(
        f"kind: portraits\nmodel: portraits\nseeds: {seeds}\ntruncation: 0.7\noutput: {studio.farm.folder}/faces"
    )
    studio.farm.finish(plan)
    return plan


@pytest.fixture(scope="session")
def held(studio: Studio) -> Plan:
    """A film of 100,000 frames that is paused half-way."""
    return _held(studio, chunks=2500)


def _held(studio: Studio, *, chunks: int, job: str = "film-held") -> Plan:
    text = f"kind: film\nsource: {studio.film}\nstyle: great-wave\noutput: {studio.farm.folder}/held"
    checked, located = spec.parse(text, path="held.yaml", folder=studio.farm.folder)
    plan = plan_job(checked, located, studio.farm.config)
    # As if the film were longer: nobody will paint it.
    spans = tuple((n * SIZE, n * SIZE + SIZE) for n in range(chunks))
    plan = plan.model_copy(update={"job": job, "frames": chunks * SIZE, "chunks": spans})
    truth, ledger = studio.farm.truth, studio.farm.ledger
    truth.accept(plan, spec.canonical(checked))
    truth.set_paused(plan.job, True)
    done = [chunk < chunks // 2 or chunk % 7 == 0 for chunk in range(chunks)]
    ledger.create(plan, generation=1, done=done, submitted=time.time(), paused=True)
    return plan


def test_submit_watch_wipe_redo_download(studio: Studio, visit: Visit, picture: Picture, tmp_path: Path) -> None:
    page = visit(studio, "/submit")
    submit(page, studio)
    watch(page, picture)
    wipe(page, picture)
    redo(page)
    download(page, tmp_path)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_pages_can_be_used_by_everybody(
    studio: Studio, held: Plan, faces: Plan, visit: Visit, picture: Picture, scheme: str
) -> None:
    page = visit(studio, color_scheme=scheme)
    for name, address in PAGES.items():
        page.goto(studio.url + address)
        _settle(page)
        picture(page, f"{name}-{scheme}")
        assert Axe().run(page, options=RULES).generate_snapshot() == "", name
        _can_be_tabbed_through(page)


def test_pages_fit_a_phone_and_speak_chinese(
    studio: Studio, held: Plan, faces: Plan, visit: Visit, picture: Picture
) -> None:
    page = visit(studio, locale="zh-CN", **PHONE)
    for name, address in PAGES.items():
        page.goto(studio.url + address)
        _settle(page)
        picture(page, f"{name}-phone")
        assert page.evaluate("document.documentElement.lang") == "zh-Hans"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
    expect(page.get_by_test_id("send")).to_have_text("提交")


def test_a_wall_of_100_000_frames_is_walked_by_keyboard(studio: Studio, held: Plan, visit: Visit) -> None:
    page = visit(studio, f"/jobs/{held.job}")
    expect(page.get_by_test_id("wall-legend")).to_contain_text("57,160")
    grid = page.get_by_test_id("wall-grid")
    grid.focus()
    grid.press("End")
    expect(page.get_by_test_id("wall-cell")).to_contain_text("Frame 100000")
    grid.press("ArrowLeft")
    expect(page.get_by_test_id("wall-cell")).to_contain_text("Frame 99999")


def test_the_address_leads_to_frames_and_chunks_that_there_are(studio: Studio, held: Plan, visit: Visit) -> None:
    page = visit(studio, f"/jobs/{held.job}#chunk=1400")
    expect(page.get_by_test_id("chunk-1400-fold")).to_be_visible()
    expect(page.get_by_test_id("wall-cell")).to_contain_text("Frame 56001")
    for wrong, has in (("frame=100001", "frames 1-100000"), ("frame=abc", "frames 1-100000"), ("chunk=2500", "0-2499")):
        page.evaluate("fragment => (location.hash = fragment)", wrong)
        expect(page.get_by_test_id("toast").last).to_contain_text(has)
        assert page.evaluate("location.hash") == ""


@pytest.mark.parametrize("listens", [True, False])
def test_who_looks_at_a_job_that_is_swept_is_told(studio: Studio, visit: Visit, listens: bool) -> None:
    plan = _held(studio, chunks=4, job=f"film-swept-{listens}")
    page = visit(studio)
    held_back: list[Route] = []
    if not listens:
        page.route(f"**/{plan.job}/events", lambda route: held_back.append(route))
    page.goto(f"{studio.url}/jobs/{plan.job}")
    expect(page.get_by_test_id("job-state")).to_have_text("paused")
    truth = studio.farm.truth
    studio.farm.ledger.end(plan.job, "cancelled", generation=1)
    truth.put_ending(plan.job, 1, state="cancelled", reason="")
    truth.retire(plan.job, 1)
    assert Removal.of(plan.job, truth).remove()
    while not listens and not held_back:
        page.wait_for_timeout(20)
    for route in held_back:
        route.continue_()
    expect(page.get_by_test_id("job-gone")).to_contain_text("This job is gone")
    page.goto(f"{studio.url}/jobs/{plan.job}")
    expect(page.get_by_test_id("job-gone")).to_contain_text("There is no such job")
    page.goto(f"{studio.url}/submit?more={plan.job}/1")
    expect(page.get_by_test_id("toast")).to_contain_text(plan.job)
    expect(page.locator("#fields [data-field=source]")).to_be_visible()


def test_a_page_says_that_redis_is_gone_and_goes_on_when_it_is_back(idle: Studio, visit: Visit) -> None:
    plan = _held(idle, chunks=4, job="film-away")
    page = visit(idle, f"/jobs/{plan.job}")
    state, banner = page.get_by_test_id("job-state"), page.get_by_role("status")
    expect(state).to_have_text("paused")
    idle.farm.kill_redis()
    expect(banner.filter(has_text="Redis does not answer")).to_be_visible()
    idle.farm.start_redis()
    enter(plan, idle.farm.truth, idle.farm.ledger)
    idle.farm.truth.set_paused(plan.job, False)
    idle.farm.ledger.steer(plan.job, "running")
    expect(state).to_have_text("running")
    expect(banner.filter(has_text="Redis does not answer")).to_be_hidden()


def _settle(page: Page) -> None:
    """Wait until what a page asks for is there. Its stream of events never ends."""
    page.wait_for_load_state("load")
    page.wait_for_function("document.querySelectorAll('[aria-busy=true]').length === 0")
    # What fades in has to be there, for its contrast; for pictures thumbnails too.
    page.wait_for_timeout(200 if PICTURES is None else 700)
    page.wait_for_function(MOVES_NOTHING)


def _can_be_tabbed_through(page: Page) -> None:
    """The focus moves on, is seen, and comes back to the page's beginning or leaves it."""
    seen = []
    for _ in range(6):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement?.outerHTML.slice(0, 200)"))
    assert len(set(seen)) == len(seen)
