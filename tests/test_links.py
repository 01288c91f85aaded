"""Every link within the documents leads somewhere, and what they name of the code is there."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

FLOORS = ("schemas", "workflows", "activities", "workers", "tests", "benchmarks")
CODE = {".py", ".sql", ".typ", ".md"}
OF_TODAY = [page for page in DOCUMENTS if page.name != "CHANGELOG.md"]
"""The changelog names things as they were called when it was written."""

THEIRS = {"TemporalWorkerDeploymentVersion", "one_time"}
"""Words of Temporal's own that no code of ours uses."""

WORD = re.compile(r"(?<![\w./-])[A-Za-z]\w*(?![\w/…-])")
"""A word that stands alone, and is cut off at neither end."""


@cache
def tokens(page: Path) -> list[Token]:
    """Return the parts of a page, those within a line as well."""
    parts = MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))
    return [one for part in parts for one in (part, *(part.children or ()))]


def targets(page: Path) -> list[str]:
    """Return where the links and pictures of a page lead."""
    found = [token.attrs.get("href") or token.attrs.get("src") for token in tokens(page)]
    return [str(target) for target in found if target]


@cache
def anchors(page: Path) -> set[str]:
    """Return the anchors that a reader of Markdown (GitHub's, GitLab's) gives to headings."""
    found: set[str] = set()
    for opening, inline in pairwise(tokens(page)):
        if opening.type == "heading_open":
            words = "".join(t.content for t in inline.children or () if t.type != "html_inline")
            slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
            found.add(_once(slug, found))
    return found


def _once(slug: str, taken: set[str]) -> str:
    """A heading that stands there already gets a number."""
    numbered = (slug if n == 0 else f"{slug}-{n}" for n in range(len(taken) + 1))
    return next(candidate for candidate in numbered if candidate not in taken)


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page):
    """A link leads to a file of the repository, and an anchor to a heading that is there."""
    for target in targets(page):
        link = urlsplit(target)
        if link.scheme:
            continue
        path = (page.parent / unquote(link.path)).resolve() if link.path else page
        assert path.is_relative_to(ROOT), f"{target} leads out of the repository"
        assert path.exists(), f"{target} leads to nothing"
        if link.fragment:
            assert link.fragment in anchors(path), f"{target}: no such heading"


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_named_of_the_code_is_there(page):
    """A file or folder that a page names by its path has not been moved since."""
    named = [token.content for token in tokens(page) if token.type == "code_inline"]
    paths = [name for name in named if re.fullmatch(rf"({'|'.join(FLOORS)}|docs)/[\w./-]*", name)]
    assert [path for path in paths if not (ROOT / path).exists()] == []


@cache
def words_of_the_code() -> set[str]:
    """Every word that stands in the code, its SQL, and what it is started with."""
    files = [path for floor in FLOORS for path in (ROOT / floor).rglob("*") if path.suffix in CODE]
    files += [ROOT / name for name in ("Makefile", "docker-compose.yml", "pyproject.toml")]
    return {word for path in files for word in re.findall(r"\w+", path.read_text("utf-8"))}


@pytest.mark.parametrize("page", OF_TODAY, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_calls_by_its_name_is_called_so(page):
    """A function, table, field or class that a page names has not been renamed since."""
    named = [w for t in tokens(page) if t.type == "code_inline" for w in WORD.findall(t.content)]
    names = {word for word in named if "_" in word or re.search("[a-z][A-Z]", word)}
    assert names - words_of_the_code() - THEIRS == set()


def test_the_index_lists_every_page():
    """A page that docs/README.md does not name is found by nobody; decisions have a list."""
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / target).resolve() for target in targets(index)}
    pages = [p for p in DOCUMENTS if p.is_relative_to(ROOT / "docs") and p != index]
    missing = {p for p in pages if p not in listed and not re.match(r"\d", p.name)}
    assert {str(page.relative_to(ROOT)) for page in missing} == set()


def test_anchors_are_those_of_the_readers():
    """Letters and dashes stay, all else goes, and a heading that comes again is numbered."""
    page = ROOT / "docs" / "for-operators.md"
    assert "doors-and-which-of-them-stand-open" in anchors(page)
    assert _once("limits", {"limits", "limits-1"}) == "limits-2"
