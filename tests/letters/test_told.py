"""R3: who learns what of a member by each letter to an outsider, open or hidden."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from jinja2 import UndefinedError

from activities.letters.conditions import GateOutcome
from activities.letters.gate import pass_gate
from activities.letters.render import render
from activities.letters.told import may_tell
from schemas.shared.vocabulary import Audience, Language, Outcome, Stage, Template
from tests.letters.making import AUDIENCES
from tests.letters.test_gate import MEMBER
from tests.letters.test_templates import values

CANARY: dict[str, Any] = {
    "name": "Navnkanari",
    "birth_date": date(1971, 3, 29),
    "email": "kanari@example.org",
    "phone": "+4790000001",
    "address": ("Kanariveien 7",),
    "number": "00077777",
    "since": date(1999, 9, 9),
    "transferred_from": "Forbundskanari",
}
READ_AS = {
    **CANARY,
    "birth_date": "29. mars 1971",
    "address": "Kanariveien 7",
    "since": "9. september 1999",
    "phone": "+47 90 00 00 01",
}
"""How each is read in a letter."""

WHO = {"name", "birth_date", "number"}
REACHED = {"email", "phone", "address"}
LEARNT: dict[Template, set[str]] = {
    Template.PAYROLL_START: set(),
    Template.PAYROLL_REMINDER: set(),
    Template.PAYROLL_CHANGE: set(),
    Template.PAYROLL_STOP: set(),
    Template.DEDUCTION_LIST: set(),
    Template.INSURANCE_NEW_MEMBER: WHO | REACHED,
    Template.INSURANCE_STATUS: WHO,
    Template.INSURANCE_MERGED: WHO,
    Template.INSURANCE_ERASED: WHO,
    Template.BRANCH_NEW_MEMBER: {"name", "number", "since"} | REACHED,
    Template.BRANCH_MEMBER_CHANGED: {"name", "number"},
    Template.BRANCH_MEMBER_LEFT: {"name", "number"},
    Template.BRANCH_ERASED: {"name", "number"},
    Template.RECRUITER_THANKS: {"name"},
}
OUTSIDE = [
    template
    for template, audience in AUDIENCES.items()
    if audience not in {Audience.MEMBER, Audience.CASEWORKERS}
]


@pytest.mark.parametrize("template", OUTSIDE)
def test_an_outsider_learns_what_is_listed_and_nothing_else(template):
    """Each fact of the member is a canary; what may not be told can't be put in at all (R3)."""
    told = may_tell(AUDIENCES[template], template, CANARY)
    assert set(told) == LEARNT[template]
    read = render(template, Language.NB, values(template, member=told))
    for text in (read.plain, read.html, read.subject):
        plain = " ".join(text.split())
        found = {name for name, words in READ_AS.items() if words in plain}
        assert found <= LEARNT[template]
    assert {name for name, words in READ_AS.items() if words in " ".join(read.plain.split())} == (
        LEARNT[template]
    )
    for words in ("skjult", "hidden", "Eksempel AS", "974760673"):
        assert words not in read.plain


def test_a_letter_that_is_on_no_list_tells_nothing():
    """A letter that is added has none of the member's facts, and one that asks is not written."""
    assert may_tell(Audience.BRANCH, "branch_newsletter", CANARY) == {}
    new = Template.BRANCH_NEW_MEMBER
    with pytest.raises(UndefinedError):
        render(new, Language.NB, values(new, member={}))


@pytest.mark.parametrize("template", OUTSIDE)
@pytest.mark.parametrize("wish", [False, True], ids=["hidden", "asked-to-be"])
def test_of_a_hidden_member_only_the_insurance_office_hears(template, wish):
    """The gate stops all others, whatever else holds; the office is told the same as of others."""
    audience = AUDIENCES[template]
    known = replace(MEMBER, hidden=not wish, hiding=wish)
    if template is Template.INSURANCE_MERGED:
        known = replace(known, stage=Stage.ENDED, outcome=Outcome.DUPLICATE)
    if template is Template.INSURANCE_ERASED:
        known = replace(known, stage=Stage.ENDED, outcome=Outcome.RESIGNED)
    verdict = pass_gate(audience, template, known)
    needed = wish and template in {Template.PAYROLL_STOP, Template.BRANCH_MEMBER_LEFT}
    if audience is Audience.INSURANCE_OFFICE:
        assert verdict.passage is GateOutcome.SEND
        assert verdict.basis is not None
    elif not needed:
        assert verdict.passage is GateOutcome.SUPPRESS
