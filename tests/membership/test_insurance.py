"""The insurance package: who may have it, until when, what a reservation does."""

from datetime import date

import pytest

from schemas.dues.rates import Paid, Rate
from schemas.dues.terms import Span
from schemas.membership.insurance import (
    coverage_ends,
    coverages_end,
    covered_on,
    cut,
    first_premium_month,
    initial_status,
    is_eligible,
    may_be_covered,
    package_ends,
    premium_span,
    reservation_deadline,
    reserved_from,
)
from schemas.pricing.rulebook import Coverage
from schemas.shared.vocabulary import Category, InsuranceStatus
from tests.builders import (
    ALWAYS,
    BOOK,
    BORN,
    CRITICAL_ILLNESS,
    DISABILITY,
    LIFE,
    PREMIUM,
    TODAY,
    rulebook,
)

ORDINARY, STUDENT, APPRENTICE = Category.ORDINARY, Category.STUDENT, Category.APPRENTICE
EARLY, PENSIONER = Category.EARLY_PENSIONER, Category.PENSIONER

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)


@pytest.mark.parametrize(
    ("coverage", "born", "ends"),
    [
        # Life ends with the year of 67: born in 1959, so on the first day of 2027.
        pytest.param(LIFE, date(1959, 1, 1), JANUARY, id="life-born-1-January"),
        pytest.param(LIFE, date(1959, 12, 31), JANUARY, id="life-born-31-December"),
        pytest.param(DISABILITY, date(1966, 11, 22), TODAY, id="disability-60th-birthday"),
        pytest.param(DISABILITY, date(2000, 2, 29), date(2060, 2, 29), id="leap-year"),
        # 2067 is no leap year: 1 March (A32).
        pytest.param(CRITICAL_ILLNESS, date(2000, 2, 29), date(2067, 3, 1), id="A32"),
        # Born 29 February 1960, 67 on 1 March 2027, so the year of 67 is 2027.
        pytest.param(LIFE, date(1960, 2, 29), date(2028, 1, 1), id="life-born-29-February"),
    ],
)
def test_each_coverage_ends_at_its_own_age(coverage, born, ends):
    """Life holds to the end of the year of 67, disability to the 60th birthday (A17)."""
    assert coverage_ends(coverage, born, BOOK) == ends


YOUNGER = LIFE.model_copy(
    update={"valid_from": date(2030, 7, 1), "ends_at_age": 65, "ends": "birthday"}
)
OLDER = LIFE.model_copy(update={"valid_from": date(2030, 7, 1), "ends_at_age": 70})


@pytest.mark.parametrize(
    ("later", "born", "ends"),
    [
        # 67 in 2029: it had ended with that year, by the old row.
        pytest.param(YOUNGER, date(1962, 5, 5), date(2030, 1, 1), id="ended-before"),
        pytest.param(OLDER, date(1962, 5, 5), date(2030, 1, 1), id="does-not-come-back"),
        # 65 on 5 May 2030: past it when the row begins, so with that day.
        pytest.param(YOUNGER, date(1965, 5, 5), date(2030, 7, 1), id="older-than-that-by-then"),
        pytest.param(YOUNGER, date(1965, 8, 5), date(2030, 8, 5), id="65-after-that"),
        pytest.param(OLDER, date(1965, 5, 5), date(2036, 1, 1), id="70-in-2035"),
        # 67 in 2030: the old row still holds to the end of that year when the new one begins.
        pytest.param(OLDER, date(1963, 5, 5), date(2034, 1, 1), id="70-in-2033"),
    ],
)
def test_another_age_holds_from_its_day(later, born, ends):
    """Whoever still has a coverage has it until the new age; what has ended stays ended (A17)."""
    book = rulebook(coverages=[LIFE, DISABILITY, later])
    assert coverages_end(born, book)["life"] == ends
    assert package_ends(born, book) == ends


def test_the_package_ends_with_its_last_coverage():
    """Life is the last one: the premium is due until then (A17)."""
    assert package_ends(date(1959, 5, 5), BOOK) == JANUARY
    assert package_ends(date(1959, 5, 5), rulebook(coverages=[DISABILITY])) == date(2019, 5, 5)


@pytest.mark.parametrize(
    ("category", "policy", "eligible"),
    [
        pytest.param(ORDINARY, "opt_in", True, id="S6"),
        pytest.param(STUDENT, "opt_in", False, id="S8"),
        pytest.param(APPRENTICE, "opt_in", True, id="A7-opt-in"),
        pytest.param(APPRENTICE, "opt_out", True, id="A7-opt-out"),
        pytest.param(APPRENTICE, "excluded", False, id="A7-excluded"),
        pytest.param(EARLY, "opt_in", True, id="S20"),
        pytest.param(PENSIONER, "opt_in", False, id="S19"),
    ],
)
def test_who_may_have_the_package(category, policy, eligible):
    """Never students or pensioners; apprentices by policy (S6, S8, S19, S20, A7)."""
    book = rulebook(apprentice_insurance=policy)
    assert is_eligible(category, BORN, book, TODAY) is eligible


