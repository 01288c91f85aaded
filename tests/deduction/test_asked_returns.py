"""What of a return a person must look at: amounts that can't be meant, sums, parts, names (D9)."""

import hashlib

from tests.deduction.making import filled, rows_of, written
from tests.deduction.saving import (
    BLANK,
    FIRST,
    as_book,
    cells,
    headings,
    heads,
    line_of,
    said,
    with_lines,
)


async def test_a_task_about_a_report_is_over_once_the_list_is_answered(office, sent):
    """Whatever was wrong with it: a good file closes it, with what came; half a file does not."""
    number, members, content = sent
    own = [office.numbers[member] for member in members]
    wrong = {
        "misread.csv": cells("deducted", lambda _: "omtrent")(content),
        "another.csv": heads(Listenummer="00000009-7")(content),
        f"{number} (1).csv": b"%PDF-1.7",
        "a heading.csv": headings(lambda text: text.replace("Trukket", "Trk"))(content),
        "nobody's.csv": b"Alle er trukket som avtalt.",
    }
    open_tasks = "SELECT says FROM tasks WHERE kind = 'deduction_report' AND closed_on IS NULL"
    for name, back in wrong.items():
        await office.take(back, name=name)
    assert len(await office.pool.fetch(open_tasks)) == 5
    await office.take(filled(content, only={own[0], own[1]}))
    assert len(await office.pool.fetch(open_tasks)) == 5
    rest = filled(content, {own[2]: ("0", "UNPAID_LEAVE")}, only={own[2], own[3]})
    assert (await office.take(rest)).faults == ()
    # Nothing tells which list that one was on: a person decides.
    [left] = await office.pool.fetch(open_tasks)
    assert "the row of headings is missing" in left["says"]
    notes = await office.pool.fetch("SELECT DISTINCT note, closed_by FROM tasks WHERE settled")
    report = hashlib.sha256(rest).hexdigest()[:16]
    assert [tuple(row) for row in notes] == [
        (f"report {report} came, and the whole list is answered", "report")
    ]
    # A wrong file that comes after the good one is a matter of its own.
    await office.take(cells("deducted", lambda _: "fire hundre")(content))
    assert len(await office.pool.fetch(open_tasks)) == 2


async def test_an_amount_that_can_not_be_meant_waits_for_a_person(office, sent):
    """Øre for kroner: no money moves, a task asks; the right file, or a name, settles it."""
    number, members, content = sent
    own = [office.numbers[member] for member in members]
    wrong = filled(content, {own[0]: ("49500", ""), own[2]: ("0", "UNPAID_LEAVE")})
    verdict = await office.take(wrong)
    assert (verdict.counted, verdict.asked) == (3, 1)
    state = await office.settle(number)
    assert (state.figures.reported_ore, state.figures.unanswered) == (99000, 1)
    assert await office.pool.fetchval("SELECT count(*) FROM deductions") == 0
    says = await office.pool.fetchval("SELECT says FROM tasks WHERE kind = 'deduction_report'")
    assert "1 amounts can't be meant, and nothing is booked of them: ask the employer" in says
    assert (await office.take(content)).faults == ()
    state = await office.settle(number)
    # 3 x 495.00, and the one on leave is invoiced: the first file's line has no say in it.
    assert (state.figures.reported_ore, state.figures.open_lines) == (148500, 0)
    assert await office.pool.fetchval("SELECT count(*) FROM over_deductions") == 0


async def test_what_was_meant_after_all_is_booked_by_name(office, sent):
    """The employer did deduct 49,500 kroner: who asked is kept, and the rest goes back."""
    number, members, content = sent
    own = [office.numbers[member] for member in members]
    wrong = filled(content, {own[0]: ("49500", ""), own[2]: ("0", "UNPAID_LEAVE")})
    assert (await office.take(wrong)).asked == 1
    for name in ("Ola", None):
        verdict = await office.take(wrong, meant_by=name)
        assert (verdict.counted, verdict.asked, verdict.faults) == (4, 0, ())
    await office.settle(number)
    over = await office.pool.fetch("SELECT membership_id, deducted_ore FROM over_deductions")
    assert [tuple(row) for row in over] == [(members[0], 4_950_000)]
    kept = await office.pool.fetch("SELECT confirmed_by FROM confirmed_reports")
    assert [row[0] for row in kept] == ["Ola"]


async def test_how_much_can_not_be_meant_is_a_policy(office, sent):
    """Ten times unless told otherwise: 4,950 kroner are booked where it is a hundred times."""
    _, members, content = sent
    await office.pool.execute(
        "INSERT INTO policies VALUES ('implausible_factor', '2026-01-01', '100', 'D9')"
    )
    back = filled(content, {office.numbers[members[0]]: ("4950,00", "")})
    assert (await office.take(back)).asked == 0
    assert (members[0], 495_000, None) in await said(office, back)


async def test_a_typed_sum_that_differs_is_told(office, sent):
    """The lines count; that they come to something else is worth a look."""
    _, _, content = sent
    row = ["Totalt", "", "", "", "", "", "", "", "1980,00", ""]
    verdict = await office.take(with_lines(row)(content))
    assert (verdict.lines, verdict.counted) == (4, 4)
    (fault,) = verdict.faults
    assert (fault.line, fault.cell) == (14, "I14")
    assert "typed sum" in fault.fault


async def test_parts_that_do_not_add_up_are_asked_about(office, sent):
    """Two amounts of one person: neither counts, and both cells are named."""
    _, _, content = sent
    lines = [line_of(content, 0, deducted=ore, reason="NO_PAY") for ore in ("100,00", "95,00")]
    rows = rows_of(content)
    verdict = await office.take(written([*rows[: FIRST - 1], *lines, *rows[FIRST:]]))
    assert verdict.counted == 3
    assert [fault.cell for fault in verdict.faults] == ["I10", "I11"]
    assert "write one line with what was deducted in all" in verdict.faults[0].fault


async def test_a_member_that_is_missing_is_counted(office, sent):
    """Left out of the file: told at once, and asked for when the due day is over."""
    _, members, content = sent
    own = [office.numbers[member] for member in members]
    for save in (lambda c: c, as_book):
        verdict = await office.take(save(filled(content, only=set(own[1:]))))
        assert (verdict.lines, verdict.counted, verdict.missing) == (3, 3, 1)


async def test_a_name_in_a_remark_raises_the_alarm_and_says_nothing(office, sent):
    """S30: a remark that names a hidden member is answered as any other."""
    _, _, content = sent
    await office.joins(name="Hilde Hemmelig", hidden=True)
    verdicts = [
        await office.take(with_lines(BLANK, ["", "", name, *BLANK[3:]])(content))
        for name in ("Hilde Hemmelig", "Per Person Nordmann")
    ]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0].remarks == (15,)
    assert "hidden_named" in await office.tasks()
