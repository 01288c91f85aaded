"""The gate: every audience, every template, hidden or not."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.notifications.gate import RULES, Circumstances, Passage, pass_gate
from schemas.vocabulary import Audience, Outcome, Stage, Template
from tests.notifications.making import AUDIENCES, TODAY

MEMBER = Circumstances(
    stage=Stage.ACTIVE,
    outcome=None,
    hidden=False,
    branch="OSLO",
    has_national_id=True,
    may_tell_recruiter=True,
    start_sent_on=TODAY - timedelta(days=14),
    today=TODAY,
)
ENDINGS = {
    Template.APPLICATION_REJECTED: Outcome.REJECTED,
    Template.APPLICATION_WITHDRAWN: Outcome.WITHDRAWN,
    Template.APPLICATION_LAPSED: Outcome.LAPSED,
    Template.APPLICATION_DUPLICATE: Outcome.DUPLICATE,
}


def fitting(template: Template) -> Circumstances:
    """Circumstances in which the template is sent to its own audience."""
    if template in ENDINGS:
        return replace(MEMBER, stage=Stage.ENDED, outcome=ENDINGS[template])
    return MEMBER


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize(("audience", "template"), list(product(Audience, Template)))
def test_only_listed_pairs_pass_and_none_outward_for_the_hidden(
    audience: Audience, template: Template, hidden: bool
) -> None:
    """A letter goes to its own audience only, and never outward about a hidden member."""
    known = replace(fitting(template), hidden=hidden, branch=None if hidden else "OSLO")
    outward = audience in {Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER}
    passes = AUDIENCES[template] is audience and not (hidden and outward)
    verdict = pass_gate(audience, template, known)
    assert (verdict.passage is Passage.SEND) is passes
    assert passes or verdict.note


def test_every_template_has_a_rule() -> None:
    """A new template without a rule would never be sent: list it in gate.RULES."""
    assert {template for _, template in RULES} == set(Template)


def test_what_leaves_the_house_has_a_basis_and_nothing_else_has() -> None:
    """Each disclosure names its legal basis; letters within the house need none."""
    for (audience, template), rule in RULES.items():
        inside = audience in {Audience.MEMBER, Audience.CASEWORKERS}
        assert (rule.basis is None) is inside, template


@given(st.text(), st.text())
def test_words_of_a_newer_version_are_denied(audience: str, template: str) -> None:
    """What this version does not know is not sent."""
    known_pair = audience in set(Audience) and template in set(Template)
    assert known_pair or pass_gate(audience, template, MEMBER).passage is Passage.SUPPRESS


@pytest.mark.parametrize(
    "template", [Template.PAYROLL_START, Template.PAYROLL_CHANGE, Template.PAYROLL_REMINDER]
)
def test_employer_letters_wait_for_the_national_id(template: Template) -> None:
    """Section 7: without a national id a payroll letter is held, not lost."""
    unknown = replace(MEMBER, has_national_id=False, start_sent_on=None)
    assert pass_gate(Audience.EMPLOYER, template, unknown).passage is Passage.HOLD


@pytest.mark.parametrize("start_sent_on", [None, TODAY])
def test_a_reminder_never_comes_with_its_request(start_sent_on) -> None:
    """A request that was held for long goes out alone: its reminder would be rude."""
    known = replace(MEMBER, start_sent_on=start_sent_on)
    verdict = pass_gate(Audience.EMPLOYER, Template.PAYROLL_REMINDER, known)
    assert verdict.passage is Passage.SUPPRESS


def test_the_recruiter_is_told_only_with_consent_and_of_members() -> None:
    """A27: only after approval, and only with the applicant's consent."""
    for known in (
        replace(MEMBER, may_tell_recruiter=False),
        replace(MEMBER, stage=Stage.UNDER_REVIEW),
        replace(MEMBER, stage=Stage.ENDED, outcome=Outcome.RESIGNED),
    ):
        verdict = pass_gate(Audience.RECRUITER, Template.RECRUITER_THANKS, known)
        assert verdict.passage is Passage.SUPPRESS


def test_a_branch_hears_only_of_its_own_members() -> None:
    """A member attached to no branch is not shown to one."""
    verdict = pass_gate(Audience.BRANCH, Template.BRANCH_NEW_MEMBER, replace(MEMBER, branch=None))
    assert verdict.passage is Passage.SUPPRESS


@pytest.mark.parametrize("template", list(Template))
def test_death_stops_all_automatic_mail_but_the_caseworkers(template: Template) -> None:
    """Section 9: nothing is sent about the dead, except to the union's own caseworkers."""
    dead = replace(MEMBER, stage=Stage.ENDED, outcome=Outcome.DECEASED)
    verdict = pass_gate(AUDIENCES[template], template, dead)
    assert (verdict.passage is Passage.SEND) is (template is Template.CASEWORKER_TASK)


@pytest.mark.parametrize(
    "template", [Template.WELCOME, Template.FIRST_INVOICE, Template.DEDUCTION_BEGINS]
)
@pytest.mark.parametrize("stage", [Stage.UNDER_REVIEW, Stage.ENDED])
def test_members_letters_go_to_members_only(template: Template, stage: Stage) -> None:
    """Nobody is welcomed or invoiced before the approval or after the end."""
    outcome = Outcome.RESIGNED if stage is Stage.ENDED else None
    known = replace(MEMBER, stage=stage, outcome=outcome)
    assert pass_gate(Audience.MEMBER, template, known).passage is Passage.SUPPRESS
