"""The languages of the pages: texts as data, one file each. They are read; no workflow loads it."""

import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from schemas.desk.wording import Sentences, Wording

_FOLDER = Path(__file__).with_name("words")


class Language(StrEnum):
    """In which language the pages of the Temporal UI are drawn."""

    NB = "nb"
    EN = "en"


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def _sentences() -> Sentences:
    table = _read("sentences")
    patterns = [(re.compile(one["en"], re.DOTALL), str(one["nb"])) for one in table["sentence"]]
    return Sentences(table["word"], patterns, _read(Language.NB))


SENTENCES = _sentences()
"""What the service writes in English, in Norwegian."""

WORDINGS: Mapping[Language, Wording] = {
    Language.NB: Wording(_read(Language.NB), SENTENCES),
    Language.EN: Wording(_read(Language.EN)),
}
"""All that pages say, by language."""
