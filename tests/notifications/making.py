"""Memberships and letters for tests, written straight into the tables."""

import uuid
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
from temporalio.testing import ActivityEnvironment

from activities.notifications.activities import Notifications
from activities.notifications.settings import NotificationSettings
from schemas.decision import Delivery, DeliveryReport
from schemas.vocabulary import Audience, Template

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 11, 0, 0, 123456, tzinfo=UTC)
SYNTHETIC_ID = "12848699810"
EMPLOYER, BRANCH = "lonn@employer.example", "tillit@branch.example"
RECRUITER, MEMBER = "verver@recruiter.example", "kari@example.org"
CASEWORKERS, INSURANCE = "sak@union.example", "forsikring@insurance.example"
OUTSIDERS = frozenset({EMPLOYER, BRANCH, RECRUITER})

TERMS: list[dict[str, str | int]] = [
    {
        "kind": "central_dues",
        "amount_ore": 49500,
        "cadence": "monthly",
        "valid_from": "2026-11-01",
    },
    {"kind": "local_dues", "amount_ore": 4500, "cadence": "monthly", "valid_from": "2026-11-01"},
]
WELCOME: dict[str, Any] = {
    "category": "ordinary",
    "member_since": "2026-11-22",
    "terms": TERMS,
    "benefits": [{"name": "insurance_package"}, {"name": "legal_help"}],
    "insurance": "window_open",
    "reservation_window_days": 30,
    "hidden": False,
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
    Template.RESERVATION_CONFIRMED: {"effective_on": "2026-11-22"},
    Template.COVER_BEGINS: {
        "covered_from": "2026-12-23",
        "premium_ore": 20000,
        "premium_from": "2027-01-01",
    },
    Template.DEDUCTION_BEGINS: {"first_period": "2027-01"},
    Template.DEDUCTION_NOT_POSSIBLE: {"answer": "refused", "reason": "Vi har ikke avtale."},
    Template.PAYROLL_START: {"terms": TERMS},
    Template.PAYROLL_REMINDER: {"terms": TERMS},
    Template.PAYROLL_CHANGE: {"valid_from": "2027-02-01", "terms": TERMS},
    Template.INSURANCE_NEW_MEMBER: {"category": "ordinary", "member_since": "2026-11-22"},
    Template.INSURANCE_STATUS: {"status": "covered", "from_on": "2026-12-23"},
    Template.CASEWORKER_TASK: {"task": "review", "detail": None},
    Template.BRANCH_NEW_MEMBER: {"branch": "OSLO"},
    Template.RECRUITER_THANKS: {},
}
"""What a workflow puts into each letter."""

AUDIENCES: dict[Template, Audience] = {
    **dict.fromkeys(Template, Audience.MEMBER),
    Template.PAYROLL_START: Audience.EMPLOYER,
    Template.PAYROLL_REMINDER: Audience.EMPLOYER,
    Template.PAYROLL_CHANGE: Audience.EMPLOYER,
    Template.INSURANCE_NEW_MEMBER: Audience.INSURANCE_OFFICE,
    Template.INSURANCE_STATUS: Audience.INSURANCE_OFFICE,
    Template.CASEWORKER_TASK: Audience.CASEWORKERS,
    Template.BRANCH_NEW_MEMBER: Audience.BRANCH,
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
        "national_id": SYNTHETIC_ID,
        "language": "nb",
        "employer_orgnr": "974760673",
        "recruited_by": RECRUITER,
        "tell_recruiter": True,
    }
    standing = {"stage": "onboarding", "outcome": None, "hidden": False, "branch": "OSLO"}
    person |= {name: value for name, value in changes.items() if name in person}
    standing |= {name: value for name, value in changes.items() if name in standing}
    if standing["hidden"]:
        standing["branch"] = None
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO branches (code, name, email) VALUES ('OSLO', 'Oslo avdeling', $1)"
            " ON CONFLICT (code) DO UPDATE SET email = excluded.email",
            changes.get("branch_email", BRANCH),
        )
        await connection.execute(
            "INSERT INTO employers (orgnr, name, email) VALUES ('974760673', 'Eksempel AS', $1)"
            " ON CONFLICT (orgnr) DO UPDATE SET email = excluded.email",
            changes.get("employer_email", EMPLOYER),
        )
        await connection.execute(
            "INSERT INTO memberships (membership_id, stage, outcome, category, hidden, branch,"
            " member_number, member_since, received_at, received_on, last_decision)"
            " VALUES ($1, $2, $3, 'ordinary', $4, $5, $6, $7, $8, $7, 1)",
            membership_id,
            standing["stage"],
            standing["outcome"],
            standing["hidden"],
            standing["branch"],
            number,
            TODAY,
            NOON,
        )
        await connection.execute(
            "INSERT INTO people (membership_id, name, name_key, birth_date, national_id, email,"
            " email_key, phone, address, language, employer_orgnr, employer_name, recruited_by,"
            " tell_recruiter, newsletter, application)"
            " VALUES ($1, $2, $2, '1986-04-12', $3, $4, lower($4), $5, $6, $7, $8, 'Eksempel AS',"
            " $9, $10, false, '{}')",
            membership_id,
            person["name"],
            person["national_id"],
            person["email"],
            person["phone"],
            {"line1": "Storgata 1", "line2": None, "postcode": "0155", "city": "Oslo"},
            person["language"],
            person["employer_orgnr"],
            person["recruited_by"],
            person["tell_recruiter"],
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
) -> str:
    """Write a pending letter, as a decision does; return its key."""
    number = await pool.fetchval(
        "SELECT count(*) FROM letters WHERE membership_id = $1", membership_id
    )
    key = f"0001-{number:02d}-{template}"
    await pool.execute(
        "INSERT INTO letters (membership_id, key, decision, template, audience, figures, status,"
        " message_id) VALUES ($1, $2, 1, $3, $4, $5, 'pending', $6)",
        membership_id,
        key,
        template,
        audience or AUDIENCES[Template(template)],
        FIGURES.get(Template(template), {}) if figures is None else figures,
        uuid.uuid5(uuid.NAMESPACE_OID, membership_id + key).hex,
    )
    return key


async def make_invoice(pool: asyncpg.Pool, membership_id: str) -> str:
    """Write an invoice of three lines; return its KID."""
    kid = f"1{uuid.uuid4().int % 10**15:015d}"
    number = f"2026-{kid[-6:]}"
    lines = {"central_dues": 49500, "local_dues": 4500, "insurance_premium": 20000}
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "INSERT INTO invoices (number, kid, membership_id, serial, decision, period_from,"
            " issued_on, due_on, total_ore, currency)"
            " VALUES ($1, $2, $3, 1, 1, '2026-11-01', $4, '2026-12-07', 74000, 'NOK')",
            number,
            kid,
            membership_id,
            TODAY,
        )
        await connection.executemany(
            "INSERT INTO invoice_lines (invoice_number, membership_id, period_from, kind,"
            " amount_ore, content_hash) VALUES ($1, $2, '2026-11-01', $3, $4, $5)",
            [(number, membership_id, kind, ore, "0" * 64) for kind, ore in lines.items()],
        )
    return kid


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
