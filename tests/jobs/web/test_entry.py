"""Who is let in, and as what."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from jobs.web import readiness
from jobs.web.entry import cookie_of
from jobs.web.farm import Farm
from tests.jobs.deployment import Deployment
from tests.jobs.making import make_plan
from tests.jobs.web.conftest import OPERATOR, VIEWER, Site, serving, settings_of


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "no token was sent"),
        ({"Authorization": "Bearer of-bad-news-0123456789"}, "this token is nobody's"),
        ({"Authorization": "Basic b2xnYTpzZXNhbWU="}, "no token was sent"),
        ({"Cookie": "COOKIE=olga.99999999999." + "0" * 64}, "no token was sent"),
    ],
)
def test_who_has_no_token_is_told_so(site: Site, farm: Deployment, headers: dict[str, str], says: str) -> None:
    headers = {name: value.replace("COOKIE", cookie_of(farm.truth.store.url)) for name, value in headers.items()}
    answer = httpx.get(f"{site.url}/api/v1/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert says in answer.json()["detail"]


def test_strangers_learn_nothing_from_any_route(site: Site, farm: Deployment) -> None:
    # Several jobs begin so: that is for those to know who may look.
    for job in ("film-00000000f1", "film-00000000f2"):
        farm.accept(make_plan(job, output=f"/out/{job}"))
    names = {"job": "film-00000000f", "number": "x", "chunk": "x", "path": "none", "name": "none", "kind": "none"}
    with site.client(None) as stranger:
        described = stranger.get("/api/v1/openapi.json").json()["paths"]
        asked = [(path, way) for path, ways in described.items() for way in ways if path != "/api/v1/session"]
        for path, way in asked:
            headers = {"Content-Type": "application/json"}
            answer = stranger.request(way, path.format(**names), headers=headers, content=b"{bad")
            assert (answer.status_code, path) == (401, path)
            assert "no token was sent" in answer.json()["detail"], path
    assert len(asked) > 40


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


def test_two_farms_on_a_host_log_nobody_out_of_each_other(site: Site, redis_server: str, tmp_path: Path) -> None:
    own = {"Sec-Fetch-Site": "same-origin"}
    with serving(settings_of(redis_server, tmp_path)) as other, site.client(None) as browser:
        for url, token in ((site.url, VIEWER), (other.url, OPERATOR)):
            browser.post(f"{url}/api/v1/session", json={"token": token}, headers=own)
        names = [browser.get(f"{url}/api/v1/me").json()["name"] for url in (site.url, other.url)]
        browser.delete(f"{other.url}/api/v1/session", headers=own)
        assert browser.get("/api/v1/me").status_code == 200
    assert names == ["victor", "olga"]


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


def test_who_was_let_in_is_not_shut_out_by_others(site: Site) -> None:
    # After the guesser of the test before, from the same address.
    with site.client(VIEWER) as viewer:
        assert viewer.get("/api/v1/me").status_code == 200


def test_requests_are_counted_and_pictures_apart(redis_server: str, tmp_path: Path) -> None:
    with serving(settings_of(redis_server, tmp_path, web_requests=3)) as site, site.client() as operator:
        answers = [operator.get("/api/v1/me") for _ in range(4)]
        picture = operator.get("/api/v1/jobs/film-1/frames/1/picture")
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "olga has made 3 such requests in a minute" in answers[-1].json()["detail"]
    assert answers[-1].headers["Retry-After"] == "5"
    assert picture.status_code == 404


@pytest.mark.parametrize(("proxies", "is_secure"), [("127.0.0.1", True), (None, False)])
def test_a_proxy_is_believed_if_it_is_named(
    redis_server: str, tmp_path: Path, proxies: str | None, is_secure: bool
) -> None:
    with serving(settings_of(redis_server, tmp_path, web_proxies=proxies)) as site, site.client(None) as browser:
        headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-Proto": "https"}
        answer = browser.post("/api/v1/session", json={"token": VIEWER}, headers=headers)
    assert ("Secure" in answer.headers["Set-Cookie"]) == is_secure
    assert {"HttpOnly", "SameSite=strict"} <= set(answer.headers["Set-Cookie"].split("; "))


def test_every_answer_says_what_browsers_may_do_with_it(site: Site) -> None:
    for path in ("/api/v1/me", "/metrics", "/healthz", "/readyz", "/login", "/nothing"):
        headers = httpx.get(f"{site.url}{path}").headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == ("no-cache, private" if path == "/login" else "no-store")


def test_strangers_cannot_make_the_farm_work_by_asking_whether_it_is_ready(
    redis_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[Farm] = []
    monkeypatch.setattr(readiness, "_trouble", lambda farm: looked.append(farm) or "")
    with serving(settings_of(redis_server, tmp_path)) as site, site.client(None) as stranger:
        assert {stranger.get("/readyz").status_code for _ in range(5)} == {200}
    assert len(looked) == 1


def test_what_would_be_answered_can_be_asked_without_the_body(site: Site) -> None:
    with site.client(VIEWER) as viewer:
        for path in ("/api/v1/me", "/api/v1/events", "/api/v1/docs", "/static/icon.svg"):
            answer = viewer.head(path)
            assert (answer.status_code, answer.content) == (200, b""), path
        assert viewer.head("/api/v1/jobs/nothing").status_code == 404
        assert viewer.head("/api/v1/checks").status_code == 405
