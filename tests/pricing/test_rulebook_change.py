"""Writing a change of prices: only what lies ahead, once, and never against what was decided."""

from datetime import date
from typing import Any

import asyncpg
import pytest
from pydantic import ValidationError

from activities.pricing.branches import set_branch
from activities.pricing.preview import preview
from activities.pricing.rulebook_change import NotChanged
from activities.shared.rulebook import RulebookReader
from schemas.membership.insurance import coverages_end
from schemas.pricing.contracts import PriceChange
from schemas.shared.vocabulary import Category
from tests.builders import ALWAYS
from workers.cli.pricing.reprice import approve
from workers.errors import UserError

TODAY = date(2026, 11, 23)
JANUARY, MARCH = date(2027, 1, 1), date(2027, 3, 1)


def change(effective_on: date = JANUARY, **values: object) -> PriceChange:
    """A change from January on, unless told."""
    return PriceChange.model_validate({"effective_on": effective_on, **values})


async def book(pool):
    """The rulebook as it stands."""
    async with pool.acquire() as connection:
        return await RulebookReader(allow_synthetic_ids=False).current(connection)


async def test_what_is_named_changes_and_the_rest_stays(pool):
    """Each amount and rule begins with its day; those not named are carried on."""
    before = await book(pool)
    version = await approve(
        pool,
        change(
            full_central_ore=52000,
            student_percent="6",
            premium_ore=21000,
            branches=[{"code": "OSLO", "local_ore": 5500}, {"code": "BERGEN", "halves": False}],
            policies={"half_past_67": True, "notice_months": 2, "apprentice_insurance": "opt_out"},
        ),
        by="kongressen",
        today=TODAY,
    )
    after = await book(pool)
    assert version == after.version != before.version
    rates = after.dues[-1]
    assert (rates.valid_from, rates.full_central_ore, rates.student_percent) == (JANUARY, 52000, 6)
    assert rates.half_percent == before.dues[-1].half_percent
    assert after.premiums[-1].premium_ore == 21000
    oslo, bergen = after.branch("OSLO").rates[-1], after.branch("BERGEN").rates[-1]
    assert (oslo.local_ore, oslo.halves) == (5500, False)
    assert (bergen.local_ore, bergen.halves) == (4500, False)
    policies = after.policies_on(JANUARY)
    assert (policies.half_past_67, policies.notice_months) == (True, 2)
    assert policies.apprentice_insurance == "opt_out"
    assert policies.window_days == before.policies_on(TODAY).window_days
    assert after.policies_on(TODAY) == before.policies_on(TODAY), "the past stays"
    row = await pool.fetchrow("SELECT * FROM repricings")
    assert (row["approved_by"], row["approved_on"]) == ("kongressen", TODAY)


async def test_the_same_change_twice_is_harmless(pool):
    """Nothing is written the second time, and the version is the same."""
    dearer = change(full_central_ore=52000)
    first = await approve(pool, dearer, by="kongressen", today=TODAY)
    revision = await pool.fetchval("SELECT revision FROM rulebook_revision")
    assert await approve(pool, dearer, by="kongressen", today=TODAY) == first
    assert await pool.fetchval("SELECT revision FROM rulebook_revision") == revision
    assert await pool.fetchval("SELECT count(*) FROM repricings") == 1


async def test_a_change_that_says_what_holds_already_adds_nothing(pool):
    """495 from January in place of 495: the rulebook stays as it is."""
    before = await book(pool)
    assert (
        await approve(pool, change(full_central_ore=49500), by="kongressen", today=TODAY)
        == before.version
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"full_central_ore": 52000}, {"full_central_ore": 53000}),
        ({"premium_ore": 21000}, {"premium_ore": 22000}),
        (
            {"branches": [{"code": "OSLO", "local_ore": 5500}]},
            {"branches": [{"code": "OSLO", "local_ore": 5600}]},
        ),
        ({"policies": {"notice_months": 2}}, {"policies": {"notice_months": 3}}),
    ],
)
async def test_a_contradiction_is_refused_unless_it_is_meant(pool, first, second):
    """Something else for the same day needs --replace, and lies ahead anyhow."""
    await approve(pool, change(**first), by="kongressen", today=TODAY)
    before = await book(pool)
    with pytest.raises(UserError, match="has been decided for that day already; --replace"):
        await approve(pool, change(**second), by="landsmøtet", today=TODAY)
    assert await book(pool) == before
    version = await approve(pool, change(**second), by="landsmøtet", today=TODAY, replace=True)
    assert version == (await book(pool)).version != before.version


