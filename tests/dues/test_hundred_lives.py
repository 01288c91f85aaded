"""docs/hundred-lives.md, row by row: what was worked out by hand is what is charged."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemas.dues.plan import plan_terms
from schemas.dues.terms import Span, Term
from schemas.membership.notices import AnyNotice
from schemas.membership.returning import Former, charged_from, coverage, fee_until, last_situation
from schemas.membership.situation import Facts
from schemas.pricing.repricing import year_from
from schemas.pricing.rulebook import Branch, ChargedYear, LocalRate
from schemas.shared.vocabulary import Category, Outcome, PensionKind, WaiverKind, WaiverShare
from tests.builders import (
    BERGEN,
    BOOK,
    MEMBER_NUMBER,
    MEMBERSHIP_ID,
    OSLO,
    PREMIUM,
    rates,
    rulebook,
)
from tests.dues.lives import A, becomes, draws, ends, hides, job, leave, life, works

PAGE = Path(__file__).parents[2] / "docs" / "hundred-lives.md"

LATER = (date(2028, 1, 1), date(2027, 7, 1))
"""From when the page's other prices hold: the dues; the package and Oslo."""

OTHER = rulebook(
    rates=[rates("495"), rates("520", LATER[0])],
    premiums=[
        PREMIUM,
        PREMIUM.model_copy(update={"valid_from": LATER[1], "premium_ore": 21000}),
    ],
    branches=[
        Branch(
            code=OSLO.code,
            name=OSLO.name,
            rates=(*OSLO.rates, LocalRate(valid_from=LATER[1], local_ore=6000, halves=False)),
        ),
        BERGEN,
    ],
)

BRANCH_LATE = rulebook(
    branches=[
        Branch(
            code=OSLO.code,
            name=OSLO.name,
            rates=(
                *OSLO.rates,
                LocalRate(valid_from=date(2027, 2, 1), local_ore=6000, halves=False),
            ),
        ),
        BERGEN,
    ],
)

CHARGED = rulebook(rates=[rates("495"), rates("520", date(2027, 1, 1))]).model_copy(
    update={
        "charged_years": (
            ChargedYear(
                year_from=date(2027, 1, 1),
                charged_on=date(2026, 12, 15),
                priced_on=date(2026, 12, 31),
            ),
        )
    }
)

BOOKS = {
    "Other prices": OTHER,
    "A branch's amount told late": BRANCH_LATE,
    "A price after the fees were charged": CHARGED,
}
"""The rulebooks of the headings under which other prices hold."""

KINDS = {
    "AFP": PensionKind.AFP,
    "disability": PensionKind.DISABILITY,
    "old-age": PensionKind.OLD_AGE,
}
WAIVERS = {
    "leave": WaiverKind.LEAVE,
    "unemployed": WaiverKind.UNEMPLOYED,
    "laid off": WaiverKind.LAID_OFF,
    "unpaid leave": WaiverKind.UNPAID_LEAVE,
    "on benefits": WaiverKind.BENEFITS,
}
JOBS = {"first": "1", "second": "2"}
ENDS = {"resigned": Outcome.RESIGNED, "struck off": Outcome.STRUCK_OFF, "died": Outcome.DECEASED}


@dataclass(frozen=True)
class Row:
    """One life of the page."""

    number: int
    prices: str
    born: date
    joins: str
    happens: str
    charged: str
    rules: str


def rows() -> list[Row]:
    """Return the lives of the page, each with the heading it stands under."""
    found, heading = [], ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            heading = line[3:]
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and cells[0].isdigit():
            born = date.fromisoformat(cells[1])
            found.append(Row(int(cells[0]), heading, born, *cells[2:]))
    return found


ROWS = rows()


def month(text: str) -> date:
    """Return the first day of a month: ``2027-01``."""
    return date.fromisoformat(f"{text}-01")


def facts_of(born: date, joined: str, happens: list[str]) -> Facts:
    """Return the facts of one membership: how it begins, and what happens in it."""
    joins, _, package = joined.partition(", package from ")
    day, category, *rest = joins.split(" ")
    percents = [word for word in rest if word[0].isdigit()]
    employed = category == Category.ORDINARY
    more: dict[str, Any] = {"hidden": "hidden" in rest}
    if category == Category.EARLY_PENSIONER:
        more["pension"] = PensionKind.AFP
    if package:
        start, _, end = package.partition(" to ")
        more["premiums"] = (Span(valid_from=month(start), valid_to=month(end) if end else None),)
    if percents[1:]:
        more["further"] = (job(JOBS["second"], percents[1]),)
    return life(
        *map(told, happens),
        category=Category(category),
        born=born,
        since=date.fromisoformat(day),
        percent=percents[0] if percents else ("100" if employed else None),
        employer=A if employed else None,
        branch=next((word for word in rest if word in {"OSLO", "BERGEN"}), None),
        **more,
    )


