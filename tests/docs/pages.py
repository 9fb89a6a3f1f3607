"""The pages that people read, taken apart."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    """As tests show it."""
    return str(page.relative_to(ROOT))


def tokens(page: Path) -> list[Token]:
    """The page as Markdown, tables included."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


def blocks(page: Path, language: str) -> list[str]:
    """The fenced pieces of code in that language."""
    return [token.content for token in tokens(page) if token.type == "fence" and token.info == language]


def links(page: Path) -> list[str]:
    """Where the page's links and pictures lead."""
    inner = [child for token in tokens(page) for child in token.children or ()]
    found = [child.attrs.get("href") or child.attrs.get("src") for child in inner]
    return [str(target) for target in found if target]


def anchors(page: Path) -> set[str]:
    """What `page.md#…` may name: its headings, as GitHub spells them."""
    parsed = tokens(page)
    headings = [after.content for token, after in pairwise(parsed) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code(page: Path) -> str:
    """Everything on the page that is set as code: commands, outputs, names."""
    inner = [child.content for token in tokens(page) for child in token.children or () if child.type == "code_inline"]
    return "\n".join([*inner, *(token.content for token in tokens(page) if token.type == "fence")])
