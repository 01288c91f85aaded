"""The seeded rulebook is docs/rules.md's, and a copy of it never outlives a change."""

from datetime import date
from decimal import Decimal

import pytest
from stdnum.no import orgnr

from activities.membership.activities import Persistence
from activities.pricing.branches import FirstDues, PricedOtherwise, set_branch
from schemas.dues.amounts import DuesFacts, central_dues, local_dues
from schemas.membership.insurance import coverage_ends, package_ends
from schemas.pricing.rulebook import Policies, in_force
from schemas.shared.vocabulary import Cadence, Category
from tests import builders
from tests.membership.making import JANUARY, NOVEMBER

BORN = date(1986, 4, 12)
ON = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("category", "percent", "amount_ore", "cadence"),
    [
        pytest.param(Category.ORDINARY, "100", 49500, Cadence.MONTHLY, id="S2"),
        # 495.00 x 50 % = 247.50
        pytest.param(Category.ORDINARY, "50", 24750, Cadence.MONTHLY, id="S5 at 50"),
        pytest.param(Category.ORDINARY, "50.01", 49500, Cadence.MONTHLY, id="S5 above 50"),
        # 495.00 x 12 x 5 % = 297.00, up to the next ten: 300.00
        pytest.param(Category.STUDENT, None, 30000, Cadence.YEARLY, id="S12"),
        pytest.param(Category.APPRENTICE, "100", 0, Cadence.MONTHLY, id="S14"),
        # 495.00 x 12 x 10 % = 594.00, up to the next ten: 600.00
        pytest.param(Category.PENSIONER, None, 60000, Cadence.YEARLY, id="S18"),
        # 495.00 x 25 % = 123.75
        pytest.param(Category.EARLY_PENSIONER, None, 12375, Cadence.MONTHLY, id="S21"),
    ],
)
async def test_seeded_rates_give_the_dues_of_the_source(
    persistence, category, percent, amount_ore, cadence
):
    """Dues computed from what the database holds are the amounts docs/rules.md names."""
    book = await persistence.read_rulebook()
    facts = DuesFacts(category, BORN, Decimal(percent) if percent else None)
    assert central_dues(facts, book, ON) == (amount_ore, cadence)


async def test_seeded_premium_and_coverages(persistence):
    """The package costs 200.00 (S7) and ends with its last coverage, life (A17)."""
    book = await persistence.read_rulebook()
    assert in_force(book.premiums, NOVEMBER).premium_ore == 20000
    # Turns 67 on 2053-04-12: life lasts out that year; disability ends on 2046-04-12, at 60.
    ends = {coverage.name: coverage_ends(coverage, BORN, book) for coverage in book.coverages}
    assert ends == {
        "life": date(2054, 1, 1),
        "disability": date(2046, 4, 12),
        "critical_illness": date(2053, 4, 12),
    }
    assert package_ends(BORN, book) == date(2054, 1, 1)


async def test_seeded_policies_are_the_documented_defaults(persistence, pool):
    """Every reading of docs/rules.md is a row, and its value is the one the code documents."""
    rows = await pool.fetch("SELECT name, value FROM policies")
    fields = {name: f.default for name, f in Policies.model_fields.items() if name != "valid_from"}
    assert {row["name"]: row["value"] for row in rows} == fields
    [only] = (await persistence.read_rulebook()).policies
    assert only == Policies(valid_from=date(1970, 1, 1))


WORKING = {
    "life_and_accident_insurance",  # S11
    "insurance_package",  # S6
    "collective_agreement",  # with AFP, S31, S32
    "branch",  # S33
    "legal_help",
    "voluntary_insurances",
    "bank_agreement",
}

BENEFITS = {
    Category.ORDINARY: WORKING | {"education_support"},
    # S15: an ordinary member's, except support for further education; S16.
    Category.APPRENTICE: WORKING,
    # S13: courses, accident insurance, discounts, conference (S37); S16: the last two.
    Category.STUDENT: {
        "youth_courses",
        "student_accident_insurance",
        "travel_discounts",
        "annual_conference",
        "voluntary_insurances",
        "bank_agreement",
    },
    # S20: insurances and support schemes; all voluntary insurances, the bank, the other benefits.
    Category.EARLY_PENSIONER: {
        "life_and_accident_insurance",
        "insurance_package",
        "support_schemes",
        "legal_help",
        "voluntary_insurances",
        "bank_agreement",
        "other_benefits",
    },
    # S19: discounts, flats in Spain, private law, private insurances, the funeral.
    Category.PENSIONER: {
        "discounts",
        "holiday_flats",
        "private_legal_help",
        "private_insurances",
        "funeral_contribution",
    },
}


@pytest.mark.parametrize("category", Category)
async def test_seeded_benefits(persistence, category):
    """Each category has what the source gives it, no more and no less (B1, S13, S15, S19, S20)."""
    book = await persistence.read_rulebook()
    names = book.benefits_of(category, ON)
    assert set(names) == BENEFITS[category]
    assert len(names) == len(BENEFITS[category])


