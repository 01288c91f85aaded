"""Makes the intakes and decisions that the tests of persistence write."""

from datetime import UTC, date, datetime
from typing import Any

from activities.membership.activities import Persistence
from schemas.dues.terms import InvoiceLine, Term
from schemas.membership.application import Application
from schemas.membership.decision import (
    Decision,
    DecisionReceipt,
    Intake,
    InvoiceOrder,
    Letter,
    MembershipRow,
    Payment,
)
from schemas.membership.form import Form
from schemas.shared.vocabulary import (
    Audience,
    Cadence,
    Category,
    Event,
    LineKind,
    Payer,
    Stage,
    Template,
)

KARI = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0001"
OLA = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0002"
AT = datetime(2026, 11, 22, 10, tzinfo=UTC)
TODAY = date(2026, 11, 22)
NOVEMBER = date(2026, 11, 1)
JANUARY = date(2027, 1, 1)
KARIS_ID = "12848600006"
OTHER_ID = "12848600014"
"""Test numbers (month + 80) of two people born on the same day."""

_OF_THE_FORM = frozenset({"newsletter", "category", "hidden", "employment", "consents"})


def application(**changed: Any) -> Application:
    """An ordinary member's application; keywords change the form or the applicant."""
    plain = {
        "applicant": {
            "name": "Kari Nordmann",
            "birth_date": date(1986, 4, 12),
            "email": "kari@example.org",
            **{name: value for name, value in changed.items() if name not in _OF_THE_FORM},
        },
        "category": Category.ORDINARY,
        "employment": {"employer_orgnr": "974760673"},
        "consents": {"terms": True},
        **{name: value for name, value in changed.items() if name in _OF_THE_FORM},
    }
    return Application.model_validate(plain)


def intake(membership_id: str = KARI, **changed: Any) -> Intake:
    """An application as it arrives, with its acknowledgement."""
    return Intake(
        membership_id=membership_id,
        received_at=AT,
        received_on=TODAY,
        application=application(**changed),
        text="",
        letters=(letter("0001-application_received", Template.APPLICATION_RECEIVED),),
    )


def letter(
    key: str, template: Template = Template.WELCOME, audience: Audience = Audience.MEMBER
) -> Letter:
    """A letter without figures."""
    return Letter(key=key, template=template, audience=audience)


def term(
    amount_ore: int = 49500,
    *,
    kind: LineKind = LineKind.CENTRAL_DUES,
    payer: Payer = Payer.DIRECT,
    valid_from: date = NOVEMBER,
    valid_to: date | None = None,
    cadence: Cadence = Cadence.MONTHLY,
) -> Term:
    """Full central dues from November on, unless told otherwise."""
    return Term(
        kind=kind,
        amount_ore=amount_ore,
        cadence=cadence,
        payer=payer,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def order(*amounts: tuple[LineKind, int], period_from: date = NOVEMBER) -> InvoiceOrder:
    """An invoice; full central dues unless told otherwise."""
    lines = amounts or ((LineKind.CENTRAL_DUES, 49500),)
    return InvoiceOrder(
        period_from=period_from,
        lines=tuple(InvoiceLine(kind=kind, amount_ore=ore) for kind, ore in lines),
        issued_on=TODAY,
        due_on=date(2026, 12, 7),
    )


def supplied(**changed: Any) -> dict[str, Any]:
    """What a decision holds that makes the person of an application the one of another."""
    form = application(**changed)
    return {
        "form": Form.of(form),
        "supplied": {"applicant": form.applicant.model_dump(mode="json")},
    }


def standing(stage: Stage = Stage.ONBOARDING, **changed: Any) -> MembershipRow:
    """A member's standing."""
    return MembershipRow(
        **{
            "stage": stage,
            "category": Category.ORDINARY,
            "hidden": False,
            "member_since": TODAY,
            **changed,
        }
    )


def decision(number: int = 2, membership_id: str = KARI, **changed: Any) -> Decision:
    """A decision about a member that changes nothing but what is told."""
    return Decision(
        **{
            "membership_id": membership_id,
            "number": number,
            "event": Event.PAYROLL_REMINDED,
            "decided_at": AT,
            "decided_on": TODAY,
            "decided_by": "rule",
            "rules": ("A34",),
            "standing": standing(),
            **changed,
        }
    )


def approval(membership_id: str = KARI, **changed: Any) -> Decision:
    """The approval of an ordinary member, with terms, first invoice and letters."""
    return decision(
        membership_id=membership_id,
        **{
            "event": Event.APPLICATION_APPROVED,
            "decided_by": "ola",
            "rules": ("S2", "S26"),
            "terms": (term(),),
            "invoice": order(),
            "letters": (
                letter("0002-welcome"),
                letter("0002-payroll_start", Template.PAYROLL_START, Audience.EMPLOYER),
            ),
            **changed,
        },
    )


def payment(reference: str, amount_ore: int, kid: str | None) -> Payment:
    """Money from the bank."""
    return Payment(reference=reference, amount_ore=amount_ore, paid_on=TODAY, kid=kid)


async def make_member(
    persistence: Persistence, membership_id: str = KARI, **changed: Any
) -> DecisionReceipt:
    """Receive and approve an application; keywords change the form or the applicant."""
    await persistence.receive_application(intake(membership_id, **changed))
    return await persistence.record_decision(approval(membership_id))
