"""What the pages say, by language: everything stands in one file for each."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("texts")

BOKMAL = "nb"
"""The only one there is yet; another is one more file of the same tables."""

Texts = Mapping[str, Any]


@cache
def texts(language: str = BOKMAL) -> Texts:
    """Return all texts of a language, by page and by kind of word."""
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