async def test_the_tests_rulebook_has_the_seeded_benefits(persistence):
    """What the pure tests decide by is what a new installation has."""
    book = await persistence.read_rulebook()
    seeded = {benefits.category: set(benefits.names) for benefits in book.benefits}
    assert seeded == {category: set(names) for category, names in builders.BENEFITS.items()}


async def test_example_branches_and_employers(persistence, pool):
    """The fictitious branches show both answers to A3; the employers' numbers are valid."""
    book = await persistence.read_rulebook()
    half = Decimal(50)
    dues = {
        branch.code: local_dues(
            DuesFacts(Category.ORDINARY, BORN, half, branch=branch.code), book, ON
        )
        for branch in book.branches
    }
    # Oslo 50.00 whole, Bergen 45.00 / 2 = 22.50
    assert dues == {"OSLO": 5000, "BERGEN": 2250}
    employers = await pool.fetch("SELECT orgnr FROM employers")
    assert all(orgnr.is_valid(row["orgnr"]) for row in employers)


async def test_rulebook_holds_from_long_ago(persistence):
    """A clock set to any year of the union's members finds a rate."""
    book = await persistence.read_rulebook()
    assert in_force(book.dues, date(1970, 1, 1)).full_central_ore == 49500


async def test_version_is_the_contents(persistence, pool):
    """Two workers agree on the version, whatever they allow; changing back restores it."""
    first = await persistence.read_rulebook()
    strict = await Persistence(pool, allow_synthetic_ids=False).read_rulebook()
    assert (first.allow_synthetic_ids, strict.allow_synthetic_ids) == (True, False)
    assert first.version == strict.version
    await pool.execute("UPDATE premium_rates SET premium_ore = 21000")
    assert (await persistence.read_rulebook()).version != first.version
    await pool.execute("UPDATE premium_rates SET premium_ore = 20000")
    assert (await persistence.read_rulebook()).version == first.version


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE dues_rates SET full_central_ore = 50000",
        "INSERT INTO premium_rates VALUES ('2027-01-01', 21000)",
        "DELETE FROM coverages WHERE name = 'disability'",
        "UPDATE benefits SET names = '{discounts}' WHERE category = 'pensioner'",
        "INSERT INTO policies VALUES ('window_days', '2027-01-01', '45', 'A21')",
        "UPDATE branches SET name = 'Oslo' WHERE code = 'OSLO'",
        "TRUNCATE branch_dues",
    ],
)
async def test_no_copy_outlives_a_change(persistence, pool, change):
    """Whatever table changes, and however, the next reading is the new content."""
    before = await persistence.read_rulebook()
    await pool.execute(change)
    after = await persistence.read_rulebook()
    assert after != before
    assert after.version != before.version


async def test_uncommitted_change_is_not_read(persistence, pool):
    """A change that is rolled back was never in force, also not in a worker's copy."""
    before = await persistence.read_rulebook()
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("UPDATE premium_rates SET premium_ore = 1")
        assert await persistence.read_rulebook() == before
        await transaction.rollback()
    assert await persistence.read_rulebook() == before


async def test_unchanged_rulebook_is_read_once(persistence, monkeypatch):
    """A decision pays for one number, not for the whole rulebook."""
    book = await persistence.read_rulebook()
    monkeypatch.setattr(persistence._rulebooks, "_assemble", None)
    assert await persistence.read_rulebook() is book


async def test_policies_stand_at_every_date_at_which_one_changes(persistence, pool):
    """Single policies with dates of their own become whole sets; the others go on."""
    await pool.executemany(
        "INSERT INTO policies VALUES ($1, $2, $3, 'A')",
        [("window_days", JANUARY, 45), ("lapse_days", date(2028, 1, 1), 60)],
    )
    book = await persistence.read_rulebook()
    found = [(p.valid_from.year, p.window_days, p.lapse_days) for p in book.policies]
    assert found == [(1970, 30, 30), (2027, 45, 30), (2028, 45, 60)]


async def test_branch_is_added_and_changed(persistence, pool):
    """The command line adds a branch with its first amount; another one goes by approval (A40)."""
    first = FirstDues(NOVEMBER, 3000, halves=False)
    await set_branch(pool, "MOLDE", name="Molde", email=None)
    await set_branch(pool, "MOLDE", name="Molde", email=None, dues=first)
    await set_branch(pool, "MOLDE", name="Romsdal", email=None, dues=first)
    for other in (FirstDues(NOVEMBER, 3600, halves=False), FirstDues(JANUARY, 3000, halves=False)):
        with pytest.raises(PricedOtherwise):
            await set_branch(pool, "MOLDE", name="Nordmøre", email=None, dues=other)
    branch = (await persistence.read_rulebook()).branch("MOLDE")
    assert branch is not None
    assert branch.name == "Romsdal"
    assert [(r.valid_from, r.local_ore) for r in branch.rates] == [(NOVEMBER, 3000)]


async def test_branch_without_an_amount_is_in_the_rulebook(persistence, pool):
    """A branch whose dues nobody has entered yet is known, and has no rates."""
    await pool.execute("INSERT INTO branches VALUES ('NEW', 'New', NULL)")
    branch = (await persistence.read_rulebook()).branch("NEW")
    assert branch is not None
    assert branch.rates == ()
