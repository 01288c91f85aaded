"""The gate: every audience, every template, in all circumstances there are."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.letters.conditions import GateFacts, GateOutcome
from activities.letters.gate import RULES, pass_gate
from schemas.shared.vocabulary import Audience, Outcome, Stage, Template
from tests.letters.making import AUDIENCES, TODAY

EARLIER = TODAY - timedelta(days=14)
MEMBER = GateFacts(
    stage=Stage.ACTIVE,
    outcome=None,
    hidden=False,
    attached=True,
    told=True,
    overtaken=False,
    asked_on=EARLIER,
    has_national_id=True,
    may_tell_recruiter=True,
    ends_cover=False,
    today=TODAY,
)
OUTWARD = frozenset({Audience.EMPLOYER, Audience.BRANCH, Audience.RECRUITER})
LISTED = [(audience, template) for template, audience in AUDIENCES.items()]

MembershipRow = Stage | Outcome
"""How somebody stands: a stage, or how it ended."""

STANDINGS: list[MembershipRow] = [*(stage for stage in Stage if stage is not Stage.ENDED), *Outcome]
AS_MEMBER: set[MembershipRow] = {Stage.ONBOARDING, Stage.ACTIVE, Stage.ON_LEAVE}
UNDECIDED: set[MembershipRow] = {Stage.RECEIVED, Stage.UNDER_REVIEW, Stage.AWAITING_INFORMATION}
LEFT: set[MembershipRow] = {Outcome.RESIGNED, Outcome.STRUCK_OFF, Outcome.DECEASED}

WHO: dict[Template, set[MembershipRow]] = {
    **dict.fromkeys(Template, AS_MEMBER),
    Template.APPLICATION_RECEIVED: set(STANDINGS) - {Outcome.DECEASED},
    Template.INFORMATION_REQUESTED: UNDECIDED | AS_MEMBER,
    Template.APPLICATION_REJECTED: {Outcome.REJECTED, Outcome.INVALID},
    Template.APPLICATION_WITHDRAWN: {Outcome.WITHDRAWN},
    Template.APPLICATION_LAPSED: {Outcome.LAPSED},
    Template.APPLICATION_DUPLICATE: {Outcome.DUPLICATE},
    Template.MEMBERSHIPS_MERGED: {Outcome.DUPLICATE},
    Template.INSURANCE_MERGED: {Outcome.DUPLICATE},
    Template.RESIGNATION: AS_MEMBER | {Outcome.RESIGNED},
    Template.STRUCK_OFF: {Outcome.STRUCK_OFF},
    **dict.fromkeys(
        (
            Template.PAYMENT_PLAN,
            Template.PAYMENT_PLAN_BROKEN,
            Template.DIRECT_DEBIT_RETURNED,
            Template.REMINDER_FIRST,
            Template.REMINDER_SECOND,
            Template.MEMBERSHIP_REOPENED,
            Template.RESERVATION_CONFIRMED,
        ),
        AS_MEMBER | {Outcome.RESIGNED, Outcome.STRUCK_OFF},
    ),
    # Of one that somebody had twice (N9): what comes back, and the employer stops.
    **dict.fromkeys(
        (Template.DUES_INVOICE, Template.TAX_STATEMENT, Template.OVERPAYMENT),
        AS_MEMBER | {Outcome.RESIGNED, Outcome.STRUCK_OFF, Outcome.DUPLICATE},
    ),
    Template.PAYROLL_STOP: AS_MEMBER | LEFT | {Outcome.DUPLICATE},
    Template.BRANCH_MEMBER_LEFT: AS_MEMBER | LEFT,
    **dict.fromkeys(
        (Template.INSURANCE_ERASED, Template.BRANCH_ERASED), LEFT | {Outcome.DUPLICATE}
    ),
    Template.CASEWORKER_TASK: set(STANDINGS),
}
"""Of whom each letter is still true. The status for the insurance office depends on its figure."""


BY_NATIONAL_ID = {
    Template.PAYROLL_START,
    Template.PAYROLL_CHANGE,
    Template.PAYROLL_REMINDER,
    Template.DEDUCTION_LIST,
}
ASKS = (BY_NATIONAL_ID - {Template.DEDUCTION_LIST}) | {
    Template.BRANCH_NEW_MEMBER,
    Template.BRANCH_MEMBER_CHANGED,
}
"""For the present employer or branch, unless it has been left since."""
TO_WHO_HEARD = {
    Template.PAYROLL_CHANGE,
    Template.PAYROLL_STOP,
    Template.BRANCH_MEMBER_CHANGED,
    Template.BRANCH_MEMBER_LEFT,
    Template.BRANCH_ERASED,
}


SILENCES = ("open", "hiding", "hidden")
"""Whether outsiders may know; hiding: the wish was answered, and is not in effect yet."""
ENDS_IT = {Template.PAYROLL_STOP, Template.BRANCH_MEMBER_LEFT}
"""What a wish to be hidden needs to come true (L5)."""


def all_circumstances() -> list[GateFacts]:
    """Every combination of what the gate knows."""
    flags = [False, True]
    return [
        GateFacts(
            stage=standing if isinstance(standing, Stage) else Stage.ENDED,
            outcome=standing if isinstance(standing, Outcome) else None,
            hidden=silence == "hidden",
            attached=attached,
            told=told,
            overtaken=overtaken,
            asked_on=asked_on,
            has_national_id=has_national_id,
            may_tell_recruiter=may_tell_recruiter,
            ends_cover=ends_cover,
            today=TODAY,
            hiding=silence == "hiding",
        )
        for (
            standing,
            silence,
            attached,
            told,
            overtaken,
            asked_on,
            has_national_id,
            may_tell_recruiter,
            ends_cover,
        ) in product(
            STANDINGS, SILENCES, flags, flags, flags, (None, TODAY, EARLIER), flags, flags, flags
        )
    ]


ALL = all_circumstances()


def expected(template: Template, known: GateFacts) -> GateOutcome:
    """What the domain wants: said once more, in other words than the gate's."""
    standing: MembershipRow = known.outcome or known.stage
    audience = AUDIENCES[template]
    who = WHO[template]
    if template is Template.INSURANCE_STATUS and known.ends_cover:
        who = who | LEFT
    if standing not in who or (known.hidden and audience in OUTWARD):
        return GateOutcome.SUPPRESS
    if known.hiding and audience in OUTWARD and template not in ENDS_IT:
        return GateOutcome.SUPPRESS
    if template in ASKS and not (known.attached and not known.overtaken):
        return GateOutcome.SUPPRESS
    if template in BY_NATIONAL_ID and not known.has_national_id:
        return GateOutcome.HOLD
    wanted = (
        (template not in TO_WHO_HEARD or known.told)
        and (template is not Template.PAYROLL_REMINDER or known.asked_on == EARLIER)
        and (
            template is not Template.RECRUITER_THANKS
            or (known.may_tell_recruiter and not known.overtaken)
        )
    )
    return GateOutcome.SEND if wanted else GateOutcome.SUPPRESS


