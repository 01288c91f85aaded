"""The three-way match: what each answer leads to, in the ledger and in tasks."""

from datetime import date
from typing import Any

import pytest

from activities.deduction.returns import NotAReport, compare, decide_report
from schemas.deduction.contracts import Discrepancy, ListFigures, OpenPoint
from schemas.deduction.settlement import is_settled, match
from schemas.payments.kid import invoice_kid
from schemas.shared.calendar import bank_day_from
from tests.deduction.making import DUE_ON, LATE, MADE_ON, filled

DIRECT = ("LEFT", "UNPAID_LEAVE", "LAID_OFF", "NAV", "PENSION", "NO_PAY")


async def returned(office, number, answers=None, **more):
    """Take the whole list as reported."""
    content = filled(await office.file_of(number), answers, **more)
    return await office.take(content)


async def test_all_deducted_and_paid_is_settled(office):
    """Expected, reported and paid are the same: nothing is open, and the employer owes nothing."""
    members = [await office.joins() for _ in range(3)]
    number = await office.ready(*members)
    verdict = await returned(office, number)
    assert (verdict.outcome, verdict.lines, verdict.counted, verdict.faults) == (
        "applied", 3, 3, ()
    )  # fmt: skip
    await office.pay(number, 3 * 49500)
    state = await office.settle(number)
    assert state.settled
    assert (state.figures.expected_ore, state.figures.reported_ore) == (148500, 148500)
    rows = await office.pool.fetch("SELECT outcome, deducted_ore, decided_by FROM deductions")
    assert [tuple(row) for row in rows] == [("deducted", 49500, "rule")] * 3
    assert await office.balance("employers") == 0
    assert await office.tasks() == {}


@pytest.mark.parametrize(
    ("reason", "deducted_ore"), [*((reason, 0) for reason in DIRECT), ("NAV", 20000)]
)
async def test_a_short_line_is_invoiced_to_the_member(office, reason, deducted_ore):
    """What was not deducted moves from the employer to the member, once, with a letter (M10)."""
    member = await office.joins()
    number = await office.ready(member)
    kroner = f"{deducted_ore // 100},00"
    await returned(office, number, {office.numbers[member]: (kroner, reason)})
    await office.pay(number, deducted_ore) if deducted_ore else None
    for _ in range(2):
        state = await office.settle(number)
    assert state.settled
    unpaid = 49500 - deducted_ore
    invoice = await office.pool.fetchrow("SELECT * FROM invoices")
    assert invoice["number"] == f"{office.numbers[member]}-1"
    assert invoice["kid"] == invoice_kid(office.numbers[member], 1)
    assert (invoice["total_ore"], invoice["issued_on"]) == (unpaid, MADE_ON)
    assert invoice["due_on"] == bank_day_from(date(2026, 12, 16))
    redirected = await office.pool.fetchrow("SELECT * FROM redirections")
    assert (redirected["amount_ore"], redirected["reason"]) == (unpaid, reason)
    assert redirected["invoice_number"] == invoice["number"]
    entry = await office.pool.fetchrow("SELECT * FROM entries WHERE source = 'redirection'")
    assert (entry["debit"], entry["credit"], entry["amount_ore"]) == (
        "members", "employers", unpaid
    )  # fmt: skip
    assert entry["reference"] == f"{number}/{office.numbers[member]}"
    assert await office.balance("employers") == 0
    letters = {
        row["template"]: row
        for row in await office.pool.fetch("SELECT * FROM letters ORDER BY key")
    }
    asked = {"employment_question"} if reason in {"LEFT", "PENSION"} else set()
    assert set(letters) == {"dues_invoice"} | asked
    letter = letters["dues_invoice"]
    assert letter["key"] == f"invoice-{invoice['number']}"
    assert letter["figures"] == {"invoice": invoice["number"]}
    assert letter["batch"] == f"deduction-settlement-{number[:8]}-2026-12"
    assert await office.tasks() == {}


