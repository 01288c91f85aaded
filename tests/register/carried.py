"""Members who are carried over in tests, with a clock that stands still."""

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import asyncpg

from activities.register.carrying import Refusal, carry_over
from activities.register.newcomers import Newcomer
from activities.shared.rulebook import RulebookReader
from schemas.names import membership_id
from schemas.payments.kid import with_mod10
from schemas.register.member import RegisterEmployment, RegisterInvoice, RegisterMember
from schemas.shared.vocabulary import Category, InsuranceStatus, Payer, PensionKind, WaiverKind
from tests.builders import EMPLOYER_ORGNR, national_id
from tests.dues.lives import B
from workers.cli.register.carrier import Plans

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)
MONTH = date(2026, 12, 1)
"""The first month that is charged here."""


def job(percent: str = "100", orgnr: str = EMPLOYER_ORGNR) -> RegisterEmployment:
    """Return an employment."""
    return RegisterEmployment(
        member="1", employer_orgnr=orgnr, position_percent=Decimal(percent), position="Formann"
    )


def bill(number: str, month: date = date(2026, 10, 1), **fields: Any) -> RegisterInvoice:
    """Return an open invoice of the other system, with a KID as that system makes them."""
    told: dict[str, Any] = {"central_ore": 49500, **fields}
    return RegisterInvoice(
        member="1",
        invoice=f"F-{number}",
        kid=with_mod10(f"88{number:0>8}"),
        period=month,
        issued_on=month,
        due_on=month.replace(day=15),
        **told,
    )


def somebody(number: str, **fields: Any) -> RegisterMember:
    """Return a member in her prime, deducted and insured, with fields replaced."""
    born = fields.get("birth_date", date(1986, 4, 12))
    whole: dict[str, Any] = {
        "number": number,
        "name": f"Kari {number}",
        "birth_date": born,
        "national_id": national_id(born, int(number) % 110 * 4),
        "email": f"kari-{number}@example.org",
        "category": Category.ORDINARY,
        "joined_on": date(2010, 5, 3),
        "insurance": InsuranceStatus.COVERED,
        "insurance_from": date(2010, 6, 1),
        "payer": Payer.PAYROLL,
        "employments": (job(),),
    }
    return RegisterMember(**whole | fields)


NOT_INSURED = {"insurance": InsuranceStatus.NOT_APPLICABLE, "insurance_from": None}
DIRECT = {"payer": Payer.DIRECT}
UNEMPLOYED = {"employments": ()}

REGISTER: dict[str, RegisterMember] = {
    "payroll": somebody("101", branch="OSLO"),
    "half": somebody("102", employments=(job("50"),), **DIRECT, branch="BERGEN"),
    "two jobs": somebody("103", employments=(job("30"), job("20", B))),
    "hidden": somebody("104", hidden=True, branch="OSLO", **DIRECT),
    "student": somebody(
        "105",
        birth_date=date(2003, 2, 1),
        category=Category.STUDENT,
        ends_on=date(2028, 6, 20),
        fee_through=date(2026, 12, 1),
        **NOT_INSURED | DIRECT | UNEMPLOYED,
    ),
    "apprentice": somebody(
        "106",
        birth_date=date(2006, 2, 1),
        category=Category.APPRENTICE,
        ends_on=date(2028, 6, 20),
        **NOT_INSURED | DIRECT,
    ),
    "early": somebody(
        "107",
        birth_date=date(1962, 7, 7),
        category=Category.EARLY_PENSIONER,
        pension=PensionKind.AFP,
        **DIRECT | UNEMPLOYED,
    ),
    "pensioner": somebody(
        "108",
        birth_date=date(1950, 7, 7),
        category=Category.PENSIONER,
        fee_through=date(2026, 12, 1),
        **NOT_INSURED | DIRECT | UNEMPLOYED,
    ),
    "on leave": somebody(
        "109",
        leave=WaiverKind.LEAVE,
        leave_from=date(2026, 9, 1),
        leave_until=date(2027, 5, 31),
        **DIRECT,
    ),
    "window": somebody(
        "110",
        insurance=InsuranceStatus.WINDOW_OPEN,
        insurance_from=None,
        reservation_deadline=date(2026, 12, 10),
        joined_on=date(2026, 11, 1),
    ),
    "reserved": somebody("111", insurance=InsuranceStatus.RESERVED, insurance_from=None),
    "leaves": somebody("112", leaves_on=date(2027, 1, 31)),
    "debtor": somebody(
        "113",
        invoices=(
            bill("1", date(2026, 9, 1), first_reminder_on=date(2026, 9, 29),
                 second_reminder_on=date(2026, 10, 13), warned_on=date(2026, 11, 1)),
            bill("2", date(2026, 10, 1), premium_ore=20000, correction_ore=-5000, paid_ore=10000),
        ),
        balance_ore=49500 + 54500 + 1500,
        **DIRECT,
    ),
    "creditor": somebody("114", balance_ore=-30000, **DIRECT),
    "asked": somebody("115", birth_date=date(1960, 1, 12)),
    "no number": somebody("116").model_copy(update={"number": "K-116"}),
}  # fmt: skip
"""One of each kind, by what is special of them."""


async def carry(
    pool: asyncpg.Pool, members: Sequence[RegisterMember], at: datetime = AT, month: date = MONTH
) -> tuple[list[Newcomer], list[Refusal], Plans]:
    """Write the rows of members as the import does."""
    rulebooks = RulebookReader(allow_synthetic_ids=True)
    async with pool.acquire() as connection:
        book = await rulebooks.current(connection)
        plans = Plans(book, month, at, lambda: membership_id(uuid.uuid4()))
        written, refused = await carry_over(connection, rulebooks, members, plans.plan)
    return written, refused, plans
