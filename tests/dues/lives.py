"""Lives for tests of the rules: a beginning, and notices, each recorded on its day unless told."""

from datetime import date
from decimal import Decimal
from typing import Any

from schemas.dues.terms import PayerChange, Span, Term
from schemas.membership.notices import (
    MAIN,
    AnyNotice,
    Beginning,
    CategoryNotice,
    Employer,
    EmploymentNotice,
    EndNotice,
    HiddenNotice,
    Job,
    LeaveNotice,
    PensionNotice,
)
from schemas.membership.situation import Facts
from schemas.shared.calendar import day_before
from schemas.shared.vocabulary import (
    Category,
    Outcome,
    Payer,
    PensionKind,
    WaiverKind,
    WaiverShare,
)
from tests.builders import BORN, TODAY

A, B = "974760673", "312345676"
"""Two employers."""

JANUARY, FEBRUARY, MARCH = date(2027, 1, 1), date(2027, 2, 1), date(2027, 3, 1)
APRIL, MAY, JUNE = date(2027, 4, 1), date(2027, 5, 1), date(2027, 6, 1)


def life(
    *notices: AnyNotice,
    category: Category = Category.ORDINARY,
    born: date = BORN,
    since: date = TODAY,
    percent: str | None = "100",
    employer: str | None = A,
    premiums: tuple[Span, ...] = (),
    payers: tuple[PayerChange, ...] = (),
    **beginning: Any,
) -> Facts:
    """Return somebody's facts; the notices are numbered in the order they are given."""
    return Facts(
        birth_date=born,
        since=since,
        beginning=Beginning(
            category=category,
            employer=Employer(orgnr=employer) if employer else None,
            position_percent=None if percent is None else Decimal(percent),
            **beginning,
        ),
        notices=tuple(n.model_copy(update={"number": i}) for i, n in enumerate(notices, 3)),
        premiums=premiums,
        payers=payers,
    )


def job(number: str, percent: str | None, employer: str | None = B, **more: Any) -> Job:
    """Return one of several employments, for the beginning of a life."""
    return Job(
        id=number,
        employer=Employer(orgnr=employer) if employer else None,
        percent=None if percent is None else Decimal(percent),
        **more,
    )


def retired_life(*notices: AnyNotice, born: date, since: date = TODAY, **more: Any) -> Facts:
    """Return the facts of somebody who joined with an early pension."""
    more = {"category": Category.EARLY_PENSIONER, "pension": PensionKind.AFP, **more}
    return life(*notices, born=born, since=since, percent=None, employer=None, **more)


def _common(on: date, recorded: date | None) -> dict[str, Any]:
    return {
        "number": 0,
        "effective_on": on,
        "recorded_on": recorded or on,
        "decided_by": "member",
    }


def works(
    on: date,
    percent: str | None = None,
    employer: str | None = None,
    branch: str | None = None,
    recorded: date | None = None,
    job: str = MAIN,
    deducts: bool | None = None,
) -> EmploymentNotice:
    """Return a notice about employment; ``job`` is the id of the one it is about."""
    return EmploymentNotice(
        **_common(on, recorded),
        employment=job,
        deducts=deducts,
        employer=Employer(orgnr=employer) if employer else None,
        position_percent=None if percent is None else Decimal(percent),
        branch=branch,
    )


def becomes(
    on: date, category: Category, ends_on: date | None = None, recorded: date | None = None
) -> CategoryNotice:
    """Return a notice of another category."""
    return CategoryNotice(**_common(on, recorded), category=category, ends_on=ends_on)


def draws(
    on: date,
    working: str = "0",
    kind: PensionKind = PensionKind.AFP,
    recorded: date | None = None,
) -> PensionNotice:
    """Return a notice of a pension."""
    return PensionNotice(**_common(on, recorded), pension=kind, working_percent=Decimal(working))


def hides(
    on: date, hidden: bool = True, branch: str | None = None, recorded: date | None = None
) -> HiddenNotice:
    """Return a notice that hides, or lifts that."""
    return HiddenNotice(**_common(on, recorded), hidden=hidden, branch=branch)


def leave(
    on: date,
    until: date,
    recorded: date | None = None,
    waiver: WaiverKind = WaiverKind.LEAVE,
    share: WaiverShare | None = None,
    deductor: str | None = None,
) -> LeaveNotice:
    """Return a leave, or another waiver, and who deducts meanwhile; ``until`` is its last day."""
    return LeaveNotice(
        **_common(on, recorded), until_on=until, waiver=waiver, share=share, deductor=deductor
    )


def ends(on: date, outcome: Outcome = Outcome.RESIGNED, recorded: date | None = None) -> EndNotice:
    """Return the end of a membership; ``on`` is the first day that is over, after a death's own."""
    kinds = {
        Outcome.RESIGNED: "resign",
        Outcome.STRUCK_OFF: "report_arrears",
        Outcome.DECEASED: "record_death",
    }
    reported_on = day_before(on) if outcome is Outcome.DECEASED else on
    return EndNotice.model_validate(
        {
            **_common(on, recorded),
            "kind": kinds[outcome],
            "outcome": outcome,
            "reported_on": reported_on,
        }
    )


def yes(starts_on: date, employer: str | None = A, given: date | None = None) -> PayerChange:
    """Return an employer's yes."""
    return PayerChange(
        starts_on=starts_on, payer=Payer.PAYROLL, employer_orgnr=employer, given_on=given
    )


def no(starts_on: date, employer: str | None = A, given: date | None = None) -> PayerChange:
    """Return the end of an employer's deduction."""
    return PayerChange(
        starts_on=starts_on, payer=Payer.DIRECT, employer_orgnr=employer, given_on=given
    )


def shown(terms: tuple[Term, ...]) -> list[str]:
    """Return one line a term: first month, month after the last, kind, kroner, cadence, payer."""
    return [
        f"{term.valid_from:%Y-%m}..{f'{term.valid_to:%Y-%m}' if term.valid_to else ''} "
        f"{term.kind.partition('_')[0]} {term.amount_ore / 100:.2f} {term.cadence} {term.payer}"
        for term in terms
    ]
