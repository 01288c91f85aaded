"""Markdown to plain text and to HTML, from one parse, so that both say the same.

What a member typed is escaped when it is put in: it stays text, whatever it looks like.
"""

import re
import textwrap
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

WIDTH = 72
"""Characters a line of plain text, as readers have come to expect."""

# A space that holds an amount and its currency together is no place to break a line.
_BREAKABLE = re.compile(r"[^\S\u00a0\u202f]+")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")

_STYLES = {
    "h1": "margin:0 0 20px;font-size:24px;line-height:1.3;font-weight:600;color:#1d5c63",
    "h2": "margin:28px 0 8px;font-size:18px;line-height:1.35;font-weight:600;color:#1f2a33",
    "p": "margin:0 0 16px",
    "ul": "margin:0 0 16px;padding:0 0 0 22px",
    "ol": "margin:0 0 16px;padding:0 0 0 22px",
    "li": "margin:0 0 6px",
    "a": "color:#1d5c63;text-decoration:underline",
    "hr": "border:0;border-top:1px solid #cfd6db;margin:28px 0 20px",
}

_parser = MarkdownIt("commonmark", {"html": False})


class Trusted(str):
    """Markdown written by ourselves; everything else is escaped when it is put in."""

    __slots__ = ()


def escape(value: object) -> str:
    """Return a value as Markdown that reads back as exactly its text.

    Line breaks stay line breaks; blank lines go, so that a value never ends its paragraph.

    Args:
        value: anything; ``Trusted`` text is passed through.
    """
    if isinstance(value, Trusted):
        return value
    lines = (_BREAKABLE.sub(" ", line).strip(" ") for line in str(value).splitlines())
    return "\\\n".join(_PUNCTUATION.sub(r"\\\1", line) for line in lines if line)


def parse(markdown: str) -> list[Token]:
    """Return the tokens of a letter."""
    return _parser.parse(markdown)


def to_html(tokens: Sequence[Token]) -> str:
    """Return the letter's HTML with inline styles, which is all that mail readers keep."""
    for token in _all(tokens):
        if token.tag in _STYLES and token.nesting >= 0:
            token.attrSet("style", _STYLES[token.tag])
    return str(_parser.renderer.render(tokens, _parser.options, {}))


def _all(tokens: Sequence[Token]) -> list[Token]:
    return [each for token in tokens for each in (token, *_all(token.children or []))]


def to_text(tokens: Sequence[Token]) -> str:
    """Return the letter as plain text, wrapped, ending in a line break."""
    blocks: list[str] = []
    markers: list[str] = []
    fresh_item = tight = False
    for token in tokens:
        match token.type:
            case "list_item_open":
                markers.append(f"{token.info}{token.markup} " if token.info else "- ")
                fresh_item = True
            case "list_item_close":
                markers.pop()
            case "paragraph_open":
                tight = token.hidden
            case "hr":
                blocks.append("--\n")
            case "inline":
                lead = "".join(" " * len(marker) for marker in markers)
                first = lead[: -len(markers[-1])] + markers[-1] if fresh_item else lead
                fresh_item = False
                block = _wrapped(_plain(token.children or []), first, lead)
                blocks.append(block if tight else block + "\n")
                tight = False
            case "bullet_list_close" | "ordered_list_close" if not markers:
                blocks.append("")
    # Wrapping must not part an amount from its currency; afterwards a plain space will do.
    text = "\n".join(blocks).replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def to_blocks(tokens: Sequence[Token]) -> tuple[tuple[str, str], ...]:
    """Return the letter as blocks for paper: what kind, and the words.

    ``h1``, ``h2``, ``item`` or ``p``, and ``strong`` for a paragraph that is emphasised whole.
    """
    blocks: list[tuple[str, str]] = []
    kind = "p"
    for token in tokens:
        match token.type:
            case "heading_open":
                kind = token.tag
            case "list_item_open":
                kind = "item"
            case "heading_close" | "list_item_close":
                kind = "p"
            case "inline":
                children = token.children or []
                shown = "strong" if kind == "p" and _all_strong(children) else kind
                blocks.append((shown, _plain(children)))
    return tuple(blocks)


def _all_strong(children: Sequence[Token]) -> bool:
    types = [child.type for child in children if child.type != "text" or child.content]
    inside = types[1:-1]
    return (
        types[:1] == ["strong_open"]
        and types[-1:] == ["strong_close"]
        and not ({"strong_open", "strong_close"} & set(inside))
    )


def _plain(children: Sequence[Token]) -> str:
    parts: list[str] = []
    targets: list[tuple[str, int]] = []
    for child in children:
        match child.type:
            case "text" | "code_inline":
                parts.append(child.content)
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "link_open":
                targets.append((str(child.attrGet("href")), len(parts)))
            case "link_close":
                target, since = targets.pop()
                if "".join(parts[since:]) != target:
                    parts.append(f" ({target})")
    return "".join(parts)


def _wrapped(text: str, first: str, lead: str) -> str:
    lines: list[str] = []
    for line in text.split("\n"):
        lines += textwrap.wrap(
            line,
            WIDTH,
            initial_indent=lead if lines else first,
            subsequent_indent=lead,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(lines)
