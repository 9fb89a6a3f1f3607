"""The pages as a browser gets them: to whom, in which language, with everything that they name. What scripts then do is
tried in a real browser elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from jobs.kinds import KINDS, kind
from jobs.spec import json_schema
from jobs.web import pages, wording
from jobs.web.entry import cookie_of
from tests.jobs.deployment import Deployment
from tests.jobs.web.conftest import OPERATOR, VIEWER, Site

PAGES = ["/", "/jobs/film-0123456789", "/workers", "/campaigns", "/gallery", "/submit"]
TEMPLATES = Path(pages.__file__).parent / "templates"
SCRIPTS = {path.name: path.read_text() for path in pages.STATIC.glob("*.js")}
SHEETS = {path.name: path.read_text() for path in pages.STATIC.glob("*.css")}
MARKUP = {path.name: path.read_text() for path in TEMPLATES.glob("*.html")}
TEXTS = {language: wording.texts(language) for language in wording.LANGUAGES}


@pytest.fixture(scope="module")
def browser(site: Site) -> Iterator[httpx.Client]:
    """An operator's browser."""
    with logged_in(site, OPERATOR) as found:
        yield found


@contextmanager
def logged_in(site: Site, token: str) -> Iterator[httpx.Client]:
    with site.client(None) as client:
        client.post("/api/v1/session", json={"token": token}, headers={"Sec-Fetch-Site": "same-origin"})
        yield client


# Who gets a page


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_whole_and_strict(browser: httpx.Client, page: str) -> None:
    answer = browser.get(page)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-cache, private"
    for loaded in re.findall(r'(?:src|href)="(/static/[^"#]+)', answer.text):
        assert browser.get(loaded).status_code == 200, loaded


@pytest.mark.parametrize(
    ("wanted", "way"),
    [
        ("/", "/login"),
        ("/workers", "/login?next=/workers"),
        ("/?state=active&q=a%20b", "/login?next=/%3Fstate%3Dactive%26q%3Da%2520b"),
    ],
)
def test_who_has_no_session_logs_in_and_comes_back(site: Site, wanted: str, way: str) -> None:
    answer = httpx.get(site.url + wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, way)


def test_a_forged_session_logs_in_anew(site: Site, farm: Deployment) -> None:
    answer = httpx.get(f"{site.url}/workers", cookies={cookie_of(farm.truth.store.url): "olga.99999999999." + "0" * 64})
    assert answer.status_code == 303


def test_viewers_are_not_led_to_what_they_may_not_do(site: Site, browser: httpx.Client) -> None:
    with logged_in(site, VIEWER) as viewer:
        assert 'data-testid="nav-submit"' not in viewer.get("/").text
        assert 'data-testid="send"' not in viewer.get("/submit").text
    assert 'data-testid="nav-submit"' in browser.get("/").text


def test_what_pages_load_is_asked_for_anew(browser: httpx.Client) -> None:
    first = browser.get("/static/shell.js")
    assert first.headers["cache-control"] == "no-cache"
    again = browser.get("/static/shell.js", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304


def test_a_chosen_theme_is_there_from_the_first_byte(site: Site) -> None:
    assert 'data-theme="dark"' in httpx.get(f"{site.url}/login", cookies={"theme": "dark"}).text
    assert "data-theme" not in httpx.get(f"{site.url}/login", cookies={"theme": '"><script>'}).text


# Languages


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("de,zh;q=0.3,en;q=0.7", "en"),
        ("fr, zh-TW;q=0.1", "zh"),
        ("zh;q=0, en", "en"),
        ("de", "en"),
        ("", "en"),
        (None, "en"),
        ("zh;q=nonsense,,;;", "en"),
    ],
)
def test_a_browser_is_answered_in_its_language(accepted: str | None, language: str) -> None:
    assert wording.language_of(None, accepted) == language


def test_a_choice_outlasts_the_browsers_wish(site: Site) -> None:
    wish = {"Accept-Language": "en"}
    answer = httpx.get(f"{site.url}/login", headers=wish, cookies={"language": "zh"})
    assert '<html lang="zh-Hans"' in answer.text
    assert answer.headers["content-language"] == "zh"
    assert "Accept-Language" in answer.headers["vary"]
    assert '<html lang="en"' in httpx.get(f"{site.url}/login", headers=wish, cookies={"language": "xx"}).text


def test_languages_say_the_same_things() -> None:
    english, chinese = TEXTS["en"], TEXTS["zh"]
    assert set(english) == set(chinese)
    for key, text in english.items():
        assert isinstance(text, str) == isinstance(chinese[key], str), key
        assert placeholders(text) == placeholders(chinese[key]), key


@pytest.mark.parametrize(("language", "categories"), [("en", {"one", "other"}), ("zh", {"other"})])
def test_plurals_have_the_forms_of_their_language(language: str, categories: set[str]) -> None:
    """As CLDR has them, by which Intl.PluralRules chooses."""
    plurals = {key: set(text) for key, text in TEXTS[language].items() if isinstance(text, dict)}
    assert plurals
    assert {key: forms for key, forms in plurals.items() if forms != categories} == {}


def test_what_keys_mean_is_told_in_chinese_too() -> None:
    """By the schemas' own words: whoever changes those changes locales/keys.zh.json."""
    told = {kind(name).summary for name in KINDS}.union(*(described(json_schema(name)) for name in KINDS))
    assert set(wording.meanings("zh")) == told
    assert wording.meanings("en") == {}