@pytest.mark.parametrize("reason", ["UNKNOWN_PERSON", "OTHER"])
@pytest.mark.parametrize(
    ("decision", "outcome", "debit"),
    [("invoice", "redirected", "members"), ("write_off", "written_off", "correction")],
)
async def test_what_no_rule_settles_a_caseworker_decides(office, reason, decision, outcome, debit):
    """A task until it is decided; then as decided, and by whom."""
    member = await office.joins()
    number = await office.ready(member)
    await returned(office, number, {office.numbers[member]: ("0", reason)})
    state = await office.settle(number)
    assert (state.settled, state.for_caseworkers) == (False, (member,))
    assert state.matters == (OpenPoint(finding=Discrepancy.UNDECIDED, lines=1),)
    assert await office.tasks() == {"deduction_undecided": member}
    assert (await office.decide(number, member, "wait")).applied
    assert not (await office.settle(number)).settled
    assert (await office.decide(number, member, decision)).applied
    assert (await office.settle(number)).settled
    row = await office.pool.fetchrow("SELECT outcome, decided_by, reason FROM deductions")
    assert tuple(row) == (outcome, "ola", reason)
    entry = await office.pool.fetchrow("SELECT * FROM entries ORDER BY entry_id DESC LIMIT 1")
    assert (entry["debit"], entry["credit"], entry["amount_ore"]) == (debit, "employers", 49500)
    assert await office.balance("employers") == 0
    assert await office.tasks() == {}
    refused = await office.decide(number, member, "invoice")
    assert refused.refusal == f"the line is settled already: {outcome}"


async def test_over_deduction_is_given_back_by_the_next_run(office):
    """The employer owes what it took; the next dues run finds a minus to charge."""
    member = await office.joins()
    number = await office.ready(member)
    await returned(office, number, {office.numbers[member]: ("600,00", "")})
    await office.pay(number, 60000)
    assert (await office.settle(number)).settled
    over = await office.pool.fetchrow("SELECT * FROM over_deductions")
    assert (over["membership_id"], over["deducted_ore"], over["expected_ore"]) == (
        member, 60000, 49500
    )  # fmt: skip
    entry = await office.pool.fetchrow("SELECT * FROM entries WHERE source = 'over_deduction'")
    # 60000 - 49500 = 10500
    assert (entry["debit"], entry["credit"], entry["amount_ore"]) == (
        "employers", "correction", 10500
    )  # fmt: skip
    assert await office.balance("employers") == 0


async def test_a_credit_beyond_the_month_is_asked_of_no_employer(office):
    """-100.00 is a line of nothing: it settles with 0, and 100.00 is carried over (A37)."""
    member, other = await office.joins(), await office.joins()
    await office.charge(member, correction={"central": -59500})
    await office.charge(other)
    await office.make()
    number = await office.number_of()
    await office.deliver(number)
    await returned(office, number, {office.numbers[member]: ("0", "")})
    await office.pay(number, 49500)
    assert (await office.settle(number)).settled
    left = await office.pool.fetchrow("SELECT membership_id, amount_ore FROM carried_over")
    assert tuple(left) == (member, 10000)
    assert await office.pool.fetchval("SELECT count(*) FROM over_deductions") == 0
    assert await office.balance("employers") == 0


async def test_a_withheld_line_is_invoiced_to_the_member(office):
    """It needs no answer: the employer never saw it."""
    stays, goes = await office.joins(), await office.joins(national_id=None)
    number = await office.ready(stays, goes)
    state = await office.settle(number)
    assert (state.figures.withheld, state.figures.open_lines) == (1, 1)
    row = await office.pool.fetchrow("SELECT membership_id, reason FROM redirections")
    assert tuple(row) == (goes, "withheld")
    await returned(office, number)
    await office.pay(number, 49500)
    assert (await office.settle(number)).settled


async def test_the_dead_are_not_invoiced(office):
    """L7: a caseworker decides what is left of a deceased member's month."""
    member = await office.joins()
    number = await office.ready(member)
    await office.pool.execute("UPDATE memberships SET stage = 'ended', outcome = 'deceased'")
    await returned(office, number, {office.numbers[member]: ("0", "LEFT")})
    await office.settle(number)
    assert await office.tasks() == {"deduction_undecided": member}
    assert await office.pool.fetchval("SELECT count(*) FROM letters") == 0


