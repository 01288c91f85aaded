"""Memberships and letters for tests, written straight into the tables."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
from temporalio.testing import ActivityEnvironment

from activities.letters.activities import Notifications
from activities.letters.settings import NotificationSettings
from schemas.membership.decision import Delivery, DeliveryReport
from schemas.shared.vocabulary import Audience, Template
from tests.persons.making import add_person

TODAY = date(2026, 11, 22)
ORGNR, OTHER_ORGNR = "974760673", "312345676"
NOON = datetime(2026, 11, 22, 11, 0, 0, 123456, tzinfo=UTC)
SYNTHETIC_ID = "12848699810"
EMPLOYER, BRANCH = "lonn@employer.example", "tillit@branch.example"
OTHER_EMPLOYER, OTHER_BRANCH = "lonn@other.example", "tillit@other.example"
RECRUITER, MEMBER = "verver@recruiter.example", "kari@example.org"
CASEWORKERS, INSURANCE = "sak@union.example", "forsikring@insurance.example"
OUTSIDERS = frozenset({EMPLOYER, BRANCH, RECRUITER, OTHER_EMPLOYER, OTHER_BRANCH})

TERMS: list[dict[str, str | int]] = [
    {
        "kind": "central_dues",
        "amount_ore": 49500,
        "cadence": "monthly",
        "valid_from": "2026-11-01",
    },
    {"kind": "local_dues", "amount_ore": 4500, "cadence": "monthly", "valid_from": "2026-11-01"},
]
OFFER: dict[str, Any] = {"full_ore": 49500, "half_ore": 24750, "half_percent": "50"}
WELCOME: dict[str, Any] = {
    "category": "ordinary",
    "member_since": "2026-11-22",
    "terms": TERMS,
    "benefits": [{"name": "insurance_package"}, {"name": "legal_help"}],
    "insurance": "window_open",
    "reservation_window_days": 30,
    "hidden": False,
    "coverages": [
        {"name": "life", "until": "2053-12-31"},
        {"name": "disability", "until": "2046-04-11"},
        {"name": "critical_illness", "until": "2053-04-11"},
    ],
    "ended_kept_years": 5,
    "books_kept_years": 5,
    "asks_employer": True,
    "notice_months": 1,
    "help": [
        {"kind": "help", "months": 1},
        {"kind": "casework", "months": 3},
        {"kind": "lawyer", "months": 6},
        {"kind": "court", "months": 12},
    ],
    **OFFER,
    "half_back_months": 3,
}
CHANGED: dict[str, Any] = {"valid_from": "2027-02-01", "terms": TERMS}
ENDED_COVERAGES: dict[str, Any] = {
    "coverages": [{"name": "disability"}],
    "left": [{"name": "life"}, {"name": "critical_illness"}],
    "from_on": "2027-02-22",
}
LEAVING: dict[str, Any] = {
    "last_on": "2026-12-31",
    "charged_until": "2026-12-31",
    "reported_on": "2026-11-22",
}
FIGURES: dict[Template, dict[str, Any]] = {
    Template.APPLICATION_RECEIVED: {},
    Template.INFORMATION_REQUESTED: {
        "reason": "Hvem er arbeidsgiveren din?\nOg hva er stillingen?",
        "deadline": "2026-12-22",
    },
    Template.APPLICATION_REJECTED: {
        "reason": "Stillingen er utenfor vårt område.",
        "faults": [{"breach": "too_young", "figure": "15"}],
    },
    Template.APPLICATION_WITHDRAWN: {},
    Template.APPLICATION_LAPSED: {},
    Template.APPLICATION_DUPLICATE: {},
    Template.WELCOME: WELCOME,
    Template.FIRST_INVOICE: {},
    Template.RESERVATION_FORM: {
        "deadline": "2026-12-22",
        "window_open": True,
        "asked_on": "2026-11-22",
    },
    Template.RESERVATION_CONFIRMED: {"effective_on": "2026-11-22"},
    Template.COVER_BEGINS: {
        "covered_from": "2026-12-23",
        "premium_ore": 20000,
        "premium_from": "2027-01-01",
    },
    Template.DEDUCTION_BEGINS: {"first_period": "2027-01"},
    Template.DEDUCTION_NOT_POSSIBLE: {"answer": "refused", "reason": "Vi har ikke avtale."},
    Template.CHANGE_NOTED: {
        "change": "change_employment",
        "effective_on": "2027-02-15",
        **CHANGED,
    },
    Template.CHANGE_WITHDRAWN: {
        "change": "change_employment",
        "effective_on": "2027-02-15",
        "terms": TERMS,
    },
    Template.DUES_CHANGED: {
        **CHANGED,
        "before": [{**TERMS[0], "amount_ore": 24750}, TERMS[1]],
        "reason": "position",
    },
    Template.CATEGORY_CHANGED: {
        "category": "ordinary",
        "was": "student",
        "benefits": WELCOME["benefits"],
        "from_on": "2027-01-15",
        "before": [{**TERMS[0], "amount_ore": 30000, "cadence": "yearly"}],
        **CHANGED,
    },
    Template.INSURANCE_WINDOW: {"premium_ore": 20000, "reservation_window_days": 30},
    Template.COVERAGE_ENDED: ENDED_COVERAGES,
    Template.PENSION_REPORTED: {
        "category": "early_pensioner",
        "benefits": WELCOME["benefits"],
        "covered": True,
        "deducted": True,
        "from_on": "2027-01-15",
        "before": [{**TERMS[0], "amount_ore": 51000}],
        **CHANGED,
    },
    Template.PENSION_QUESTION: {"turns_on": "2027-02-22", "age": 67, "pensioner_ore": 60000},
    Template.RETIREMENT_AGE: {
        "category": "pensioner",
        "was": "early_pensioner",
        "pensioner_ore": 60000,
        **CHANGED,
    },
    Template.STUDY_QUESTION: {"category": "student", "ends_on": "2027-06-15", **OFFER},
    Template.STUDY_OVER: {"category": "student", "ends_on": "2027-06-15", **OFFER},
    Template.EMPLOYMENT_QUESTION: {"about": "left"},
    Template.WORK_QUESTION: {"about": "waiver", "until_on": "2027-08-31"},
    Template.STUDENT_CHECK: {"category": "student", "ends_on": "2027-06-15"},
    Template.HIDDEN_ON: CHANGED,
    Template.HIDDEN_OFF: {"may_deduct": True, **CHANGED},
    Template.LEAVE_GRANTED: {
        "from_on": "2027-01-15",
        "until_on": "2027-08-31",
        "waiver": "leave",
        "reduced": False,
        "resumes_from": "2027-09-01",
        "resumes": TERMS,
        **CHANGED,
    },
    Template.LEAVE_ENDED: {
        "waiver": "leave",
        "asks": "employer",
        "last_on": "2027-01-14",
        "before": [{**TERMS[0], "amount_ore": 0}],
        **CHANGED,
    },
    Template.RESIGNATION: LEAVING,
    Template.STRUCK_OFF: LEAVING,
    Template.MEMBERSHIP_REOPENED: {
        "outcome": "deceased",
        "last_on": "2026-12-31",
        "asks": "employer",
        **CHANGED,
    },
    Template.MEMBERSHIPS_MERGED: {"stops": True, "quiet": False},
    Template.TAX_STATEMENT: {
        "year": 2026,
        "version": 2,
        # 12 * 745.00, of which 495.00 straight to the union.
        "paid_ore": 894000,
        "direct_ore": 49500,
        "working_ore": 894000,
        "months": 12,
        "whole_cap_ore": 825000,
        "cap_ore": 825000,
        "deductible_ore": 825000,
        "reported_ore": 49500,
        "unreported": None,
        "cap_confirmed": False,
        "made_on": "2027-01-15",
    },
    Template.DUES_INVOICE: {},
    Template.REMINDER_FIRST: {"pay_by": "2027-01-04", "struck_off_months": 3},
    Template.REMINDER_SECOND: {"pay_by": "2027-01-18", "struck_off_months": 3},
    Template.STRUCK_OFF_WARNING: {"struck_off_months": 3, "earliest_on": "2026-12-06"},
    Template.OVERPAYMENT: {"payment": "K1"},
    Template.PAYMENT_PLAN: {
        "instalments": [
            {"due_on": "2027-01-15", "amount_ore": 49500},
            {"due_on": "2027-02-15", "amount_ore": 49500},
        ]
    },
    Template.PAYMENT_PLAN_BROKEN: {
        "instalment": {"due_on": "2027-01-15", "amount_ore": 49500},
        "left_ore": 99000,
        "pay_by": "2027-02-04",
    },
    Template.PAYMENT_CHOSEN: {"by": "avtalegiro", "deducted": False, "kid": "1000123450000017"},
    Template.DIRECT_DEBIT_RETURNED: {"reason": "refused", "pay_by": "2027-01-04"},
    Template.PAYROLL_START: {"terms": TERMS},
    Template.PAYROLL_REMINDER: {"terms": TERMS},
    Template.PAYROLL_CHANGE: CHANGED,
    Template.PAYROLL_STOP: CHANGED,
    Template.DEDUCTION_LIST: {
        "about": "list",
        "list_number": "00000001-1",
        "kid": "2000000010000012",
        "due_on": "2027-01-15",
        "folder": False,
        "reasons": [{"code": "LEFT", "word": "Sluttet"}],
    },
    Template.INSURANCE_NEW_MEMBER: {"category": "ordinary", "member_since": "2026-11-22"},
    Template.INSURANCE_MERGED: {},
    Template.INSURANCE_ERASED: {},
    Template.INSURANCE_STATUS: {"status": "covered", "from_on": "2026-12-23"},
    Template.CASEWORKER_TASK: {"task": "review", "detail": None},
    Template.BRANCH_NEW_MEMBER: {"branch": "OSLO"},
    Template.BRANCH_MEMBER_CHANGED: {"branch": "OSLO", "change": "pension"},
    Template.BRANCH_MEMBER_LEFT: {"branch": "OSLO"},
    Template.BRANCH_ERASED: {"branch": "OSLO"},
    Template.RECRUITER_THANKS: {},
}
"""What a workflow puts into each letter."""

AUDIENCES: dict[Template, Audience] = {
    **dict.fromkeys(Template, Audience.MEMBER),
    Template.PAYROLL_START: Audience.EMPLOYER,
    Template.PAYROLL_REMINDER: Audience.EMPLOYER,
    Template.PAYROLL_CHANGE: Audience.EMPLOYER,
    Template.PAYROLL_STOP: Audience.EMPLOYER,
    Template.DEDUCTION_LIST: Audience.EMPLOYER,
    Template.INSURANCE_NEW_MEMBER: Audience.INSURANCE_OFFICE,
    Template.INSURANCE_MERGED: Audience.INSURANCE_OFFICE,
    Template.INSURANCE_ERASED: Audience.INSURANCE_OFFICE,
    Template.INSURANCE_STATUS: Audience.INSURANCE_OFFICE,
    Template.CASEWORKER_TASK: Audience.CASEWORKERS,
    Template.BRANCH_NEW_MEMBER: Audience.BRANCH,
    Template.BRANCH_MEMBER_CHANGED: Audience.BRANCH,
    Template.BRANCH_MEMBER_LEFT: Audience.BRANCH,
    Template.BRANCH_ERASED: Audience.BRANCH,
    Template.RECRUITER_THANKS: Audience.RECRUITER,
}


async def make_membership(pool: asyncpg.Pool, **changes: Any) -> str:
    """Write an ordinary member of a branch, on whom everybody may be written to."""
    membership_id = f"membership-{uuid.uuid4()}"
    number = await pool.fetchval("SELECT lpad(nextval('member_numbers')::text, 8, '0')")
    person = {
        "name": "Kari Nordmann",
        "email": MEMBER,
        "phone": "+4791234567",
        "address": {"line1": "Storgata 1", "line2": None, "postcode": "0155", "city": "Oslo"},
        "national_id": SYNTHETIC_ID,
        "language": "nb",
        "employer_orgnr": ORGNR,
        "recruited_by": RECRUITER,
        "tell_recruiter": True,
    }
    standing = {"stage": "onboarding", "outcome": None, "hidden": False, "branch": "OSLO"}
    person |= {name: value for name, value in changes.items() if name in person}
    standing |= {name: value for name, value in changes.items() if name in standing}
    if standing["hidden"]:
        standing["branch"] = None
    async with pool.acquire() as connection, connection.transaction():
        await connection.executemany(
            "INSERT INTO branches (code, name, email) VALUES ($1, $2, $3)"
            " ON CONFLICT (code) DO UPDATE SET email = excluded.email",
            [
                ("OSLO", "Oslo avdeling", changes.get("branch_email", BRANCH)),
                ("BERGEN", "Bergen avdeling", OTHER_BRANCH),
            ],
        )
        await connection.executemany(
            "INSERT INTO employers (orgnr, name, email) VALUES ($1, $2, $3)"
            " ON CONFLICT (orgnr) DO UPDATE SET email = excluded.email",
            [
                (ORGNR, "Eksempel AS", changes.get("employer_email", EMPLOYER)),
                (OTHER_ORGNR, "Fjord Drift AS", OTHER_EMPLOYER),
            ],
        )
        employer_orgnr, recruited_by = person.pop("employer_orgnr"), person.pop("recruited_by")
        who = await add_person(connection, membership_id, **person)
        await connection.execute(
            "INSERT INTO memberships (membership_id, stage, outcome, category, hidden, branch,"
            " member_number, member_since, received_at, received_on, last_decision, person_id,"
            " employer_orgnr, employer_name, recruited_by)"
            " VALUES ($1, $2, $3, 'ordinary', $4, $5, $6, $7, $8, $7, 1, $9, $10, 'Eksempel AS',"
            " $11)",
            membership_id,
            standing["stage"],
            standing["outcome"],
            standing["hidden"],
            standing["branch"],
            number,
            TODAY,
            NOON,
            who,
            employer_orgnr,
            recruited_by,
        )
        await connection.execute(
            "INSERT INTO decisions (membership_id, number, event, decided_at, decided_on,"
            " decided_by, rules, content_hash, receipt)"
            " VALUES ($1, 1, 'application_approved', $2, $3, 'ola', '{}', $4, '{}')",
            membership_id,
            NOON,
            TODAY,
            "0" * 64,
        )
    return membership_id


async def make_recruiter(pool: asyncpg.Pool) -> str:
    """Write the member whom others name as their recruiter."""
    return await make_membership(pool, email=RECRUITER, recruited_by=None, national_id=None)


async def make_letter(
    pool: asyncpg.Pool,
    membership_id: str,
    template: str,
    audience: str | None = None,
    figures: dict[str, Any] | None = None,
    *,
    decision: int | None = None,
    employer: str | None = None,
    forwarded: bool = False,
) -> str:
    """Write a pending letter after all others, as a decision does; return its key.

    Args:
        decision: its number; None: another letter of the latest one.
        employer: the organisation number of a former employer; None: the present one.
    """
    number = await pool.fetchval(
        "SELECT count(*) FROM letters WHERE membership_id = $1", membership_id
    )
    latest = decision or await make_decision(pool, membership_id, None)
    key = f"{latest:04d}-{number:02d}-{template}"
    await pool.execute(
        "INSERT INTO letters (membership_id, key, decision, place, template, audience, figures,"
        " status, message_id, employer_orgnr, forwarded)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 'pending', $8, $9, $10)",
        membership_id,
        key,
        latest,
        number + 1,
        template,
        audience or AUDIENCES[Template(template)],
        FIGURES.get(Template(template), {}) if figures is None else figures,
        uuid.uuid5(uuid.NAMESPACE_OID, membership_id + key).hex,
        employer,
        forwarded,
    )
    return key


async def order_batch(
    pool: asyncpg.Pool,
    members: list[str],
    template: str = Template.WELCOME,
    figures: dict[str, Any] | None = None,
    *,
    batch: str = "dues-run-2026-11",
) -> str:
    """Order a letter for many members as a run does, set by set; return its key."""
    key = f"{batch}-{template}"
    await pool.execute(
        "INSERT INTO letters (membership_id, key, template, audience, figures, status,"
        " message_id, batch, ordered_on)"
        " SELECT id, $2, $3, $4, $5, 'pending', letter_message_id(id, $2), $6, $7"
        " FROM unnest($1::text[]) AS id ON CONFLICT DO NOTHING",
        members,
        key,
        template,
        AUDIENCES[Template(template)],
        FIGURES[Template(template)] if figures is None else figures,
        batch,
        TODAY,
    )
    return key


async def make_decision(pool: asyncpg.Pool, membership_id: str, event: str | None) -> int:
    """Write the next decision; return its number. No event: return the latest one's."""
    latest: int = await pool.fetchval(
        "SELECT max(number) FROM decisions WHERE membership_id = $1", membership_id
    )
    if event is None:
        return latest
    await pool.execute(
        "INSERT INTO decisions (membership_id, number, event, decided_at, decided_on,"
        " decided_by, rules, content_hash, receipt)"
        " VALUES ($1, $2, $3, $4, $5, 'rule', '{}', $6, '{}')",
        membership_id,
        latest + 1,
        event,
        NOON,
        TODAY,
        "0" * 64,
    )
    return latest + 1