@pytest.mark.parametrize("effective_on", [date(2026, 11, 1), date(2020, 1, 1)])
async def test_the_past_is_never_changed(pool, effective_on):
    """Not before the first of next month, with or without --replace; the reason says so."""
    for replace in (False, True):
        with pytest.raises(UserError, match="begins with 2026-12-01 at the earliest"):
            await approve(
                pool,
                change(effective_on, full_central_ore=52000),
                by="kongressen",
                today=TODAY,
                replace=replace,
            )
    await approve(pool, change(date(2026, 12, 1), premium_ore=1), by="kongressen", today=TODAY)


OSLO_60: dict[str, Any] = {"branches": [{"code": "OSLO", "local_ore": 6000}]}
OSLO_40: dict[str, Any] = {"branches": [{"code": "OSLO", "local_ore": 4000}]}


@pytest.mark.parametrize(
    ("effective_on", "policies", "earliest"),
    [
        # Three months before 23 November 2026 is August.
        (date(2026, 8, 1), {}, None),
        (date(2026, 11, 1), {}, None),
        (date(2026, 7, 1), {}, "2026-08-01"),
        (date(2020, 1, 1), {}, "2026-08-01"),
        (date(2026, 10, 1), {"branch_back_months": 1}, None),
        (date(2026, 9, 1), {"branch_back_months": 1}, "2026-10-01"),
        # No correction reaches further back than A31 lets it.
        (date(2026, 9, 1), {"branch_back_months": 6, "back_months": 1}, "2026-10-01"),
    ],
)
async def test_amounts_of_a_branch_reach_some_months_back(pool, effective_on, policies, earliest):
    """At most three, by an approval like any other; further back is refused with the day (A40)."""
    for name, value in policies.items():
        await pool.execute("UPDATE policies SET value = $2 WHERE name = $1", name, value)
    before = await book(pool)
    cheaper = change(effective_on, **OSLO_40)
    if earliest is None:
        assert (await preview(pool, cheaper, today=TODAY)).new
        await approve(pool, cheaper, by="årsmøtet", today=TODAY)
        rates = [(r.valid_from, r.local_ore) for r in (await book(pool)).branch("OSLO").rates]
        assert rates == [(ALWAYS, 5000), (effective_on, 4000)]
        assert await pool.fetchval("SELECT approved_by FROM repricings") == "årsmøtet"
        return
    for attempt in (preview(pool, cheaper, today=TODAY), approve_it(pool, cheaper)):
        with pytest.raises((NotChanged, UserError), match=rf"\(A40\): with {earliest} at the"):
            await attempt
    assert await book(pool) == before


async def test_a_rise_of_a_branch_reaches_back_by_a_policy_alone(pool):
    """It is told as long before as any other, unless nobody asks for that (A40, A41)."""
    with pytest.raises(UserError, match="told on 2026-11-23 it begins with 2027-01-01 at the"):
        await approve_it(pool, change(date(2026, 8, 1), **OSLO_60))
    await pool.execute("UPDATE policies SET value = '\"none\"' WHERE name = 'branch_price_notice'")
    with pytest.raises(UserError, match=r"\(A40\): with 2026-08-01 at the earliest"):
        await approve_it(pool, change(date(2026, 7, 1), **OSLO_60))
    await approve_it(pool, change(date(2026, 8, 1), **OSLO_60))
    assert await pool.fetchval("SELECT announce_by FROM repricings") is None


async def approve_it(pool, dearer):
    """Approve a change as a branch's meeting does."""
    await approve(pool, dearer, by="årsmøtet", today=TODAY)


