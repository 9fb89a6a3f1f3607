"""docs/webhooks.md shows what is sent, with every key, and its receiver tells ours from others'."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from jobs.config import Settings
from jobs.kinds.notify import Notify
from jobs.records import Deliverable
from jobs.truth import Truth, now
from jobs.webhooks.announce import announce, announce_stall
from jobs.webhooks.outbox import Outbox
from jobs.webhooks.sign import HEADER, header
from pipeline.storage import open_store
from tests.docs.pages import ROOT, blocks
from tests.docs.test_kind_pages import default
from tests.jobs.making import make_plan, make_result

PAGE = ROOT / "docs/webhooks.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECRET = "a-secret-of-enough-letters"


def sent(folder: Any, *, state: str) -> dict[str, Any]:
    """What is sent of a job that ended so."""
    truth, plan = Truth(open_store(str(folder))), make_plan()
    truth.accept(plan, {})
    config = Settings(webhook_url="https://example.org/")
    if state == "stalled":
        announce_stall(plan.job, 1, now(), truth, config, state="running", reason="because")
    elif state == "done":
        made = Deliverable(name="png", url="", files=1, size=1, sha256="")
        truth.put_result(make_result(plan).model_copy(update={"deliverables": (made,)}))
    else:
        truth.put_ending(plan.job, 1, state=state, reason="because")
    announce(plan.job, 1, truth, config)
    [notice] = Outbox(truth).notices(plan.job)
    return dict(json.loads(notice.body))


def test_the_example_has_the_keys_that_are_sent(tmp_path: Any) -> None:
    [example] = [json.loads(text) for text in blocks(PAGE, "json")]
    made = sent(tmp_path, state="done")
    assert list(example) == list(made)
    assert list(example["deliverables"][0]) == list(made["deliverables"][0])


def test_every_key_that_is_sent_stands_there(tmp_path: Any) -> None:
    table = TEXT.partition("\n| key | meaning |\n")[2].partition("\n\n")[0]
    told = {
        name
        for cell in re.findall(r"^\| (`.*?`) \|", table, flags=re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    }
    assert told == set().union(*(sent(tmp_path / state, state=state) for state in ("done", "failed", "stalled")))


def test_every_key_of_notify_stands_there() -> None:
    schema = {"required": [], **Notify.model_json_schema()}
    for key, told in schema["properties"].items():
        assert f"| `{key}` | {default(key, schema)} | {told['description']} |" in TEXT.splitlines()


def test_the_receiver_tells_ours_from_others() -> None:
    names: dict[str, Any] = {}
    exec(blocks(PAGE, "python")[0], names)
    is_genuine, body, at = names["is_genuine"], b'{"job":"film-1"}', int(time.time())
    both = header(Settings(webhook_secret=f"{SECRET} another-secret-of-letters"), body, at)[HEADER]
    assert is_genuine(SECRET, both, body)
    assert is_genuine("another-secret-of-letters", both, body)
    assert not is_genuine("a-third-secret-of-letters", both, body)
    assert not is_genuine(SECRET, both, body + b" ")
    assert not is_genuine(SECRET, both.replace(f"t={at}", f"t={at + 1}"), body)
    assert not is_genuine(SECRET, header(Settings(webhook_secret=SECRET), body, at - 600)[HEADER], body)
