"""Files that a job delivered, as clients keep and check them."""

from __future__ import annotations

import time
from pathlib import Path

import httpx

from jobs.expiry import Removal
from jobs.records import Blob, Deliverable, Generation, Plan
from jobs.web.delivered import Deliveries
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan, make_receipt, make_result
from tests.jobs.test_certificate import certificate, sha


def publish(farm: Deployment, plan: Plan, *, generation: int, movie: str, rows: tuple[Deliverable, ...] = ()) -> None:
    """A stitcher delivered a movie, and a result that is as long as any other."""
    data = certificate().model_copy(update={"files": (("film-h264.mp4", len(movie), sha(movie)),)}).to_bytes()
    folder = Path(plan.output)
    folder.mkdir(exist_ok=True)
    (folder / "result.json").write_text(movie[:1])
    (folder / "film-h264.mp4").write_text(movie)
    farm.truth.put_certificate(plan.job, generation, data)
    farm.truth.put_result(
        make_result(plan, generation=generation).model_copy(update={"certificate": sha(data), "deliverables": rows})
    )


def test_a_redo_of_the_same_size_is_another_file(viewer: httpx.Client, farm: Deployment, tmp_path: Path) -> None:
    plan = make_plan("film-00000000d1", output=f"{tmp_path}/out")
    farm.accept(plan)
    publish(farm, plan, generation=1, movie="one")
    address = f"/api/v1/jobs/{plan.job}/files/result.json"
    first = viewer.get(address)
    held = {"If-None-Match": first.headers["ETag"]}
    assert (first.text, viewer.get(address, headers=held).status_code) == ("o", 304)
    farm.truth.add_generation(plan.job, Generation(number=2, chunks=(1,), reason="redo"))
    publish(farm, plan, generation=2, movie="two")
    # That there is a redo is known within a second.
    deadline = time.monotonic() + 5
    while (again := viewer.get(address, headers=held)).status_code == 304 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (again.status_code, again.text) == (200, "t")


def test_what_was_delivered_is_there_while_the_job_is_redone(
    viewer: httpx.Client, farm: Deployment, tmp_path: Path
) -> None:
    plan = make_plan("film-00000000d3", output=f"{tmp_path}/out")
    farm.accept(plan)
    listed, movie = f"/api/v1/jobs/{plan.job}/deliverables", f"/api/v1/jobs/{plan.job}/files/film-h264.mp4"
    assert viewer.get(listed).json()["items"] == []
    assert viewer.get(movie).status_code == 404
    row = Deliverable(name="h264", url=f"{plan.output}/film-h264.mp4", files=1, size=3, sha256=sha("one"))
    publish(farm, plan, generation=1, movie="one", rows=(row,))
    [found] = viewer.get(listed).json()["items"]
    assert (found["outdated"], "immutable" in viewer.get(found["href"]).headers["Cache-Control"]) == (False, True)
    farm.truth.add_generation(plan.job, Generation(number=2, chunks=(1,), reason="redo"))
    # That there is a redo is known within a second.
    deadline = time.monotonic() + 5
    while not (again := viewer.get(listed).json()["items"])[0]["outdated"] and time.monotonic() < deadline:
        time.sleep(0.1)
    assert again == [found | {"outdated": True}]
    kept = viewer.get(found["href"])
    # Any moment, another movie may lie there.
    assert (kept.status_code, kept.text, "immutable" in kept.headers["Cache-Control"]) == (200, "one", False)


def test_the_gallery_shows_what_is_painted_anew(viewer: httpx.Client, farm: Deployment, tmp_path: Path) -> None:
    plan = make_plan("posters-00000000d4", kind="posters", chunks=1, size=1, output=f"{tmp_path}/out")
    variant = {"audience": "all", "locale": "en", "width": 64, "height": 64, "palette": "ink", "values": {}}
    inputs = {"template_name": "sale", "template": {"palettes": {"ink": {}, "red": {}}}, "variants": [variant]}
    spec = {"kind": "posters", "template": "sale", "audiences": [{"audience": "all"}], "output": plan.output}
    farm.truth.accept(plan.model_copy(update={"inputs": inputs}), spec)
    # A plan that is not understood is no picture, and no reason to show none.
    farm.accept(make_plan("posters-00000000d5", kind="posters", chunks=1, size=1, output=f"{tmp_path}/other"))
    for job in (plan, make_plan("posters-00000000d5", chunks=1, size=1)):
        kept = Blob(key="kept.png", size=1, sha256=sha("one"))
        farm.truth.put_receipt(make_receipt(job, 0).model_copy(update={"frames": (kept,)}))
    farm.truth.add_generation(plan.job, Generation(number=2, chunks=None, reason="redo"))
    # Who asks for a job learns of it before the list is a second old.
    assert "palette: red" in viewer.get(f"/api/v1/gallery/{plan.job}/1/more").json()["file"]
    assert viewer.get("/api/v1/gallery/posters-00000000d5/1/more").status_code == 500
    assert [picture["job"] for picture in viewer.get("/api/v1/gallery").json()["items"]] == [plan.job]


def test_a_job_that_was_swept_and_made_again_has_its_own_files(farm: Deployment, tmp_path: Path) -> None:
    plan = make_plan("film-00000000d2", output=f"{tmp_path}/out")
    deliveries = Deliveries(farm.truth)
    for movie in ("short", "somewhat longer"):
        farm.accept(plan)
        publish(farm, plan, generation=1, movie=movie)
        farm.truth.retire(plan.job, 1)
        farm.ledger.end(plan.job, "done", generation=1)
        found = deliveries.of(plan)
        assert found is not None
        assert found.files["film-h264.mp4"].sha256 == sha(movie)
        assert Removal.of(plan.job, farm.truth).remove()