@pytest.mark.parametrize(("again_after", "letters"), [(None, ["1"]), (0, ["1", "2"])])
async def test_a_hint_is_asked_about_once_for_a_row_of_months(office, again_after, letters):
    """LEFT month after month: the member is asked by one letter, and nothing else changes (D8).

    By policy it is so many months until the next one; with 0 each hint is asked about.
    """
    if again_after is not None:
        await office.pool.execute(
            "INSERT INTO policies VALUES ('employment_question_months', '2026-01-01', $1, 'D8')",
            again_after,
        )
    member = await office.joins()
    for period in ("2026-12", "2027-01"):
        number = await office.ready(member, period=period)
        await returned(office, number, {office.numbers[member]: ("0", "LEFT")})
        await office.settle(number)
    asked = await office.pool.fetch("SELECT * FROM letters WHERE template = 'employment_question'")
    keys = sorted(row["key"] for row in asked)
    assert keys == [f"employment-question-{number[:8]}-{serial}" for serial in letters]
    stage = await office.pool.fetchval("SELECT stage FROM memberships")
    assert stage == "active"


async def test_nothing_happens_before_every_line_is_answered(office):
    """Half a report: no invoice yet, whatever its lines say; the rest completes it."""
    first, second = await office.joins(), await office.joins()
    number = await office.ready(first, second)
    await returned(
        office, number, {office.numbers[first]: ("0", "NAV")}, only={office.numbers[first]}
    )
    state = await office.settle(number)
    assert (state.figures.unanswered, state.matters) == (1, ())
    assert await office.pool.fetchval("SELECT count(*) FROM deductions") == 0
    await returned(office, number, only={office.numbers[second]})
    await office.pay(number, 49500)
    assert (await office.settle(number)).settled


async def test_contradicting_lines_are_nobodys(office):
    """Two answers of one member, in either order: a task, and no outcome until it is decided."""
    member = await office.joins()
    number = await office.ready(member)
    for deducted, reason in (("0", "NAV"), ("495,00", "")):
        await returned(office, number, {office.numbers[member]: (deducted, reason)})
    state = await office.settle(number)
    assert state.matters == (OpenPoint(finding=Discrepancy.CONTRADICTED, lines=1),)
    assert await office.tasks() == {"deduction_contradicted": member}
    assert await office.pool.fetchval("SELECT count(*) FROM invoices") == 0
    await office.decide(number, member, "invoice")
    assert (await office.settle(number)).settled
    assert await office.tasks() == {}


async def test_an_answer_that_comes_too_late_is_a_task(office):
    """What was settled stands; the second answer is not lost."""
    member = await office.joins()
    number = await office.ready(member)
    await returned(office, number)
    await office.pay(number, 49500)
    assert (await office.settle(number)).settled
    await returned(office, number, {office.numbers[member]: ("0", "NAV")})
    assert (await office.settle(number)).settled
    assert await office.tasks() == {"deduction_contradicted": member}


# What the first report says was deducted, what the second; what the member then owes, and what the
# employer.
CORRECTIONS = {
    "less": ("495,00", "400,00", 9500, 0),
    "nothing": ("495,00", "0", 49500, 0),
    "more": ("495,00", "600,00", -10500, 0),
    # 0 deducted was invoiced; the credit note pays that invoice.
    "all of it after all": ("0", "495,00", 0, 0),
    "part of it after all": ("0", "300,00", 19500, 0),
}