def memberships(row: Row) -> list[tuple[str, list[str]]]:
    """Return how each membership of a row begins, and what happens in it and stands."""
    found: list[tuple[str, list[str]]] = [(row.joins, [])]
    for text in row.happens.split("; "):
        day, _, what = text.partition(" ")
        if what.startswith("back as "):
            found.append((f"{day} {what.removeprefix('back as ')}", []))
        elif what == "reopened":
            found[-1][1].pop()
        elif text != "-":
            found[-1][1].append(text)
    return found


def planned(row: Row) -> list[tuple[Term, ...]]:
    """Return the terms of each membership of a row; a later one charges what is not covered."""
    book = BOOKS.get(row.prices, BOOK)
    lives: list[tuple[Facts, tuple[Term, ...]]] = []
    for joined, happens in memberships(row):
        facts = facts_of(row.born, joined, happens)
        if lives:
            before, _ = lives[-1]
            covered = coverage(lives, book)
            former = Former(
                membership_id=MEMBERSHIP_ID,
                member_number=MEMBER_NUMBER,
                last_on=facts.since,
                member_since=before.since,
                situation=last_situation(before, book, facts.since),
                covered_until=covered.until,
                yearly_until=covered.yearly_until,
            )
            begins, fee = charged_from(former, facts.since), fee_until(former, facts.since)
            facts = facts.model_copy(update={"charged_from": begins, "fee_until": fee})
        lives.append((facts, plan_terms(facts, book)))
    return [terms for _, terms in lives]


def told(text: str) -> AnyNotice:
    """Return the notice that a part of "what happens" stands for."""
    found = re.fullmatch(r"(\S+) (.+?)(?: \(told (\S+)\))?", text)
    assert found is not None, text
    on, what = date.fromisoformat(found[1]), found[2]
    recorded = date.fromisoformat(found[3]) if found[3] else None
    if what in set(map(str, Category)):
        return becomes(on, Category(what), recorded=recorded)
    if what in ENDS:
        return ends(on, ENDS[what], recorded=recorded)
    if what in {"hidden", "open"}:
        return hides(on, what == "hidden", recorded=recorded)
    kind, _, working = what.partition(", works ")
    if kind in KINDS:
        return draws(on, working.removesuffix(" %") or "0", KINDS[kind], recorded=recorded)
    waiver, _, until = what.partition(" to ")
    if until:
        plain = waiver.removesuffix(" free")
        share = None if plain == waiver else WaiverShare.FREE
        return leave(on, date.fromisoformat(until), recorded, WAIVERS[plain], share)
    if what.endswith(" job ends"):
        return works(on, "0", recorded=recorded, job=JOBS[what.removesuffix(" job ends")])
    if what.startswith("works at "):
        return works(on, branch=what.removeprefix("works at "), recorded=recorded)
    percent = what.removeprefix("works ").removesuffix(" %")
    return works(on, percent, employer=A, recorded=recorded)


def worked_out(sum_of: str) -> Decimal:
    """Return what ``2 × (495 + 50) + 3 × 247.50`` comes to."""
    plain = sum_of.replace(",", "").replace(" ", "")
    assert re.fullmatch(r"[\d.×+()]+", plain), sum_of
    total = Decimal(0)
    for part in re.findall(r"(?:(\d+)×)?(?:\(([\d.+]+)\)|([\d.]+))", plain):
        times, several, one = part
        total += int(times or 1) * sum(map(Decimal, (several or one).split("+")), Decimal(0))
    return total


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.number}-{row.rules}")
def test_a_life_is_charged_what_was_worked_out(row):
    """Kroner by the year; where the page adds up, it adds up right."""
    terms = planned(row)
    for part in row.charged.split("; "):
        year, _, says = part.partition(": ")
        sum_of, _, total = says.partition(" = ")
        assert worked_out(sum_of) == worked_out(total or sum_of)
        charged = sum(year_from(each, date(int(year), 1, 1)) for each in terms)
        assert Decimal(charged) / 100 == worked_out(sum_of), part


def test_a_hundred_lives():
    """They are numbered, none is told twice, and each has a sum and a rule."""
    assert [row.number for row in ROWS] == list(range(1, len(ROWS) + 1))
    assert len(ROWS) >= 100
    told_once = {
        (row.prices in BOOKS and row.prices, row.born, row.joins, row.happens) for row in ROWS
    }
    assert len(told_once) == len(ROWS)
    assert all(row.rules and row.charged for row in ROWS)
