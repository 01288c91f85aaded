"""The rows of members who are carried over: what an approval and the months since had left."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import asyncpg

from activities.persons.rows import consents_of, person_row, work_row
from activities.register.reading import number_key
from activities.shared.hashes import content_hash
from schemas.dues.terms import RatedTerm
from schemas.membership.application import (
    Applicant,
    Application,
    Apprenticeship,
    Consents,
    Employment,
    Pension,
)
from schemas.membership.decision import DecisionReceipt, MembershipRow
from schemas.membership.situation import Facts, without_names
from schemas.names import person_id
from schemas.register.facts import standing_jobs
from schemas.register.member import RegisterMember
from schemas.shared.calendar import oslo_date
from schemas.shared.vocabulary import Category, Event, InsuranceStatus

Row = tuple[Any, ...]

COLUMNS: dict[str, tuple[str, ...]] = {
    "people": (
        "person_id", "name", "name_key", "birth_date", "national_id", "email", "email_key", "phone",
        "address", "language",
    ),
    "memberships": (
        "membership_id", "person_id", "stage", "category", "hidden", "branch", "member_number",
        "member_since", "received_at", "received_on", "last_decision", "facts", "employer_orgnr",
        "employer_name", "position", "position_percent", "deductor_orgnr",
        "coming_premiums", "insurance_status", "covered_from", "reserved_from",
    ),
    "decisions": (
        "membership_id", "number", "event", "says", "decided_at", "decided_on", "decided_by",
        "rules", "rulebook_version", "content_hash", "receipt",
    ),
    "applications": ("membership_id", "content"),
    "consents": ("person_id", "kind", "given", "stated_on", "how"),
    "terms": (
        "membership_id", "kind", "rate", "cadence", "payer", "valid", "decision", "employer_orgnr",
        "prorated",
    ),
    "imported_members": (
        "number", "membership_id", "content_hash", "month", "imported_at", "begun", "insurance",
        "insurance_on",
    ),
}  # fmt: skip
"""What is copied, in the order in which the tables refer to each other."""


@dataclass(frozen=True)
class Newcomer:
    """A member about to be carried over.

    Attributes:
        member: as the register has it.
        month: the first day of the first month that is charged here.
        at: when it is carried over.
        standing: of its row.
        facts: what its terms were planned from.
        terms: by rate.
        says, rules, by: of the decision that its log begins with.
        version: of the rulebook it was planned by.
    """

    member: RegisterMember
    membership_id: str
    member_number: str
    month: date
    at: datetime
    standing: MembershipRow
    facts: Facts
    terms: tuple[RatedTerm, ...]
    says: str
    rules: tuple[str, ...]
    by: str
    version: str

    @property
    def on(self) -> date:
        """The day it is carried over."""
        return oslo_date(self.at)


def hash_of(member: RegisterMember) -> str:
    """Return what tells a line from another under its number.

    What is only compared is none of it; nor how the number is written, which spreadsheets change.
    """
    plain = member.model_dump(
        mode="json",
        exclude_defaults=True,
        exclude={
            **dict.fromkeys(("charged_central_ore", "charged_local_ore"), True),
            **dict.fromkeys(("charged_premium_ore", "number"), True),
            "employments": {"__all__": {"member"}},
            "invoices": {"__all__": {"member"}},
        },
    )
    return content_hash([plain])


def copied(one: Newcomer) -> Iterator[tuple[str, Row]]:
    """Yield a newcomer's rows, each with its table."""
    form = application_of(one)
    who = person_id(one.membership_id)
    yield "people", _person(who, form)
    yield "memberships", _membership(one, who, form)
    yield "decisions", _decision(one)
    yield "applications", (one.membership_id, form.model_dump_json())
    for kind, given in consents_of(form).items():
        if given:
            yield "consents", (who, kind, given, one.on, one.by)
    for term in one.terms:
        yield "terms", _term(one, term)
    yield (
        "imported_members",
        (
            number_key(one.member.number),
            one.membership_id,
            hash_of(one.member),
            one.month,
            one.at,
            False,
            one.member.insurance,
            one.member.insurance_on,
        ),
    )


def application_of(one: Newcomer) -> Application:
    """Return the application that would have led here; each cell of it has been checked."""
    member, begins = one.member, one.facts.beginning
    jobs = list(_jobs(member, one.month))
    ends = member.ends_on
    learns = member.category is Category.APPRENTICE
    drawn = begins.pension
    return Application.model_construct(
        applicant=Applicant.model_construct(
            name=member.name,
            birth_date=member.birth_date,
            national_id=member.national_id,
            email=member.email,
            phone=member.phone,
            address=member.address,
            language=member.language,
        ),
        category=member.category,
        employment=jobs[0] if jobs else None,
        other_employments=tuple(jobs[1:]),
        apprenticeship=Apprenticeship(ends_on=ends) if learns and ends else None,
        pension=Pension.model_construct(kind=drawn, from_on=one.facts.since) if drawn else None,
        hidden=member.hidden,
        insurance_reservation=member.insurance is InsuranceStatus.RESERVED,
        consents=Consents(terms=True),
    )


def _jobs(member: RegisterMember, month: date) -> Iterator[Employment]:
    for job in standing_jobs(member, month):
        percent = job.position_percent
        yield Employment.model_construct(
            employer_orgnr=job.employer_orgnr,
            employer_name=job.employer_name,
            position=job.position,
            position_percent=Decimal(100) if percent is None else percent,
        )


def _person(who: str, form: Application) -> Row:
    row = person_row(form) | {"person_id": who, "birth_date": form.applicant.birth_date}
    row["address"] = json.dumps(row["address"]) if row["address"] is not None else None
    return tuple(row[column] for column in COLUMNS["people"])


def _membership(one: Newcomer, who: str, form: Application) -> Row:
    work, now = work_row(form), one.standing
    percent = work["position_percent"]
    return (
        one.membership_id,
        who,
        now.stage,
        now.category,
        now.hidden,
        now.branch,
        one.member_number,
        now.member_since,
        one.at,
        one.on,
        1,
        without_names(one.facts).model_dump_json(),
        work["employer_orgnr"],
        work["employer_name"],
        work["position"],
        Decimal(percent) if percent is not None else None,
        now.deductor_orgnr,
        _spans(now),
        *_insured(now),
    )


def _insured(now: MembershipRow) -> Row:
    insured = now.insurance
    assert insured is not None, "a row of today's rules says how the package stands"
    return insured.status, insured.covered_from, insured.reserved_from


def _spans(now: MembershipRow) -> str | None:
    spans = now.model_dump(mode="json")["coming_premiums"]
    return None if spans is None else json.dumps(spans)


def _decision(one: Newcomer) -> Row:
    receipt = DecisionReceipt(member_number=one.member_number)
    return (
        one.membership_id,
        1,
        Event.MEMBERSHIP_IMPORTED,
        one.says,
        one.at,
        one.on,
        one.by,
        list(one.rules),
        one.version,
        content_hash(one.standing),
        receipt.model_dump_json(),
    )


def _term(one: Newcomer, term: RatedTerm) -> Row:
    return (
        one.membership_id,
        term.kind,
        term.rate,
        term.cadence,
        term.payer,
        asyncpg.Range(term.valid_from, term.valid_to),
        1,
        term.employer_orgnr,
        term.prorated,
    )