def test_no_page_shows_a_bare_key(browser: httpx.Client) -> None:
    key = re.compile(rf"\b(?:{'|'.join(rooms())})\.[a-z_]+(?:\.[a-z_]+)*\b")
    for language in wording.LANGUAGES:
        for page in [*PAGES, "/login"]:
            html = browser.get(page, headers={"Accept-Language": language}).text
            html = re.sub(r'<script type="application/json".*?</script>', "", html, flags=re.DOTALL)
            assert key.findall(re.sub(r"/static/\S+|\S+\.yaml|/api/\S+", "", html)) == [], page


def test_a_pages_scripts_find_their_words_in_it(browser: httpx.Client) -> None:
    for page in [*PAGES, "/login"]:
        html = browser.get(page).text
        there = json.loads(re.findall(r'id="words">(.*?)</script>', html)[0])
        for script in loaded_by(html):
            missing = [key for key in keys_in(SCRIPTS[script]) if not known(key, there)]
            assert missing == [], f"{page} {script}"


def test_every_text_is_said_somewhere() -> None:
    sources = [*SCRIPTS.values(), *MARKUP.values()]
    asked = {key for source in sources for key in keys_in(source)}
    whole = {key for key in asked if not key.endswith("*")} | {f"{Path(name).stem}.title" for name in MARKUP}
    beginnings = tuple(key[:-1] for key in asked if key.endswith("*"))
    assert [key for key in TEXTS["en"] if key not in whole and not key.startswith(beginnings)] == []


def test_words_do_not_end_their_script(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(wording.texts("en"), "common.skip", "</script><script>alert(1)")
    data = wording.Wording("en").data("jobs")
    assert "<" not in data
    assert json.loads(data)["common.skip"] == "</script><script>alert(1)"


# What must hold of every file


@pytest.mark.parametrize("name", [*SCRIPTS, *SHEETS, *MARKUP, *(path.name for path in pages.STATIC.glob("*.svg"))])
def test_nothing_is_loaded_from_elsewhere(name: str) -> None:
    text = (TEMPLATES / name if name in MARKUP else pages.STATIC / name).read_text()
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}\S*", text.replace("http://www.w3.org/2000/svg", "")) == []


@pytest.mark.parametrize("name", MARKUP)
def test_markup_needs_nothing_that_the_policy_forbids(name: str) -> None:
    assert re.findall(r"\sstyle=|\son[a-z]+=|javascript:|<style", MARKUP[name]) == []
    for tag in re.findall(r"<script[^>]*>", MARKUP[name]):
        assert 'type="application/json"' in tag or 'src="/static/' in tag


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_colours_can_be_told_apart(dark: bool) -> None:
    """WCAG 2.2: 4.5:1 for text (1.4.3), 3:1 for what shows a state or a control's edge (1.4.11)."""
    told = re.findall(r"(--[\w-]+): light-dark\((#\w{6}), (#\w{6})\)", SHEETS["tokens.css"])
    colours = {name: pair[dark] for name, *pair in told}
    grounds = [colours[name] for name in ("--bg", "--surface", "--raised")]
    for ground in grounds:
        for text in ("--text", "--muted", "--accent", "--danger"):
            assert contrast(colours[text], ground) >= 4.5, (text, ground)
        for shape in [name for name in colours if name.startswith("--state-")] + ["--line-strong", "--focus"]:
            assert contrast(colours[shape], ground) >= 3, (shape, ground)
    assert contrast(colours["--on-accent"], colours["--accent"]) >= 4.5
    assert contrast(colours["--muted"], colours["--sunken"]) >= 4.5
    assert contrast(colours["--text"], colours["--accent-soft"]) >= 4.5


def test_greys_tint_no_picture() -> None:
    greys = ("--bg", "--surface", "--raised", "--sunken", "--line", "--line-strong", "--text", "--muted", "--mat")
    for grey in greys:
        for red, green, blue in re.findall(rf"{grey}: light-dark\(#(..)(..)(..), #......\)", SHEETS["tokens.css"]):
            assert red == green == blue, grey


# Reading them


def described(part: Any) -> set[str]:
    """What a schema says of its keys."""
    if isinstance(part, list):
        return set().union(*map(described, part))
    if not isinstance(part, dict):
        return set()
    keys = part.get("properties", {}).values()
    found = {key["description"] for key in keys if "description" in key}
    return found.union(*map(described, part.values()))


def rooms() -> set[str]:
    return {key.partition(".")[0] for key in TEXTS["en"]}


def placeholders(text: wording.Text) -> set[str]:
    forms = [text] if isinstance(text, str) else text.values()
    return {name for form in forms for name in re.findall(r"\{(\w+)\}", form)}


def keys_in(source: str) -> set[str]:
    """The keys of texts that a script or template names. Of one that is put together, its beginning and a star:
    `common.state.*` of `common.state.${…}` and of "common.state." ~ name.
    """
    key = rf"(?:{'|'.join(rooms())})\.[a-z_A-Z0-9. -]*"
    whole = set(re.findall(rf"""["']({key})["'](?!\s*~)""", source))
    begun = re.findall(rf"""["']({key})["']\s*~""", source) + re.findall(rf"`({key})\$\{{", source)
    return whole | {f"{beginning}*" for beginning in begun}


def known(key: str, texts: dict[str, wording.Text]) -> bool:
    return key in texts if not key.endswith("*") else any(each.startswith(key[:-1]) for each in texts)


def loaded_by(html: str) -> set[str]:
    """The scripts of a page, and those that they import."""
    found: set[str] = set()
    left = re.findall(r'<script type="module" src="/static/([^"]+)"', html)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += re.findall(r'from "\./([^"]+)"', SCRIPTS[name])
    return found


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours."""
    lights = sorted((luminance(one), luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
