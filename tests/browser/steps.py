"""What somebody with a mouse does to make a film: from its job file to the downloaded movie."""

from __future__ import annotations

import re
from pathlib import Path

import av
from playwright.sync_api import Page, expect

from tests.browser.conftest import Picture, Studio


def submit(page: Page, studio: Studio) -> None:
    """A wrong file is refused at its line; the right one becomes a job."""
    file = page.get_by_test_id("yaml")
    text = f"kind: film\nsource: {studio.film}\nstyle: starry-nite\nframes: 1-24\nchunk: 6\n"
    text += f"output: {studio.farm.folder}/painted\ndeliver: [h264, png]\n"
    file.fill(text)
    page.get_by_test_id("check").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("did you mean 'starry-night'?")
    file.fill(text.replace("starry-nite", "starry-night"))
    page.get_by_test_id("check").click()
    expect(page.get_by_test_id("outcome")).to_contain_text("24 frames")
    page.get_by_test_id("send").click()
    page.wait_for_url("**/jobs/film-*")


def watch(page: Page, picture: Picture) -> None:
    """It paints itself, and the page follows without being loaded again."""
    expect(page.get_by_test_id("job-state")).to_have_text("running")
    expect(page.get_by_test_id("wall-legend")).to_contain_text("rendering")
    expect(page.get_by_test_id("job-count")).to_have_text(re.compile(r"[1-9]\d? of 24 frames"), timeout=90_000)
    picture(page, "job-running")
    expect(page.get_by_test_id("job-state")).to_have_text("done", timeout=120_000)


def wipe(page: Page, picture: Picture) -> None:
    """A frame beside its source, by mouse and by keyboard."""
    page.get_by_test_id("wall-number").fill("15")
    page.get_by_test_id("wall-number").press("Enter")
    page.get_by_test_id("wall-grid").press("Enter")
    frame = page.get_by_test_id("frame")
    expect(frame).to_be_visible()
    expect(frame).to_contain_text("15")
    handle = page.get_by_test_id("wipe-handle")
    expect(handle).to_be_visible()
    before = handle.bounding_box()
    handle.focus()
    for _ in range(5):
        handle.press("ArrowLeft")
    after = handle.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] < before["x"]
    picture(page, "frame")
    page.keyboard.press("Escape")
    expect(frame).to_be_hidden()
    expect(page).not_to_have_url(re.compile("#frame"))


def redo(page: Page) -> None:
    """Some frames are painted again, and it says beforehand what that takes."""
    page.get_by_test_id("wall-number").fill("5-8")
    page.get_by_test_id("wall-number").press("Enter")
    expect(page.get_by_test_id("chosen-says")).to_contain_text("2 chunks")
    page.get_by_test_id("redo").click()
    expect(page.get_by_test_id("job-state")).not_to_have_text("done")
    expect(page.get_by_test_id("job-state")).to_have_text("done", timeout=120_000)
    expect(page.get_by_test_id("wall-legend")).to_contain_text("redone")


def download(page: Page, folder: Path) -> None:
    """The movie plays, and is whole when it is taken away."""
    video = page.get_by_test_id("deliverable-h264").locator("video")
    expect(video).to_be_visible()
    page.wait_for_function("document.querySelector('[data-testid=deliverable-h264] video').readyState >= 1")
    with page.expect_download() as taken:
        page.get_by_test_id("download-h264").click()
    path = folder / "movie.mp4"
    taken.value.save_as(path)
    assert taken.value.suggested_filename.endswith(".mp4")
    with av.open(str(path)) as movie:
        assert sum(1 for _ in movie.decode(video=0)) == 24
