"""Who is let in, and as what."""

from __future__ import annotations

import httpx
import pytest

from tests.jobs.web.conftest import OPERATOR, VIEWER, Site


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "no token was sent"),
        ({"Authorization": "Bearer of-bad-news-0123456789"}, "this token is nobody's"),
        ({"Authorization": "Basic b2xnYTpzZXNhbWU="}, "no token was sent"),
        ({"Cookie": "atelier=olga.99999999999." + "0" * 64}, "no token was sent"),
    ],
)
def test_who_has_no_token_is_told_so(site: Site, headers: dict[str, str], says: str) -> None:
    answer = httpx.get(f"{site.url}/api/v1/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


def test_tokens_have_roles(operator: httpx.Client, viewer: httpx.Client) -> None:
    assert operator.get("/api/v1/me").json() == {"name": "olga", "role": "operator"}
    assert viewer.get("/api/v1/me").json() == {"name": "victor", "role": "viewer"}


def test_a_browser_trades_its_token_for_a_cookie(site: Site) -> None:
    with site.client(None) as browser:
        own = {"Sec-Fetch-Site": "same-origin"}
        assert browser.post("/api/v1/session", json={"token": VIEWER}, headers=own).json()["name"] == "victor"
        assert browser.get("/api/v1/me").json() == {"name": "victor", "role": "viewer"}
        assert OPERATOR not in str(browser.cookies)
        assert VIEWER not in str(browser.cookies)
        browser.delete("/api/v1/session", headers=own)
        assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}, {}])
def test_other_sites_change_nothing(site: Site, headers: dict[str, str]) -> None:
    with site.client(None) as browser:
        answer = browser.post("/api/v1/session", json={"token": VIEWER}, headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.json()["detail"]


def test_wrong_tokens_are_counted(site: Site) -> None:
    with site.client("nobodys-token-0123456789") as guesser:
        answers = [guesser.get("/api/v1/me").status_code for _ in range(21)]
    # Others of this module were counted, too.
    assert answers[:10] == [401] * 10
    assert answers[-1] == 429
