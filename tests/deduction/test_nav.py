"""NAV as a deductor: its list and its return are those of an employer (A36, D1-D6)."""

from tests.deduction.making import A, filled, rows_of

NAV = "889640782"


async def test_a_month_that_nav_deducts(office):
    """A list of its own with the share, a return, its payment: settled, and nobody owes."""
    kari, ola, employed = [await office.joins() for _ in range(3)]
    for member in (kari, ola):
        await office.pool.execute(
            "UPDATE memberships SET deductor_orgnr = $1 WHERE membership_id = $2", NAV, member
        )
        # 495.00 x 25 % = 123.75
        await office.charge(member, employer=NAV, central=12375)
    await office.charge(employed, employer=A)
    assert (await office.make()).lists == 2
    number = await office.number_of(NAV)
    line = (12375, 0, 0, 12375, "START")
    assert await office.lines_of(number) == {kari: line, ola: line}
    done = await office.deliver(number)
    assert (done.delivered, done.shown, done.withheld) == (True, 2, 0)
    content = await office.file_of(number)
    heads = dict(row[:2] for row in rows_of(content)[:7])
    assert (heads["Arbeidsgivers organisasjonsnummer"], heads["Sum"]) == (NAV, "247,50")

    # Nothing was paid out to one of them: that month is the member's own to pay.
    verdict = await office.take(filled(content, {office.numbers[ola]: ("0", "NO_PAY")}))
    assert (verdict.outcome, verdict.faults) == ("applied", ())
    await office.pay(number, 12375)
    assert (await office.settle(number)).settled
    invoices = await office.pool.fetch("SELECT membership_id, total_ore FROM invoices")
    assert [tuple(row) for row in invoices] == [(ola, 12375)]
    # 495.00 are left of the employer, whose list has not come back.
    assert await office.balance("employers") == 49500
