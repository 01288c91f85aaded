"""Lives in which several rules meet: what is charged for each month, worked out by hand.

Kroner: full 495.00, half 247.50 (S5), a quarter 123.75 (S21), a fee of 600.00 or 300.00 for the
year (S18, S12), the premium 200.00 (S7), Oslo 50.00 (S3).
"""

from datetime import date
from decimal import Decimal

import pytest

from schemas.membership.messages.changes import GrantLeave
from schemas.membership.messages.insurance import EnrollInsurance
from schemas.shared.base import Inbound
from schemas.shared.vocabulary import Category, LineKind, PensionKind, WaiverKind
from tests.builders import (
    PEOPLE,
    answered,
    application,
    decide,
    employment,
    member,
    moment,
    received,
    reserve,
    stand,
    welcomed,
)
from tests.membership.decisions.lives import (
    OTHER_ORGNR,
    becomes,
    charges,
    dies,
    hidden_since,
    insured,
    leave,
    moves,
    pension,
    resigns,
    sends,
    uninsured,
    until,
    works,
)
from workflows.membership.decisions.step import Refused
from workflows.membership.record import MembershipRecord

Told = list[tuple[str, Inbound]]
"""On which day of 2027 what is told."""


def on(day: str) -> date:
    """Return a day of 2027, as ``month-day``."""
    return date.fromisoformat(f"2027-{day}")


def lived(record: MembershipRecord, told: Told, last: date) -> MembershipRecord:
    """Return a record once all has been told, each on its day, and a last day has come."""
    for day, message in told:
        record = until(record, on(day))
        record = until(stand(sends(record, message, on(day)), moment(on(day))), on(day))
    return until(record, last)


def two_jobs() -> MembershipRecord:
    """Return a member who works 60 % and 20 %, old enough for AFP."""
    other = employment("20", OTHER_ORGNR)
    return uninsured(
        application(
            birth_date=date(1963, 3, 2), employment=employment("60"), other_employments=(other,)
        )
    )


def old_student() -> MembershipRecord:
    """Return a student of 68, by a caseworker's decision (A25)."""
    record = received(application(Category.STUDENT, birth_date=date(1958, 5, 5)))
    return welcomed(answered(record, decide(category=Category.STUDENT)))


def unemployed(first: str, last: str) -> GrantLeave:
    """Return caseworker ola's waiver: a quarter, by the policy (A36)."""
    return GrantLeave(
        from_on=on(first),
        until_on=on(last),
        kind=WaiverKind.UNEMPLOYED,
        caseworker="ola",
        documentation="Vedtak",
    )


EARLY = application(birth_date=date(1960, 3, 12))
AFP, OLD_AGE, DISABILITY = PensionKind.AFP, PensionKind.OLD_AGE, PensionKind.DISABILITY
ORDINARY_AFTER_ALL = becomes(Category.ORDINARY, on("01-10"))