async def test_only_amounts_of_branches_reach_back(pool):
    """With anything else among it a change lies ahead; the database says the same (A26, A40)."""
    for other in ({"premium_ore": 1}, {"policies": {"notice_months": 2}}):
        with pytest.raises(UserError, match="begins with 2026-12-01 at the earliest"):
            await approve_it(pool, change(date(2026, 11, 1), **OSLO_60, **other))
    with pytest.raises(asyncpg.CheckViolationError, match="repricings_lie_ahead"):
        await pool.execute(
            "INSERT INTO repricings VALUES ('2026-11-01', $1, $2, 'kongressen', '2026-11-23')",
            "0f" * 32,
            {"effective_on": "2026-11-01", "premium_ore": 1, **OSLO_60},
        )


async def test_without_any_branch_a_price_of_one_says_what_to_do(pool):
    """A new database has none: the sentence names the command that adds one (S4)."""
    await pool.execute("DELETE FROM branch_dues")
    await pool.execute("DELETE FROM branches")
    with pytest.raises(UserError, match=r"none is yet\. `medlemsflyt contact branch` adds one"):
        await approve_it(pool, change(**OSLO_60))
    await set_branch(pool, "OSLO", name="Oslo", email=None)
    await approve_it(pool, change(**OSLO_60))
    assert [r.local_ore for r in (await book(pool)).branch("OSLO").rates] == [6000]


@pytest.mark.parametrize(
    ("policies", "says"),
    [
        ({"parts_of": "all"}, "policy parts_of: must be one of central, central_and_local, "),
        ({"hidden_pays_by": "payroll"}, "policy hidden_pays_by: must be one of direct_invoice"),
        ({"half_past_67": "perhaps"}, "policy half_past_67: must be one of true, false"),
        ({"retirement_age": 121}, "policy retirement_age: must be a number from 0 to 120"),
        ({"report_due_day": 0}, "policy report_due_day: must be a number from 1 to 28"),
    ],
)
async def test_a_wrong_value_is_answered_with_the_right_ones(pool, policies, says):
    """Nothing is written (G4)."""
    before = await book(pool)
    with pytest.raises(UserError, match=says):
        await approve_it(pool, change(policies=policies))
    assert await book(pool) == before


async def test_a_coverage_ends_at_another_age_from_a_day_on(pool):
    """Written like a price: previewed, once, not against what stands, and for whom it is (A17)."""
    wanted = {"name": "disability", "ends_at_age": 62, "ends": "birthday"}
    until_62 = change(coverages=[wanted])
    says = ("coverage disability: until the birthday of 62 (A17)",)
    assert (await preview(pool, until_62, today=TODAY)).new == says
    await approve_it(pool, until_62)
    await approve_it(pool, until_62)
    rows = await pool.fetch("SELECT valid_from, ends_at_age FROM coverages WHERE name = $1", "life")
    assert [tuple(row) for row in rows] == [(ALWAYS, 67)]
    ends = coverages_end(date(1966, 11, 30), await book(pool))
    # 60 on 30 November 2026, before the change: it had ended. 62 on 1 March 2029.
    assert ends["disability"] == date(2026, 11, 30)
    assert coverages_end(date(1967, 3, 1), await book(pool))["disability"] == date(2029, 3, 1)
    with pytest.raises(UserError, match="something else has been decided for that day"):
        await approve_it(pool, change(coverages=[wanted | {"ends": "end_of_year"}]))
    with pytest.raises(UserError, match="there is no coverage teeth; known are critical_illness"):
        await approve_it(pool, change(coverages=[wanted | {"name": "teeth"}]))


async def test_benefits_are_dated_and_previewed_as_prices_are(pool):
    """A category gets and loses some from a day on: once, and the list before stands (B1, G4)."""
    before = await book(pool)
    named = {
        "category": "apprentice",
        "adds": ["education_support", "legal_help"],
        "drops": ["branch"],
    }
    others = change(benefits=[named])
    # Legal help is an apprentice's already.
    says = ("benefits of apprentice: and education_support, without branch (B1)",)
    assert (await preview(pool, others, today=TODAY)).new == says
    assert await book(pool) == before
    await approve_it(pool, others)
    assert (await preview(pool, others, today=TODAY)).new == ()
    after = await book(pool)
    old = before.benefits_of(Category.APPRENTICE, TODAY)
    assert after.benefits_of(Category.APPRENTICE, date(2026, 12, 31)) == old
    new = (*(name for name in old if name != "branch"), "education_support")
    assert after.benefits_of(Category.APPRENTICE, JANUARY) == new
    for category in set(Category) - {Category.APPRENTICE}:
        assert after.benefits_of(category, JANUARY) == before.benefits_of(category, JANUARY)
    with pytest.raises(UserError, match="something else has been decided for that day"):
        await approve_it(pool, change(benefits=[named | {"adds": ["discounts"]}]))
    with pytest.raises(UserError, match="there is no benefit teeth; known are annual_conference"):
        await approve_it(pool, change(benefits=[named | {"adds": ["teeth"]}]))