async def end_membership(pool: asyncpg.Pool, membership_id: str, outcome: str) -> None:
    """End a membership, as the decision about it does."""
    await pool.execute(
        "UPDATE memberships SET stage = 'ended', outcome = $2 WHERE membership_id = $1",
        membership_id,
        outcome,
    )


async def change_employer(pool: asyncpg.Pool, membership_id: str, orgnr: str | None) -> None:
    """Make another employer the present one."""
    await pool.execute(
        "UPDATE memberships SET employer_orgnr = $2 WHERE membership_id = $1",
        membership_id,
        orgnr,
    )


async def make_invoice(
    pool: asyncpg.Pool, membership_id: str, *, serial: int = 1, due_on: date = date(2026, 12, 7)
) -> str:
    """Write an invoice of three lines; return its KID. Another serial is another month."""
    month = date(2026, 12 - serial, 1)
    kid = f"1{uuid.uuid4().int % 10**15:015d}"
    number = f"2026-{kid[-6:]}"
    lines = {"central_dues": 49500, "local_dues": 4500, "insurance_premium": 20000}
    await pool.execute(
        """
        WITH invoice AS (
            INSERT INTO invoices (number, kid, membership_id, serial, decision, period_from,
                                  issued_on, due_on, total_ore, currency)
            VALUES ($1, $2, $3, $7, 1, $8, $4, $9, 74000, 'NOK')
        )
        INSERT INTO charges (invoice_number, membership_id, period_from, kind, amount_ore,
                             content_hash, person_id)
        SELECT $1, $3, $8, kind, ore, repeat('0', 64),
               (SELECT person_id FROM memberships WHERE membership_id = $3)
        FROM unnest($5::text[], $6::bigint[]) AS line(kind, ore)
        """,
        number,
        kid,
        membership_id,
        TODAY,
        list(lines),
        list(lines.values()),
        serial,
        month,
        due_on,
    )
    return kid


