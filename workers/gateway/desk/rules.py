"""The rules, for whoever follows a rule's number here."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from schemas.access.roles import View
from workers.cli.shared.rule_titles import titles
from workers.gateway.desk.frame import Frame

WRITTEN = Path(__file__).parents[3] / "docs" / "rules.md"
"""Where a checkout has all that is said of each; an installation has their titles."""


class RulesPage:
    """The page of the rules.

    Args:
        frame: what all pages share.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    async def show(self, request: Request) -> Response:
        """Show all rules; each has its number for an anchor."""
        caller = await self._frame.caller(request, View.MEMBER)
        written = Markup(_written()) if WRITTEN.is_file() else None  # noqa: S704 - a page of our own
        return self._frame.page(caller, "rules.html", rules=written, titles=titles())


@cache
def _written() -> str:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(re.sub(r"<!--.*?-->", "", WRITTEN.read_text(encoding="utf-8")))
    below, tables = "", []
    for opening, inner in pairwise(tokens):
        if opening.type == "heading_open":
            below = inner.content
            opening.attrSet("id", re.sub(r"[^a-z0-9]+", "-", below.lower()))
        if opening.type == "table_open":
            tables.append(below)
        if opening.type == "th_open":
            opening.attrSet("scope", "col")
        if inner.children:
            inner.children = _without_foreign_links(inner.children)
    return _captioned(str(markdown.renderer.render(tokens, markdown.options, {})), tables)


def _captioned(page: str, names: list[str]) -> str:
    """Name each table by the heading above it, for whoever hears the page read."""
    first, *parts = page.split("<table>")
    captions = (f'<table><caption class="quiet">{escape(name)}</caption>' for name in names)
    return first + "".join(map("".join, zip(captions, parts, strict=True)))


def _without_foreign_links(children: list[Token]) -> list[Token]:
    """Leave out links to other files, which are not served here."""
    kept, foreign = [], False
    for child in children:
        if child.type == "link_open":
            foreign = not str(child.attrGet("href")).startswith("#")
        if not (foreign and child.type in {"link_open", "link_close"}):
            kept.append(child)
    return kept