async def test_a_policy_is_kept_with_its_rule(pool):
    """What stands in its row names the rule that it answers, also where there was no row (G4)."""
    await pool.execute("DELETE FROM policies WHERE name = 'leap_birthday'")
    await approve_it(pool, change(policies={"leap_birthday": "february_28"}))
    row = await pool.fetchrow("SELECT * FROM policies WHERE name = 'leap_birthday'")
    assert (row["value"], row["source"], row["valid_from"]) == ("february_28", "A32", JANUARY)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"branches": [{"code": "TROMSØ", "local_ore": 1}]}, "known are BERGEN, OSLO"),
        (
            {"policies": {"window_dyas": 20}},
            "no policy window_dyas; known are access_log_kept_years",
        ),
        ({"policies": {"window_days": "soon"}}, "window_days"),
        ({"policies": {"apprentice_insurance": "perhaps"}}, "apprentice_insurance: must be one of"),
    ],
)
async def test_what_nobody_knows_is_refused(pool, values, says):
    """A misspelt branch or policy changes nothing, and what is known is listed."""
    before = await book(pool)
    with pytest.raises(UserError, match=says):
        await approve(pool, change(full_central_ore=1, **values), by="kongressen", today=TODAY)
    assert await book(pool) == before, "not even the part that was right"


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "name at least one price or rule"),
        ({"effective_on": "2027-01-15", "premium_ore": 1}, "whole; say 2027-02-01"),
        ({"full_centrale_ore": 1}, "not permitted"),
        ({"branches": [{"code": "OSLO", "ore": 1}]}, "not permitted"),
        ({"full_central_ore": -1}, "greater than or equal to 0"),
        ({"half_percent": "101"}, "less than or equal to 100"),
        (
            {"branches": [{"code": "OSLO", "local_ore": 1}, {"code": "OSLO", "local_ore": 2}]},
            "names a branch twice",
        ),
        (
            {"coverages": [{"name": "life", "ends_at_age": a, "ends": "birthday"} for a in (1, 2)]},
            "names a coverage twice",
        ),
        ({"benefits": [{"category": "student"}]}, "name a benefit that student members get"),
        (
            {"benefits": [{"category": "student", "adds": ["branch"], "drops": ["branch"]}]},
            "both gives and takes branch",
        ),
        (
            {"benefits": [{"category": "student", "adds": [name]} for name in ("branch", "teeth")]},
            "names a category's benefits twice",
        ),
        ({"coverages": [{"name": "life", "ends_at_age": 121, "ends": "birthday"}]}, "120"),
        ({"coverages": [{"name": "life", "ends_at_age": 65, "ends": "soon"}]}, "end_of_year"),
    ],
)
def test_a_change_that_makes_no_sense(values, says):
    """It is refused before anything is looked up."""
    with pytest.raises(ValidationError, match=says):
        PriceChange.model_validate({"effective_on": "2027-01-01", **values})


async def test_a_preview_leaves_no_trace(pool):
    """The version it foretells is the one an approval makes; until then nothing is there."""
    before = await book(pool)
    dearer = change(full_central_ore=52000, policies={"notice_months": 2})
    found = await preview(pool, dearer, today=TODAY)
    assert await book(pool) == before
    says = "Whole months from a resignation's own to the end"
    assert found.new == (
        "central dues: full_central_ore 52000",
        f"policy notice_months: 2 in place of 1 (A29). {says}",
    )
    assert await approve(pool, dearer, by="kongressen", today=TODAY) == found.rulebook
    assert (await preview(pool, dearer, today=TODAY)).new == ()


async def test_a_preview_refuses_what_an_approval_would(pool):
    """The past can't be tried out either."""
    with pytest.raises(NotChanged):
        await preview(pool, change(date(2026, 11, 1), premium_ore=1), today=TODAY)
