"""Every trouble has its story, its words and its line in docs/reliability.md."""

from __future__ import annotations

import inspect
import re

import pytest

from jobs.drill.table import NEEDS, TROUBLES, chosen, left_out, story
from pipeline.errors import InputError
from tests.docs.pages import ROOT


@pytest.mark.parametrize("name", TROUBLES)
def test_troubles_lead_to_a_story(name: str) -> None:
    assert inspect.isgeneratorfunction(story(name))
    assert set(TROUBLES[name].needs) <= set(NEEDS)


def test_the_page_lists_every_trouble() -> None:
    page = (ROOT / "docs/reliability.md").read_text(encoding="utf-8")
    section = page.partition("\n## The drill\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z0-9-]+)` \|", section, flags=re.MULTILINE) == list(TROUBLES)


def test_only_takes_names_with_commas() -> None:
    assert chosen("delay, redis-flush,delay") == ["delay", "redis-flush"]
    assert chosen(None) == list(TROUBLES)


def test_an_unknown_trouble_names_its_neighbour() -> None:
    with pytest.raises(InputError, match="did you mean worker-kill"):
        chosen("worker-kil")


def test_no_trouble_at_all_is_refused() -> None:
    with pytest.raises(InputError, match="at least one"):
        chosen(" , ")


def test_what_a_deployment_lacks_is_left_out_with_the_reason() -> None:
    assert left_out(["redis-flush", "worker-kill"], {"own-redis": "it is yours"}) == {"redis-flush": "it is yours"}