async def pay(
    pool: asyncpg.Pool,
    kid: str,
    amount_ore: int,
    *,
    placed: bool = True,
    on: date = TODAY,
    decision: int | None = None,
) -> str:
    """Write a payment of an invoice, or one that is in suspense; return its reference."""
    reference = f"bank-{uuid.uuid4().hex[:12]}"
    (invoice,) = await pool.fetch("SELECT number, membership_id FROM invoices WHERE kid = $1", kid)
    number, member = invoice
    await pool.execute(
        "INSERT INTO payments (reference, membership_id, amount_ore, paid_on, kid, decision)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        reference,
        member,
        amount_ore,
        on,
        kid,
        decision,
    )
    if placed:
        await pool.execute(
            "INSERT INTO allocations (reference, serial, invoice_number, amount_ore,"
            " allocated_on, allocated_by) VALUES ($1, 1, $2, $3, $4, 'kid')",
            reference,
            number,
            amount_ore,
            on,
        )
    else:
        await pool.execute("INSERT INTO payments_in_suspense VALUES ($1, $2)", reference, member)
    return reference


async def deliver(
    pool: asyncpg.Pool,
    settings: NotificationSettings,
    membership_id: str,
    today: date = TODAY,
    order: str = "1",
) -> DeliveryReport:
    """Run the activity; ``order`` is the same for all attempts at one order."""
    environment = ActivityEnvironment()
    environment.info = environment.info.__class__(
        **{**environment.info.__dict__, "activity_id": order, "workflow_run_id": membership_id}
    )
    activity = Notifications(pool, settings).deliver_letters
    return await environment.run(activity, Delivery(membership_id=membership_id, today=today))


async def letter_row(pool: asyncpg.Pool, membership_id: str, key: str) -> asyncpg.Record:
    """Read a letter as it stands."""
    row = await pool.fetchrow(
        "SELECT * FROM letters WHERE membership_id = $1 AND key = $2", membership_id, key
    )
    assert row is not None
    return row


async def tasks_of(pool: asyncpg.Pool, membership_id: str) -> list[str]:
    """Return what kinds of open tasks there are about a member."""
    rows = await pool.fetch(
        "SELECT kind FROM tasks WHERE membership_id = $1 AND closed_on IS NULL ORDER BY task_id",
        membership_id,
    )
    return [row["kind"] for row in rows]