@pytest.mark.parametrize("template", list(Template))
def test_every_letter_in_all_circumstances(template: Template) -> None:
    """A letter goes to its own audience when it is true of the membership, and only then."""
    for known in ALL:
        verdict = pass_gate(AUDIENCES[template], template, known)
        assert verdict.passage is expected(template, known), known
        assert (verdict.note is None) is (verdict.passage is GateOutcome.SEND)


ASK_FOR_MONEY = {
    Template.REMINDER_FIRST,
    Template.REMINDER_SECOND,
    Template.STRUCK_OFF_WARNING,
    Template.OVERPAYMENT,
    Template.DIRECT_DEBIT_RETURNED,
    Template.CASEWORKER_TASK,
}
"""What nobody is asked for once it is settled; a task says so only of a payment."""
OF_A_MERGE = {Template.MEMBERSHIPS_MERGED, Template.INSURANCE_MERGED}
"""What nobody is told once the merge has been undone (N9)."""


@pytest.mark.parametrize("template", list(Template))
def test_what_is_settled_is_not_asked_for(template: Template) -> None:
    """A30: whoever has paid since the letter was ordered is not reminded; nothing else stops."""
    audience = AUDIENCES[template]
    passing = [known for known in ALL if pass_gate(audience, template, known).passage == "send"]
    known = replace(passing[0], settled=True)
    stopped = pass_gate(audience, template, known).passage is GateOutcome.SUPPRESS
    assert stopped is (template in ASK_FOR_MONEY | OF_A_MERGE)


def test_a_letter_to_another_audience_is_denied() -> None:
    """A pair that is not listed never passes, whatever the circumstances."""
    others = [pair for pair in product(Audience, Template) if pair not in LISTED]
    for (audience, template), known in product(others, ALL[::97]):
        assert pass_gate(audience, template, known).passage is GateOutcome.SUPPRESS


def test_nothing_goes_outward_about_the_hidden() -> None:
    """S30, S33, A27: no letter to employer, branch or recruiter, whatever else is the case."""
    hidden = [known for known in ALL if known.hidden]
    for (audience, template), known in product(product(OUTWARD, Template), hidden[::17]):
        assert pass_gate(audience, template, known).passage is GateOutcome.SUPPRESS


def test_an_answered_wish_lets_out_only_what_it_needs() -> None:
    """Invariant 12: from the answer on a STOP and a goodbye to the branch, and nothing else."""
    passed = {
        (audience, template)
        for (audience, template), known in product(product(OUTWARD, Template), ALL)
        if known.hiding and pass_gate(audience, template, known).passage is not GateOutcome.SUPPRESS
    }
    assert passed == {
        (Audience.EMPLOYER, Template.PAYROLL_STOP),
        (Audience.BRANCH, Template.BRANCH_MEMBER_LEFT),
    }


