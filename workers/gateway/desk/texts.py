"""What the desk's pages say: its own words, and those that the pages of the Temporal UI share."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from schemas.desk.languages import WORDINGS, Language

_FOLDER = Path(__file__).with_name("texts")

Texts = Mapping[str, Any]


@cache
def texts() -> Texts:
    """Return all texts, by page and by kind of word; in Bokmål, the only language of the desk."""
    own = tomllib.loads((_FOLDER / "nb.toml").read_text(encoding="utf-8"))
    return {**WORDINGS[Language.NB].tables, **own}