LIVES: dict[str, tuple[MembershipRecord, Told, dict[str, str]]] = {
    # A5, A16: 80 % beside AFP is full; the job of 60 % over: 20 %, half; no job: a quarter.
    "AFP beside two jobs, which end one after the other": (
        two_jobs(),
        [
            ("02-01", pension(on("02-01"), AFP, "80")),
            ("03-01", works(on("03-01"), "0", employment="1")),
            ("04-01", works(on("04-01"), "0", employment="2")),
        ],
        {"02": "495", "03": "247.50", "04": "123.75"},
    ),
    # S5: at most 50 %; A6: told on 20 April of 50 % since 10 January, from February on.
    "50 per cent, told late, and 50.01 after it": (
        uninsured(),
        [("04-20", works(on("01-10"), "50")), ("05-01", works(on("05-01"), "50.01"))],
        {"01": "495", "02": "247.50", "04": "247.50", "05": "495"},
    ),
    # A36, A31: told in March from January on, 495 x 25 %; 80 % since 15 April, told in May.
    "without work, waived late, and at work again, told late": (
        uninsured(),
        [
            ("03-10", works(on("01-01"), "0")),
            ("03-11", unemployed("01-01", "06-30")),
            ("05-20", moves(on("04-15"), "80")),
        ],
        {"01": "123.75", "04": "123.75", "05": "495"},
    ),
    # L4: the leave begins where the window is open (A21): dues rest, the premium goes on.
    "a leave that is told once its months are charged, over the window": (
        insured(branch="OSLO"),
        [("02-10", leave(date(2026, 12, 1), on("03-31")))],
        {"01": "0 + 200", "03": "0 + 200", "04": "495 + 200 + 50"},
    ),
    # A12, A29: 67 on 12 March, and resigned that day: through April, on leave, no fee ever.
    "resigns on the day of turning 67, on leave, an early pensioner": (
        insured(EARLY),
        [
            ("02-01", pension(on("02-01"), AFP)),
            ("02-10", leave(on("02-10"), on("06-30"))),
            ("03-12", resigns(on("03-12"))),
        ],
        {"02": "123.75 + 200", "03": "0 + 200", "04": "0 + 200", "05": ""},
    ),
    # A12, A13, L4: the fee waits for the end of the leave; six of twelve months of it are left.
    "turns 67 on leave, an early pensioner": (
        insured(EARLY),
        [("02-01", pension(on("02-01"), AFP)), ("02-10", leave(on("02-10"), on("06-30")))],
        {"02": "123.75 + 200", "06": "0 + 200", "07": "600 + 200"},
    ),
    # A32: born on 29 February 1960, 67 on 1 March 2027, a first: the fee from March.
    "an early pensioner born on 29 February": (
        uninsured(application(birth_date=date(1960, 2, 29))),
        [("02-01", pension(on("02-01"), AFP))],
        {"02": "123.75", "03": "600"},
    ),
    # S17, S22, A15: the offer is taken at 68; 40 % past 67 is full dues. A17: no package.
    "a student of 68 takes the offer, and works 40 per cent": (
        old_student(),
        [
            ("02-01", becomes(Category.ORDINARY, on("02-01"))),
            ("04-01", works(on("04-01"), "40", employer_orgnr=OTHER_ORGNR)),
        ],
        {"01": "300", "02": "495", "04": "495"},
    ),
    # A6, A31: told on 31 May it reaches February; a day later March, whichever way it goes.
    "30 per cent since January, told on 31 May, in Bergen that halves": (
        insured(branch="BERGEN"),
        [("05-31", works(on("01-01"), "30"))],
        {"01": "495 + 200 + 45", "02": "247.50 + 200 + 22.50"},
    ),
    "full again since January, told on 10 June": (
        uninsured(application(employment=employment("40"))),
        [("06-10", works(on("01-01"), "100"))],
        {"02": "247.50", "03": "495"},
    ),
    # A5: 40 + 20 is 60, and full; L4: a leave in between is nobody's percentage.
    "a second job, and a leave that is shortened afterwards": (
        uninsured(application(employment=employment("40"))),
        [
            ("02-10", works(on("02-10"), "20", employment="b", employer_orgnr=OTHER_ORGNR)),
            ("03-01", leave(on("03-01"), on("08-31"))),
            ("04-10", leave(on("03-01"), on("04-15"))),
        ],
        {"02": "247.50", "03": "0", "04": "0", "05": "495"},
    ),
    # A36: 50 % is not more than half, so the quarter goes on; S5 after it.
    "without work, then at work 50 per cent while the dues are reduced": (
        uninsured(),
        [
            ("02-01", works(on("02-01"), "0")),
            ("02-02", unemployed("02-01", "08-31")),
            ("05-01", moves(on("05-01"), "50")),
        ],
        {"02": "123.75", "05": "123.75", "09": "247.50"},
    ),
    # A5: a waiver that is over, and still no work: full dues until somebody decides.
    "without work, and the waiver is over": (
        uninsured(),
        [("02-01", works(on("02-01"), "0")), ("02-02", unemployed("02-01", "03-31"))],
        {"03": "123.75", "04": "495"},
    ),
    # A15, A17: half at 66, full from the month after 67 on 20 June; premium until December.
    "40 per cent, and 67 in June": (
        insured(application(birth_date=date(1960, 6, 20), employment=employment("40"))),
        [],
        {"06": "247.50 + 200", "07": "495 + 200", "12": "495 + 200"},
    ),
    # A16, A12: half beside AFP; work is over on the birthday: the fee from July.
    "AFP beside 20 per cent, which ends on the day of turning 67": (
        insured(application(birth_date=date(1960, 6, 20))),
        [
            ("02-01", pension(on("02-01"), AFP, "20")),
            ("06-20", works(on("06-20"), "0")),
        ],
        {"02": "247.50 + 200", "06": "247.50 + 200", "07": "600 + 200"},
    ),
    # S20, A11, A31: 123.75 for January and February, and work since March told in June.
    "an early pensioner in Oslo, back to work, told in June": (
        insured(EARLY, branch="OSLO"),
        [("01-01", pension(on("01-01"), DISABILITY)), ("06-15", moves(on("03-01"), "100"))],
        {"01": "123.75 + 200", "02": "123.75 + 200", "03": "495 + 200 + 50"},
    ),
    # A21: received on 5 March, from April on; told on 10 August it reaches May (A31).
    "a form that came late, and is told of late": (
        insured(),
        [("08-10", reserve(on("03-05")))],
        {"04": "495 + 200", "05": "495"},
    ),
    # A29, A31: over with February; told on 10 July it reaches April, so March stands.
    "a resignation that nobody entered": (
        insured(),
        [("07-10", resigns(on("01-02")))],
        {"03": "495 + 200", "04": ""},
    ),
    # L7, A31: a death on leave, told in May, reaches as far as it must.
    "dies on leave": (
        insured(),
        [("01-10", leave(on("02-01"), on("06-30"))), ("05-10", dies(on("02-28")))],
        {"01": "495 + 200", "02": "0 + 200", "03": ""},
    ),
    # A39, L1: a study that was none is taken back: no gap in the cover.
    "a student by mistake for a month": (
        insured(),
        [("03-10", becomes(Category.STUDENT, on("01-10"))), ("04-10", ORDINARY_AFTER_ALL)],
        {"01": "495 + 200", "02": "495 + 200", "04": "495 + 200"},
    ),
    # L1: of two words of one day on one thing the later counts.
    "a student and an apprentice from the same day": (
        uninsured(),
        [
            ("03-10", becomes(Category.STUDENT, on("03-10"))),
            ("03-11", becomes(Category.APPRENTICE, on("03-10"))),
        ],
        {"03": "495", "04": "0"},
    ),
    # S33, S20, A16: hidden takes no branch dues; a pension and work pass it by.
    "hidden, then on a pension, then at work again": (
        hidden_since(on("02-01"), branch="OSLO"),
        [
            ("03-01", pension(on("03-01"), DISABILITY)),
            ("05-01", moves(on("05-01"), "50")),
        ],
        {"01": "495 + 200 + 50", "02": "495 + 200", "03": "123.75 + 200", "05": "247.50 + 200"},
    ),
    # A8, A31: at work since 15 January, told in June: March is the first month that is reached.
    "an apprentice whose work is told of late": (
        member(PEOPLE["apprentice"]),
        [("06-10", becomes(Category.ORDINARY, on("01-15")))],
        {"01": "0", "02": "0", "03": "495"},
    ),
    # S22: a pensioner at work pays by the month, and by the year after it.
    "a pensioner at work from May to September": (
        member(PEOPLE["pensioner"]),
        [("05-01", moves(on("05-01"), "100")), ("10-01", pension(on("10-01"), OLD_AGE))],
        {"04": "600", "05": "495", "09": "495", "10": "600"},
    ),
}
"""A record, what is told of it, and what is charged by month: central, premium, local."""