@pytest.mark.parametrize("template", [t for t, a in AUDIENCES.items() if a is Audience.MEMBER])
def test_a_hidden_members_mail_waits_for_a_private_address(template: Template) -> None:
    """S30: nothing to an address that an employer may read, the acknowledgement included."""
    for known in ALL:
        verdict = pass_gate(Audience.MEMBER, template, replace(known, at_work=True))
        usual = expected(template, known)
        silent = (known.hidden or known.hiding) and usual is GateOutcome.SEND
        assert verdict.passage is (GateOutcome.HOLD if silent else usual)


def test_death_stops_all_mail_but_what_must_end() -> None:
    """M17: nothing to the dead; others only hear what they have to stop."""
    passed = {
        template
        for template, known in product(Template, ALL)
        if known.outcome is Outcome.DECEASED
        and pass_gate(AUDIENCES[template], template, known).passage is not GateOutcome.SUPPRESS
    }
    assert passed == {
        Template.PAYROLL_STOP,
        Template.INSURANCE_STATUS,
        Template.INSURANCE_ERASED,
        Template.BRANCH_MEMBER_LEFT,
        Template.BRANCH_ERASED,
        Template.CASEWORKER_TASK,
    }
    dead = replace(MEMBER, stage=Stage.ENDED, outcome=Outcome.DECEASED)
    covered = pass_gate(Audience.INSURANCE_OFFICE, Template.INSURANCE_STATUS, dead)
    assert covered.passage is GateOutcome.SUPPRESS


def test_every_template_has_one_rule() -> None:
    """A new template without a rule would never be sent: list it in gate.RULES."""
    assert sorted(RULES) == sorted(LISTED)


def test_what_leaves_the_house_has_a_basis_and_nothing_else_has() -> None:
    """Each disclosure names its legal basis; letters within the house need none."""
    for (audience, template), rule in RULES.items():
        inside = audience in {Audience.MEMBER, Audience.CASEWORKERS}
        assert (rule.basis is None) is inside, template


@given(st.text(), st.text())
def test_words_of_a_newer_version_are_denied(audience: str, template: str) -> None:
    """What this version does not know is not sent."""
    known_pair = audience in set(Audience) and template in set(Template)
    assert known_pair or pass_gate(audience, template, MEMBER).passage is GateOutcome.SUPPRESS


@pytest.mark.parametrize(
    "template", [Template.PAYROLL_START, Template.PAYROLL_CHANGE, Template.PAYROLL_REMINDER]
)
def test_employer_letters_wait_for_the_national_id(template: Template) -> None:
    """N3: without a national id a payroll letter is held, not lost."""
    unknown = replace(MEMBER, has_national_id=False, told=False, asked_on=None)
    assert pass_gate(Audience.EMPLOYER, template, unknown).passage is GateOutcome.HOLD


@pytest.mark.parametrize(
    "template", [Template.PAYROLL_START, Template.PAYROLL_CHANGE, Template.PAYROLL_REMINDER]
)
@pytest.mark.parametrize(
    "left",
    [
        replace(MEMBER, has_national_id=False, attached=False),
        replace(MEMBER, has_national_id=False, overtaken=True),
    ],
)
def test_what_was_held_until_the_employer_was_left_never_goes(
    template: Template, left: GateFacts
) -> None:
    """L6: an employer that has been left is not asked to deduct, not even later."""
    assert pass_gate(Audience.EMPLOYER, template, left).passage is GateOutcome.SUPPRESS


@pytest.mark.parametrize("asked_on", [None, TODAY])
def test_a_reminder_never_comes_with_its_request(asked_on: date | None) -> None:
    """A request that was held for long goes out alone: its reminder would be rude."""
    known = replace(MEMBER, asked_on=asked_on)
    verdict = pass_gate(Audience.EMPLOYER, Template.PAYROLL_REMINDER, known)
    assert verdict.passage is GateOutcome.SUPPRESS


def test_a_stop_waits_for_nothing_but_tells_nobody_anew() -> None:
    """L6: whoever was asked must stop; whoever never heard does not hear of it now."""
    stop = Audience.EMPLOYER, Template.PAYROLL_STOP
    bare = replace(MEMBER, has_national_id=False, attached=False)
    assert pass_gate(*stop, bare).passage is GateOutcome.SEND
    assert pass_gate(*stop, replace(bare, told=False)).passage is GateOutcome.SUPPRESS


def test_the_recruiter_is_told_only_with_consent_and_of_members() -> None:
    """A27: only after approval, and only with the applicant's consent."""
    for known in (
        replace(MEMBER, may_tell_recruiter=False),
        replace(MEMBER, stage=Stage.UNDER_REVIEW),
        replace(MEMBER, stage=Stage.ENDED, outcome=Outcome.RESIGNED),
    ):
        verdict = pass_gate(Audience.RECRUITER, Template.RECRUITER_THANKS, known)
        assert verdict.passage is GateOutcome.SUPPRESS


def test_a_branch_hears_only_of_its_own_members() -> None:
    """A member attached to no branch, or to another one, is not shown to it."""
    other = replace(MEMBER, attached=False)
    for template in (Template.BRANCH_NEW_MEMBER, Template.BRANCH_MEMBER_CHANGED):
        assert pass_gate(Audience.BRANCH, template, other).passage is GateOutcome.SUPPRESS
