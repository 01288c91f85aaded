"""Printing: Rich for people, JSON for programs, and text from outside made harmless."""

import json
import sys
from collections.abc import Mapping
from typing import Any

import typer
from rich.console import Console

WIDE = 160
"""Columns of a table that goes into a file or a pipe."""


def console() -> Console:
    """Return where people read; a pipe or a file is wide enough not to break ids."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)


def say(line: str) -> None:
    """Print one line for people."""
    typer.echo(plain(line))


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on one line."""
    typer.echo(json.dumps(value, ensure_ascii=False))


def plain(text: str) -> str:
    """Return text without what could steer a terminal: it may come from anybody."""
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in text
    )