@pytest.mark.parametrize("life", LIVES)
def test_what_is_charged(life):
    """For each month named: central dues, then the premium and local dues where there are any."""
    record, told, expected = LIVES[life]
    record = lived(record, told, on("12-01"))
    kinds = (LineKind.CENTRAL_DUES, LineKind.INSURANCE_PREMIUM, LineKind.LOCAL_DUES)
    for month, amounts in expected.items():
        found = charges(record, on(f"{month}-01"))
        ore = [int(Decimal(amount) * 100) for amount in amounts.split(" + ") if amount]
        assert [found[kind] for kind in kinds if kind in found] == ore, month


def test_an_apprentice_of_16_is_insured_by_opting_in_and_a_guardian():
    """A7, A38: not by silence, nor by the office alone; then 0 + 200, and 495 + 200 at work."""
    record = member(application(Category.APPRENTICE, birth_date=date(2010, 5, 1)))
    assert charges(until(record, on("06-01")), on("06-01")) == {LineKind.CENTRAL_DUES: 0}
    alone = EnrollInsurance(from_on=on("01-01"))
    with pytest.raises(Refused, match="A38"):
        sends(record, alone, date(2026, 12, 1))
    consent = {"name": "Mor Nordmann", "on": date(2026, 12, 1), "how": "brev"}
    together = EnrollInsurance.model_validate({"from_on": on("01-01"), "guardian_consent": consent})
    record = answered(record, together, date(2026, 12, 2))
    both = {LineKind.CENTRAL_DUES: 0, LineKind.INSURANCE_PREMIUM: 20000}
    assert charges(record, on("01-01")) == both
    record = answered(record, becomes(Category.ORDINARY, on("09-01")), on("09-01"))
    assert charges(record, on("09-01")) == both | {LineKind.CENTRAL_DUES: 49500}