@pytest.mark.parametrize(("first", "second", "owed", "left"), CORRECTIONS.values(), ids=CORRECTIONS)
async def test_a_report_that_is_accepted_corrects_what_was_settled(
    office, first, second, owed, left
):
    """D10: line by line, by lines of their own in the books; again it changes nothing."""
    member, other = await office.joins(), await office.joins()
    number = await office.ready(member, other)
    mine = office.numbers[member]
    await returned(office, number, {mine: (first, "NAV" if first == "0" else "")})
    assert (await office.settle(number)).figures.open_lines == 0
    before = await office.pool.fetch("SELECT * FROM deductions ORDER BY membership_id")
    await returned(office, number, {mine: (second, "" if second == "600,00" else "NAV")})
    await office.settle(number)
    assert "deduction_contradicted" in await office.tasks()
    async with office.pool.acquire() as connection, connection.transaction():
        [line] = await compare(connection, number)
        assert (line.member_number, len(line.said)) == (mine, 2)
        [one, two] = [said.report for said in line.said]
        with pytest.raises(NotAReport):
            await decide_report(
                connection, number, two + 99, "accepted", today=MADE_ON, by="ola", reason="asked"
            )
        for _ in range(2):
            await decide_report(
                connection, number, two, "accepted", today=MADE_ON, by="ola", reason="asked"
            )
    await office.settle(number)
    once = await office.pool.fetch("SELECT * FROM deduction_corrections")
    state = await office.settle(number)
    assert await office.pool.fetch("SELECT * FROM deduction_corrections") == once
    assert len(once) == 1
    assert await office.pool.fetchval("SELECT count(*) FROM report_decisions") == 1
    assert await office.pool.fetch("SELECT * FROM deductions ORDER BY membership_id") == before
    assert await office.tasks() == {}
    # 495.00 of the other, and what was deducted in the end.
    said = int(second.replace(",", "")) * (100 if second == "0" else 1)
    assert state.figures.reported_ore == 49500 + said
    await office.pay(number, state.figures.reported_ore)
    assert (await office.settle(number)).settled
    assert await office.balance("employers") == left
    assert await office.balance("members") == owed
    open_ore = await office.pool.fetchval(
        "SELECT sum(open_ore) FROM invoice_balances WHERE membership_id = $1", member
    )
    assert (open_ore or 0) == owed
    # The first one holds after all.
    async with office.pool.acquire() as connection, connection.transaction():
        await decide_report(
            connection, number, one, "accepted", today=MADE_ON, by="kari", reason="a mistake"
        )
    await office.settle(number)
    back = await office.pool.fetchval(
        "SELECT deducted_ore FROM present_deductions WHERE membership_id = $1", member
    )
    assert back == int(first.replace(",", ""))


@pytest.mark.parametrize("rejects", [0, 1])
async def test_a_report_that_is_rejected_says_nothing(office, rejects):
    """D10: before anything is settled the other one holds."""
    member = await office.joins()
    number = await office.ready(member)
    for deducted in ("495,00", "0"):
        reason = "NAV" if deducted == "0" else ""
        await returned(office, number, {office.numbers[member]: (deducted, reason)})
        if deducted == "0":
            assert (await office.settle(number)).figures.contradicted == 1
    async with office.pool.acquire() as connection, connection.transaction():
        [line] = await compare(connection, number)
        rejected = line.said[rejects].report
        await decide_report(
            connection, number, rejected, "rejected", today=MADE_ON, by="ola", reason="asked"
        )
    await office.settle(number)
    outcome = await office.pool.fetchval("SELECT outcome FROM deductions")
    assert outcome == ["redirected", "deducted"][rejects]
    assert await office.tasks() == {}


async def test_a_stop_needs_no_answer(office):
    """A line of nothing is settled with the others."""
    stays, stopped = await office.joins(), await office.joins()
    await office.ready(stays, stopped, period="2026-11")
    number = await office.ready(stays)
    await returned(office, number, only={office.numbers[stays]})
    await office.pay(number, 49500)
    assert (await office.settle(number)).settled


async def test_overdue_matters_become_tasks_and_settle_themselves(office):
    """Only after the due day; each with its amount; closed when what was missing has come."""
    member = await office.joins()
    number = await office.ready(member)
    assert (await office.settle(number, DUE_ON)).matters == ()
    assert await office.tasks() == {}
    state = await office.settle(number, LATE)
    assert state.matters == (OpenPoint(finding=Discrepancy.REPORT_MISSING, amount_ore=49500),)
    assert await office.tasks() == {"deduction_report_missing": None}
    await returned(office, number)
    assert (await office.settle(number, LATE)).matters == (
        OpenPoint(finding=Discrepancy.REPORT_WITHOUT_MONEY, amount_ore=49500),
    )
    assert await office.tasks() == {"deduction_report_without_money": None}
    await office.pay(number, 49500)
    assert (await office.settle(number, LATE)).settled
    assert await office.tasks() == {}


