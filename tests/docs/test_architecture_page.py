"""docs/architecture.md names scripts, keys, records and settings as the code has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from jobs.campaigns.book import Book
from jobs.campaigns.records import Ended, Intent, Run
from jobs.config import Settings
from jobs.expiry import leaving_key
from jobs.queue import make_app
from jobs.records import Blob, Hook, Notice, NoticeAnswer, NoticeTry, Quarantine, Rehearsal, Result, Signed
from jobs.truth import Truth
from jobs.webhooks.outbox import Outbox
from pipeline.storage import open_store
from tests.docs.pages import ROOT
from tests.jobs.making import make_plan, make_receipt
from workers.sweeper import LAST

PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """What stands below a heading, up to the next."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_every_lua_script_has_its_line() -> None:
    told = set(re.findall(r"^\| \[(\w+\.lua)\]", PAGE, flags=re.MULTILINE))
    assert told == {path.name for path in (ROOT / "jobs/lua").glob("*.lua")}


def test_every_key_in_redis_has_its_line() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "jobs/lua").glob("*.lua")]
    sources.append((ROOT / "jobs/ledger.py").read_text(encoding="utf-8"))
    used = set(re.findall(r"""\bkey\(['"](\w+)['"]""", "\n".join(sources).replace("_key", "key")))
    cells = re.findall(r"^\| (`.*?`) \|", section("What is in Redis"), flags=re.MULTILINE)
    told = {name.partition(":")[0] for cell in cells for name in re.findall(r"`([^`]+)`", cell)}
    assert told == used | {"create"}


def test_records_lie_where_the_page_says(tmp_path: Path) -> None:
    truth, plan = Truth(open_store(str(tmp_path))), make_plan(chunks=13)
    truth.accept(plan, {})
    truth.put_receipt(make_receipt(plan, 12))
    truth.put_state(plan.job, 12, 1, b"")
    truth.put_quarantine(plan.job, 12, 1, Quarantine(begins=0, leads_in=False, cleared=0, ends=1))
    truth.put_ending(plan.job, 1, state="failed", reason="")
    truth.put_rehearsal(plan.job, Rehearsal(rows=(), chunk_s=0))
    truth.set_paused(plan.job, True)
    truth.set_priority(plan.job, 8)
    outbox = Outbox(truth)
    outbox.add_hook(plan.job, Hook(url="", on=()))
    outbox.put(notice := Notice(job=plan.job, name="name", event="", url="", body="", made_at=""))
    outbox.begin(notice, 1, NoticeTry(at="", by=""))
    outbox.end(notice, 1, NoticeAnswer(at=""))
    truth.put_certificate(plan.job, 1, b"")
    blob = Blob(key="", size=0, sha256="")
    truth.put_signed(Signed(job=plan.job, generation=1, name="a.mp4", of="", blob=blob))
    truth.put_result(
        Result(
            job=plan.job,
            generation=1,
            frames=0,
            frames_sha256="",
            deliverables=(),
            models=(),
            submitted_at="",
            finished_at="",
            compute_s=0,
        )
    )
    book, run = Book(truth), Run("autumn", datetime(2026, 12, 7, 5, tzinfo=UTC))
    book.claim(run, version=1, by="", at=run.at)
    book.intend(run, Intent(spec={}, plan=plan))
    book.end(run, Ended(job=plan.job, at=run.at))
    keys = (
        entry.key.replace(plan.job, "<id>")
        .replace("/name", "/<name>")
        .replace("autumn", "<name>")
        .replace(run.key, "<time>")
        for entry in truth.store.list()
    )
    written = {re.sub(r"hooks/\w+", "hooks/<digest>", key) for key in keys}
    told = set(re.findall(r"^    (\S+)", section("What lies in the store"), flags=re.MULTILINE))
    attempt = Truth.attempt("<id>", 12, token=987).replace("987", "<token>/")
    assert told == written | {
        attempt,
        "campaigns/versions/<name>/000001.json",
        Truth.signed_folder("<id>", 1, "<stitcher>"),
        "cache/<family>/<id>/000012-0001",
        "copy/<sha256>.json",
        "models/<sha256>.safetensors",
        "files/<sha256>.jpg",
        "uploads/<random>/<name>",
        leaving_key("<id>"),
        LAST,
        ".probe/",
    }


def test_celery_is_set_as_the_page_says() -> None:
    conf = make_app(Settings(redis_url="redis://nowhere:6379/0")).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert (conf.worker_prefetch_multiplier, conf.accept_content, conf.result_backend) == (1, ["json"], None)
    assert conf.worker_soft_shutdown_timeout == 45
    transport = conf.broker_transport_options
    assert [transport[f"unacked_restore_{name}"] for name in ("interval", "throttle")] == [2, 1]
    assert transport["visibility_timeout"] == 6 * 3600
