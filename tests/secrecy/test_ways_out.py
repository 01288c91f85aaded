"""Each way out of the house, read off the code: who reads what leaves, and what tests it.

A file that writes a file, a mail or an answer and does not stand here fails by its name: it is to
be judged first. Employers, branches and recruiters learn nothing; of the others it is said why.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from activities.letters.gate import NEVER_OF_HIDDEN
from schemas.shared.vocabulary import Audience

ROOT = Path(__file__).parents[2]
FLOORS = ("activities", "workers")
INDOORS = {"demo", "migrations", "reference", "stack"}
"""Folders of what a developer's machine runs, and of what writes our own pages."""

SINKS = frozenset(
    {
        "OTLPSpanExporter", "csv_table", "hand_over", "list_mail", "make_mail", "post",
        "private_file", "private_folder", "put_files", "write_bytes", "write_text",
        "StreamingResponse",
    }
)  # fmt: skip
"""What makes something that others read."""


class Way(NamedTuple):
    """A way out.

    Attributes:
        readers: who reads what leaves by it.
        kept: by what no employer, branch or recruiter learns anything of who is hidden.
        plays: the files of tests that play one, or one who has just wished it.
    """

    readers: str
    kept: str
    plays: tuple[str, ...] = ()


GATE = "the gate decides on each line or letter, with its members locked"
LETTERS = ("tests/letters/test_hidden.py", "tests/letters/test_gate.py")
LISTS = ("tests/deduction/test_hidden_in_between.py", "tests/deduction/test_silence.py")
MONTH = ("tests/canaries/test_erased_canaries.py",)
"""A month of money with the hidden beside others, and one who wishes it once the lists are out."""
OPERATOR = "whoever runs the command in the union"

WAYS = {
    "activities/deduction/delivery.py": Way("employers", GATE, LISTS),
    "activities/deduction/list_post.py": Way("employers", "what the delivery lets out", LISTS),
    "activities/deduction/price_notices.py": Way(
        "employers", GATE, ("tests/pricing/test_announcing.py",)
    ),
    "activities/events/delivering.py": Way(
        "systems", "of the hidden to whoever is cleared", ("tests/events/test_delivering.py",)
    ),
    "activities/letters/compose.py": Way("by audience", "called behind the gate", LETTERS),
    "activities/letters/list_channels.py": Way(
        "employers", "it names nobody: number and KID of a list", LISTS
    ),
    "activities/letters/postbox.py": Way("by audience", "called behind the gate", LETTERS),
    "activities/letters/sending.py": Way("by audience", GATE, LETTERS),
    "activities/register/private_files.py": Way(OPERATOR, "writes what the others make"),
    "activities/register/writing.py": Way(OPERATOR, "the register, for another system of ours"),
    "workers/cli/books/accounting.py": Way(
        "the union's accountant", "vouchers are sums of accounts, without members", MONTH
    ),
    "workers/cli/books/branch_files.py": Way(
        "branches",
        "sums by month; the hidden pay no local dues",
        ("tests/books/test_branches.py", *MONTH),
    ),
    "workers/cli/consumers.py": Way("systems", "one event of nobody, to try an address"),
    "workers/cli/direct_debit.py": Way("the bank", "claims on whoever has a mandate with it"),
    "workers/cli/insurance/office.py": Way(
        "the insurance office", "it insures the hidden too; no flag, employer or branch",
        ("tests/insurance/test_office.py",),
    ),
    "workers/cli/pricing/budget.py": Way(OPERATOR, "sums of the whole union by kind", MONTH),
    "workers/cli/refunds.py": Way("the bank", "whom money goes to; its text says no membership"),
    "workers/cli/register/rehearsing.py": Way(OPERATOR, "differences, for whoever imports"),
    "workers/cli/shared/schema.py": Way("anybody", "schemas of ours"),
    "workers/cli/statements/reporting.py": Way(
        "the tax authority", "what the law has it told of everybody who has not objected (X3)"
    ),
    "workers/cli/statements/tax_report.py": Way(OPERATOR, "sums of a year"),
    "workers/gateway/forwarding.py": Way(
        "who has a role",
        "a branch has one query, of its own open members",
        ("tests/access/test_silence.py", "tests/access/test_everything.py"),
    ),
    "workers/gateway/memberships.py": Way("Temporal", "what its caller may ask or say"),
    "workers/observability/tracing.py": Way(
        "operators", "steps of runs by closed lists: no message, nobody but by an opaque id",
        ("tests/stack/test_tracing.py",),
    ),
    "workers/settings/stack.py": Way(OPERATOR, "addresses of a developer's stack"),
}  # fmt: skip

OTHERS = {
    "activities/events/sql/queries.sql": ("tests/events/test_feed.py", *MONTH),
    "activities/desk/sql/queries.sql": ("tests/desk/test_searching.py", "tests/desk/test_pages.py"),
    "activities/privacy/sql/queries.sql": ("tests/privacy/test_erasing.py",),
}
"""Answers that are kept by their SQL; tests/mutations/silence.py opens each of them."""


def called(tree: ast.AST) -> Iterator[str]:
    """Yield the names of what a file calls."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            what = node.func
            if isinstance(what, ast.Name | ast.Attribute):
                yield what.id if isinstance(what, ast.Name) else what.attr


def ways() -> set[str]:
    """Return the files in which something is made that others read."""
    return {
        path.relative_to(ROOT).as_posix()
        for floor in FLOORS
        for path in (ROOT / floor).rglob("*.py")
        if not INDOORS & set(path.parts)
        and SINKS & set(called(ast.parse(path.read_text(encoding="utf-8"))))
    }


def test_each_way_out_is_judged() -> None:
    """A new one fails here until somebody has said who reads it; one that is gone leaves."""
    assert ways() == WAYS.keys()


@pytest.mark.parametrize("path", [*WAYS, *OTHERS])
def test_a_hidden_member_is_played_through_it(path: str) -> None:
    """Wherever an employer, a branch or a recruiter reads, some test has one who is hidden."""
    way = WAYS.get(path)
    plays = OTHERS[path] if way is None else way.plays
    if way is None or way.readers in {"employers", "branches", "by audience"}:
        assert plays
    for name in plays:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "hidden" in text or "hides" in text, name


def test_every_audience_of_letters_is_judged() -> None:
    """Who else is written to learns of the hidden what is theirs to know."""
    assert set(Audience) - NEVER_OF_HIDDEN == {
        Audience.MEMBER,
        Audience.CASEWORKERS,
        Audience.INSURANCE_OFFICE,
    }


def test_whatever_asks_the_gate_stands_here() -> None:
    """Nobody asks it but for a way out, or to say what would leave."""
    asking = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "activities").rglob("*.py")
        if "pass_gate" in set(called(ast.parse(path.read_text(encoding="utf-8"))))
    }
    saying = {"resending", "reading", "posting"}
    assert asking - WAYS.keys() == {f"activities/letters/{name}.py" for name in saying}