@pytest.mark.parametrize(
    ("born", "eligible"),
    [
        pytest.param(date(1959, 1, 1), True, id="67-this-year"),
        pytest.param(date(1958, 12, 31), False, id="68-this-year"),
    ],
)
def test_the_package_is_closed_after_its_last_coverage(born, eligible):
    """Somebody whose year of 67 is over has nothing left to insure (A17)."""
    assert is_eligible(ORDINARY, born, BOOK, TODAY) is eligible


@pytest.mark.parametrize(
    ("category", "policy", "reserved", "status"),
    [
        (ORDINARY, "opt_in", False, InsuranceStatus.WINDOW_OPEN),  # S6
        (ORDINARY, "opt_in", True, InsuranceStatus.RESERVED),  # S10
        (EARLY, "opt_in", False, InsuranceStatus.WINDOW_OPEN),  # S20
        (EARLY, "opt_in", True, InsuranceStatus.RESERVED),
        (APPRENTICE, "opt_in", False, InsuranceStatus.NOT_APPLICABLE),  # A7
        (APPRENTICE, "opt_in", True, InsuranceStatus.NOT_APPLICABLE),
        (APPRENTICE, "opt_out", False, InsuranceStatus.WINDOW_OPEN),
        (APPRENTICE, "opt_out", True, InsuranceStatus.RESERVED),
        (APPRENTICE, "excluded", False, InsuranceStatus.NOT_APPLICABLE),
        (STUDENT, "opt_in", False, InsuranceStatus.NOT_APPLICABLE),  # S8
        (STUDENT, "opt_in", True, InsuranceStatus.NOT_APPLICABLE),
        (PENSIONER, "opt_in", False, InsuranceStatus.NOT_APPLICABLE),  # S19
    ],
)
def test_where_a_new_members_insurance_begins(category, policy, reserved, status):
    """Opt-out for all who may have it, opt-in for apprentices (S6, S8, S10, A7)."""
    book = rulebook(apprentice_insurance=policy)
    assert initial_status(category, BORN, book, reserved=reserved, on=TODAY) is status


@pytest.mark.parametrize(
    ("born", "guardian", "reserved", "status"),
    [
        # 22 November 2026 - 18 years is 22 November 2008.
        (date(2008, 11, 22), False, False, InsuranceStatus.WINDOW_OPEN),
        (date(2008, 11, 23), False, False, InsuranceStatus.NOT_APPLICABLE),
        (date(2008, 11, 23), True, False, InsuranceStatus.WINDOW_OPEN),
        (date(2008, 11, 23), False, True, InsuranceStatus.RESERVED),
        (date(2011, 11, 22), False, False, InsuranceStatus.NOT_APPLICABLE),
    ],
)
def test_where_a_minors_insurance_begins(born, guardian, reserved, status):
    """Nowhere until a guardian's consent is recorded (A38)."""
    found = initial_status(ORDINARY, born, BOOK, reserved=reserved, on=TODAY, guardian=guardian)
    assert found is status


@pytest.mark.parametrize(
    ("days", "last_day"),
    [(30, date(2026, 12, 22)), (14, date(2026, 12, 6)), (0, TODAY)],
)
def test_the_window_is_counted_from_the_proof(days, last_day):
    """30 days from 22 November is 22 December; the length is a policy (A21)."""
    assert reservation_deadline(TODAY, rulebook(window_days=days)) == last_day


@pytest.mark.parametrize(
    ("received_on", "deadline", "effective"),
    [
        pytest.param(TODAY, date(2026, 12, 22), TODAY, id="in-the-window"),
        pytest.param(date(2026, 12, 22), date(2026, 12, 22), TODAY, id="on-its-last-day"),
        pytest.param(date(2026, 12, 23), date(2026, 12, 22), JANUARY, id="one-day-late"),
        pytest.param(JANUARY, date(2026, 12, 22), date(2027, 2, 1), id="late-on-the-first"),
        pytest.param(date(2030, 1, 1), None, TODAY, id="a-window-without-end"),
    ],
)
def test_when_a_reservation_takes_effect(received_on, deadline, effective):
    """In the window from the start; later at the end of the month received (A21)."""
    assert reserved_from(received_on, deadline, TODAY) == effective


@pytest.mark.parametrize(
    ("covered_from", "paid_from"),
    [
        (date(2026, 12, 23), JANUARY),
        (date(2026, 12, 2), JANUARY),
        (date(2026, 12, 31), JANUARY),
        (DECEMBER, DECEMBER),  # covered the whole of December: December is paid
    ],
)
def test_the_first_premium_is_for_a_whole_month(covered_from, paid_from):
    """Nobody pays for days without cover (A18, A21)."""
    assert first_premium_month(covered_from) == paid_from