@pytest.mark.parametrize(
    ("paid_ore", "finding", "amount_ore", "booked_ore"),
    [(49000, Discrepancy.MONEY_SHORT, 500, 500), (50000, Discrepancy.MONEY_OVER, 500, 0)],
)
async def test_a_difference_in_money_can_be_let_stand(
    office, paid_ore, finding, amount_ore, booked_ore
):
    """By a caseworker: less is written off; more stays on the employer's account."""
    number = await office.ready(await office.joins())
    await returned(office, number)
    await office.pay(number, paid_ore)
    assert (await office.settle(number, LATE)).matters == (
        OpenPoint(finding=finding, amount_ore=amount_ore),
    )
    assert (await office.decide(number, None, "write_off")).applied
    assert (await office.settle(number, LATE)).settled
    booked = await office.pool.fetchval(
        "SELECT coalesce(sum(amount_ore), 0) FROM entries WHERE source = 'write_off'"
    )
    assert booked == booked_ore
    assert await office.tasks() == {}


async def test_a_decision_that_fits_nothing_is_refused(office):
    """Of whoever is not on the list, before delivery, or about money that is not missing."""
    member = await office.joins()
    await office.charge(member)
    await office.make()
    number = await office.number_of()
    before = await office.decide(number, member, "invoice")
    assert before.refusal == "the list has not reached the employer yet"
    await office.deliver(number)
    stranger = await office.decide(number, "membership-x", "invoice")
    assert stranger.refusal == "membership_id: is not on this list"
    assert "is required" in (await office.decide(number, None, "write_off")).refusal


FIGURES = ListFigures(
    list_number="00000001-1",
    payer_number="00000001",
    period="2026-12",
    report_due_on=DUE_ON,
    delivered_on=MADE_ON,
    lines=2,
    expected_ore=100,
    reported_ore=100,
    paid_ore=100,
    answers=2,
)

MATCHES: dict[str, tuple[dict[str, Any], list[Discrepancy]]] = {
    "all the same": ({}, []),
    "not delivered": ({"delivered_on": None}, [Discrepancy.NOT_DELIVERED]),
    "nothing came": (
        {"reported_ore": 0, "paid_ore": 0, "answers": 0, "unanswered": 2, "open_lines": 2},
        [Discrepancy.REPORT_MISSING],
    ),
    "money without report": (
        {"reported_ore": 0, "answers": 0, "unanswered": 2, "open_lines": 2},
        [Discrepancy.REPORT_MISSING, Discrepancy.MONEY_WITHOUT_REPORT],
    ),
    "half a report": (
        {"reported_ore": 50, "answers": 1, "unanswered": 1, "open_lines": 2},
        [Discrepancy.REPORT_INCOMPLETE],
    ),
    "no money": ({"paid_ore": 0}, [Discrepancy.REPORT_WITHOUT_MONEY]),
    "short": ({"paid_ore": 99}, [Discrepancy.MONEY_SHORT]),
    "over": ({"paid_ore": 101}, [Discrepancy.MONEY_OVER]),
    "short, let stand": ({"paid_ore": 99, "accepted_ore": 1}, []),
    "over, let stand": ({"paid_ore": 101, "accepted_ore": -1}, []),
    "less reported and paid": ({"reported_ore": 60, "paid_ore": 60}, []),
    "contradicted": (
        {"contradicted": 1, "open_lines": 1, "reported_ore": 50, "paid_ore": 50},
        [Discrepancy.CONTRADICTED],
    ),
    "undecided": ({"undecided": 1, "open_lines": 1}, [Discrepancy.UNDECIDED]),
}
TIMELESS = {Discrepancy.NOT_DELIVERED, Discrepancy.CONTRADICTED, Discrepancy.UNDECIDED}


@pytest.mark.parametrize("case", MATCHES)
def test_the_match(case):
    """What is missing is missing once the due day is over; the rest is said at once."""
    changes, findings = MATCHES[case]
    figures = FIGURES.model_copy(update=changes)
    assert [matter.finding for matter in match(figures, LATE)] == findings
    before = [matter.finding for matter in match(figures, DUE_ON)]
    assert before == [finding for finding in findings if finding in TIMELESS]
    assert is_settled(figures) is (not findings)
