"""What a merge tells the member and the insurance office, and what its undoing does (N9)."""

import asyncpg
import pytest

from activities.letters.settings import NotificationSettings
from activities.persons.merging import MergeOrder, merge, unmerge
from schemas.shared.vocabulary import Language, Template
from tests.letters.mailserver import MailServer
from tests.letters.making import (
    INSURANCE,
    MEMBER,
    TODAY,
    deliver,
    end_membership,
    make_invoice,
    make_letter,
    make_membership,
)
from tests.letters.test_templates import written

SAYS = {"caseworker": "ola", "reason": "Samme person"}
LETTERS = (Template.MEMBERSHIPS_MERGED, Template.INSURANCE_MERGED)


async def merged(pool: asyncpg.Pool) -> tuple[str, str, str]:
    """Two memberships of Kari, of which the second ended today; and the number that stands."""
    stays = await make_membership(pool)
    ends = await make_membership(
        pool, name="Kari N. Nordmann", email="k@example.org", national_id=None
    )
    order = MergeOrder(stays, ends, stays, TODAY)
    async with pool.acquire() as connection, connection.transaction():
        plan = await merge(connection, order, **SAYS)
    await make_invoice(pool, ends)
    await pool.execute(
        "INSERT INTO double_charges SELECT $1, membership_id, period_from, kind,"
        " CASE kind WHEN 'local_dues' THEN 2000 ELSE 0 END FROM charges"
        " WHERE membership_id = $2 AND kind <> 'insurance_premium'",
        plan.merge_id,
        ends,
    )
    await end_membership(pool, ends, "duplicate")
    number = await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", stays
    )
    return stays, ends, number


async def test_the_member_and_the_insurance_office_are_told(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """The number that stands, and what was charged on both: 495.00 + (45.00 - 20.00) = 520.00."""
    _, ends, number = await merged(pool)
    for template in LETTERS:
        await make_letter(pool, ends, template)
    report = await deliver(pool, settings, ends)
    assert len(report.sent) == len(LETTERS)
    (told,), (office,) = mails.to(MEMBER), mails.to(INSURANCE)
    said = " ".join(told.text().split())
    assert f"medlemsnummeret ditt er {number}." in said
    assert "Sentral kontingent, november 2026: 495,00 kr" in said
    assert "Lokal kontingent, november 2026: 25,00 kr" in said
    assert "Til sammen: 520,00 kr." in said
    # Invoiced and unpaid: 495.00 + 45.00 + 200.00 = 740.00
    assert "740,00 kr ubetalt" in said
    assert f"Medlemsnummer som går videre: {number}" in " ".join(office.text().split())


async def test_of_a_merge_that_was_undone_nobody_is_told(
    pool: asyncpg.Pool, settings: NotificationSettings, mails: MailServer
) -> None:
    """A letter that had to wait until the merge was undone never goes out."""
    _, ends, _ = await merged(pool)
    for template in LETTERS:
        await make_letter(pool, ends, template)
    async with pool.acquire() as connection, connection.transaction():
        await unmerge(connection, ends, today=TODAY, **SAYS)
    report = await deliver(pool, settings, ends)
    assert (report.sent, len(report.suppressed)) == ((), len(LETTERS))
    assert mails.mails == []


@pytest.mark.parametrize(
    ("language", "says"),
    [
        (
            Language.NB,
            (
                "medlemsnummeret ditt er 00000017",
                "Medlemsnummer 00012345 er avsluttet",
                "Til sammen: 990,00 kr",
                "KID-numrene på fakturaer du alt har fått, er fortsatt gyldige",
                "Vi ber arbeidsgiveren din om å stoppe trekket",
                "Er dette ikke deg, eller er noe galt? Si fra til oss med en gang",
            ),
        ),
        (
            Language.NN,
            (
                "medlemsnummeret ditt er 00000017",
                "Medlemsnummer 00012345 er avslutta",
                "Til saman: 990,00 kr",
                "KID-nummera på fakturaar du alt har fått, er framleis gyldige",
                "Vi ber arbeidsgivaren din om å stoppe trekket",
                "Er dette ikkje deg, eller er noko gale? Sei frå til oss med ein gong",
            ),
        ),
        (
            Language.EN,
            (
                "your member number is 00000017",
                "Member number 00012345 has been closed",
                "Altogether: NOK 990.00",
                "The KIDs (payment references) of invoices you already have are still valid",
                "We ask your employer to stop the deduction",
                "Is this not you, or is anything wrong? Please tell us at once",
            ),
        ),
    ],
)
def test_what_the_member_is_told_of_a_merge(language: Language, says: tuple[str, ...]) -> None:
    """Which number stands, what comes back (2 x 495.00), and that old KIDs stay good."""
    said = written(Template.MEMBERSHIPS_MERGED, language)
    for words in says:
        assert words in said


def test_the_employer_of_a_hidden_member_is_not_named_as_told() -> None:
    """S30: the caseworkers see to the STOP, and the letter does not promise to write to anybody."""
    figures = {"stops": True, "quiet": True}
    said = written(Template.MEMBERSHIPS_MERGED, figures=figures)
    assert "uten å si hvorfor" in said
    assert "arbeidsgiveren" not in said


def test_an_undone_merge_is_told_as_a_mistake_of_ours() -> None:
    """N9: which number is whose again, and that what was given back is charged once more."""
    figures = {"outcome": "duplicate", "last_on": "2026-12-31", "valid_from": "2027-01-01"}
    said = written(Template.MEMBERSHIP_REOPENED, figures={**figures, "terms": []})
    assert "Det skulle vi ikke ha gjort, og det beklager vi." in said
    assert "Medlemsnummeret ditt er 00012345, som før, og det vi krediterte da" in said


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.NB, "avsluttet, med 31. desember 2026 som siste dag."),
        (Language.NN, "avslutta, med 31. desember 2026 som siste dag."),
        (Language.EN, "ended, with 31 December 2026 as its last day."),
    ],
)
def test_an_undone_death_names_the_last_day_as_one(language: Language, words: str) -> None:
    """L9: the day in the record is the last day of the membership, not the first without."""
    assert words in written(Template.MEMBERSHIP_REOPENED, language=language)