def test_the_premium_is_200_kr_until_the_last_coverage_ends():
    """200.00 kr a month (S7, A10); born 1986, 67 in 2053: the last one is for December (A17)."""
    assert Rate(Paid.PREMIUM).amount_on(BOOK, JANUARY) == 20000
    paid = premium_span(BORN, BOOK, Span(valid_from=JANUARY))
    assert (paid.valid_from, paid.valid_to) == (JANUARY, date(2054, 1, 1))


@pytest.mark.parametrize(
    ("born", "span", "valid_to"),
    [
        pytest.param(date(1959, 5, 5), Span(valid_from=DECEMBER), JANUARY, id="A17-last-month"),
        pytest.param(date(1959, 5, 5), Span(valid_from=JANUARY), None, id="A17-no-month-left"),
        pytest.param(BORN, Span(valid_from=DECEMBER, valid_to=JANUARY), JANUARY, id="reserved"),
        pytest.param(BORN, Span(valid_from=DECEMBER, valid_to=DECEMBER), None, id="never-paid"),
    ],
)
def test_the_premium_ends(born, span, valid_to):
    """It ends with the cover or the last coverage, whichever comes first (A17, A21)."""
    paid = premium_span(born, BOOK, span)
    assert (paid.valid_to if paid else None) == valid_to


def test_a_coverage_that_ends_inside_a_month_is_paid_for_whole_months():
    """The last coverage ends on the 60th birthday, 22 November: October is the last paid (A17)."""
    book = rulebook(coverages=[DISABILITY])
    paid = premium_span(date(1966, 11, 22), book, Span(valid_from=date(2026, 9, 1)))
    assert paid.valid_to == NOVEMBER


@pytest.mark.parametrize(("begins", "ore"), [(DECEMBER, 20000), (JANUARY, 22000)])
def test_the_premium_is_effective_dated(begins, ore):
    """Cover that begins later costs what the package costs then (S7)."""
    dearer = PREMIUM.model_copy(update={"valid_from": JANUARY, "premium_ore": 22000})
    assert Rate(Paid.PREMIUM).amount_on(rulebook(premiums=[PREMIUM, dearer]), begins) == ore


@pytest.mark.parametrize(
    ("spans", "end", "left"),
    [
        pytest.param([(NOVEMBER, None)], JANUARY, [(NOVEMBER, JANUARY)], id="open-span"),
        pytest.param([(NOVEMBER, None)], NOVEMBER, [], id="from-the-start"),
        pytest.param([(NOVEMBER, None)], TODAY, [], id="its-month-is-not-covered-whole"),
        pytest.param([(JANUARY, None)], DECEMBER, [], id="not-yet-begun"),
        pytest.param(
            [(NOVEMBER, DECEMBER), (JANUARY, None)],
            date(2027, 3, 1),
            [(NOVEMBER, DECEMBER), (JANUARY, date(2027, 3, 1))],
            id="an-earlier-one-stays",
        ),
        pytest.param([], JANUARY, [], id="none"),
    ],
)
def test_cut(spans, end, left):
    """What is paid for after a reservation: whole months until it takes effect (A21)."""
    given = [Span(valid_from=start, valid_to=stop) for start, stop in spans]
    assert [(s.valid_from, s.valid_to) for s in cut(given, end)] == left


@pytest.mark.parametrize(
    ("spans", "begins", "starts"),
    [
        pytest.param([], JANUARY, [JANUARY], id="first-cover"),
        pytest.param([(NOVEMBER, DECEMBER)], JANUARY, [NOVEMBER, JANUARY], id="re-entry"),
        pytest.param([(NOVEMBER, JANUARY)], DECEMBER, [NOVEMBER, JANUARY], id="never-twice"),
    ],
)
def test_covered_on(spans, begins, starts):
    """A new span of cover never overlaps an earlier one (A21, invariant 3)."""
    given = [Span(valid_from=start, valid_to=stop) for start, stop in spans]
    assert [span.valid_from for span in covered_on(given, begins)] == starts
    assert covered_on(given, begins)[-1].valid_to is None


def test_a_coverage_may_end_at_any_age():
    """The age ladder is data (A17)."""
    coverage = Coverage(valid_from=ALWAYS, name="x", ends_at_age=70, ends="birthday")
    assert package_ends(date(1959, 5, 5), rulebook(coverages=[LIFE, coverage])) == date(2029, 5, 5)


def test_who_may_stay_in_the_package():
    """Everybody but a student: a pensioner keeps what is left of it (S8, S20, A17)."""
    assert {category for category in Category if not may_be_covered(category)} == {STUDENT}
