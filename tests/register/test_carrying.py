"""Members carried over: their rows, once, under all that guards the tables."""

from datetime import date

from activities.register.carrying import differs, find_imported, reserve_numbers
from activities.register.reading import number_key
from tests.audit.making import Books
from tests.dues.making import charged
from tests.payments.making import Money, bring, ocr
from tests.register.carried import DIRECT, MONTH, REGISTER, bill, carry, somebody


async def ids_of(pool):
    """Return the membership of each member, by what is special of them."""
    names = {number_key(member.number): name for name, member in REGISTER.items()}
    rows = await pool.fetch("SELECT number, membership_id FROM imported_members")
    return {names[row["number"]]: row["membership_id"] for row in rows}


async def test_a_register_is_charged_and_audited_as_if_it_had_always_been_here(pool, tmp_path):
    """All kinds of members: rate times month, their old KIDs found, and nothing has drifted."""
    written, refused, _ = await carry(pool, list(REGISTER.values()))
    assert (len(written), refused) == (len(REGISTER), [])
    ids, books = await ids_of(pool), Books(pool, tmp_path)
    assert await pool.fetchval("SELECT count(*) FROM letters") == 0
    await books.charge("2026-12")
    await books.make_lists("2026-12")
    assert await charged(pool, ids["payroll"], MONTH) == {
        "central_dues 974760673": 49500,
        "local_dues 974760673": 5000,
        "insurance_premium 974760673": 20000,
    }
    assert await charged(pool, ids["half"], MONTH) == {
        "central_dues": 24750, "local_dues": 2250, "insurance_premium": 20000
    }  # fmt: skip
    assert await charged(pool, ids["student"], MONTH) == {}
    assert await charged(pool, ids["early"], MONTH) == {
        "central_dues": 12375, "insurance_premium": 20000
    }  # fmt: skip
    # 300.00 are in credit, and pay of the 695.00.
    owed = await pool.fetchrow(
        "SELECT total_ore, open_ore FROM invoice_balances WHERE membership_id = $1"
        " AND total_ore > 0",
        ids["creditor"],
    )
    assert tuple(owed) == (69500, 39500)
    # The oldest is paid by the KID that the other system gave it.
    first, second = REGISTER["debtor"].invoices
    await bring(pool, ocr(Money(first.kid, 49500), transmission="0000001"))
    stands = await pool.fetch(
        "SELECT number, total_ore, open_ore FROM invoice_balances"
        " WHERE membership_id = $1 ORDER BY serial",
        ids["debtor"],
    )
    number = await pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", ids["debtor"]
    )
    assert [tuple(row) for row in stands] == [
        (first.invoice, 49500, 0),
        # 495 + 200 - 50, of which 100 had been paid.
        (second.invoice, 64500, 54500),
        # What was owed beside them.
        (f"{number}-3", 1500, 1500),
        (f"{number}-4", 69500, 69500),
    ]
    await books.charge("2027-01")
    await books.make_lists("2027-01")
    assert (await charged(pool, ids["student"], date(2027, 1, 1))) == {"central_dues": 30000}
    assert await books.audit(today=date(2027, 1, 20)) == {}


async def test_what_has_been_done_about_a_debt_is_not_done_again(pool):
    """Both reminders and the warning stand, each with its day."""
    await carry(pool, [REGISTER["debtor"]])
    rows = await pool.fetch(
        "SELECT invoice_number, step, taken_on FROM arrears_steps ORDER BY taken_on"
    )
    assert [tuple(row) for row in rows] == [
        ("F-1", "first_reminder", date(2026, 9, 29)),
        ("F-1", "second_reminder", date(2026, 10, 13)),
        ("F-1", "warning", date(2026, 11, 1)),
    ]


async def test_whoever_is_known_is_known_by_the_same_line_alone(pool):
    """A number that the other system wrote with zeros in front is the same; other dues are not."""
    one = somebody("0000301")
    await carry(pool, [one])
    async with pool.acquire() as connection:
        known = (await find_imported(connection, [one]))["0000301"]
    assert known.member_number == "00000301"
    assert not known.begun
    assert not differs(one, known)
    assert not differs(somebody("301", name=one.name, email=one.email), known)
    assert not differs(one.model_copy(update={"charged_central_ore": 100}), known)
    assert differs(somebody("0000301", **DIRECT), known)


async def test_the_same_line_twice_is_one_member(pool):
    """Two imports at the same moment: one writes, the other is told."""
    one = somebody("302")
    await carry(pool, [one])
    written, refused, _ = await carry(pool, [one])
    assert written == []
    assert [line.number for line in refused] == ["302"]
    assert await pool.fetchval("SELECT count(*) FROM members") == 1


async def test_whoever_can_not_be_carried_over_keeps_nobody_else_waiting(pool):
    """What is taken is said with whose it is, and all others are written."""
    there = somebody("310", invoices=(bill("9"),), **DIRECT)
    [allotted], _, _ = await carry(pool, [REGISTER["no number"]])
    await carry(pool, [there])
    lines = {
        "is a member here already": somebody("311", name=there.name, email=there.email,
                                             national_id=None),
        "its member number is another": somebody(str(int(allotted.member_number))),
        "an invoice has that number": somebody("312", invoices=(bill("9"),), **DIRECT),
        "an invoice or a list has that KID": somebody(
            "313", invoices=(bill("9").model_copy(update={"invoice": "F-10"}),), **DIRECT
        ),
        # Twice in the register, which only the database sees.
        "(23505 members_one_per_national_id)": somebody(
            "314", national_id=somebody("315").national_id
        ),
    }  # fmt: skip
    written, refused, _ = await carry(pool, [*lines.values(), somebody("316"), somebody("315")])
    said = {line.number: line.says for line in refused}
    assert {one.member.number for one in written} | set(said) == {
        "316", "315", *(line.number for line in lines.values())
    }  # fmt: skip
    for says, line in lines.items():
        if line.number in said:
            assert says in said[line.number]
    # One of the two who say they are the same person.
    assert len(said) == 5
    assert {"316"} <= {one.member.number for one in written}


async def test_whoever_has_left_and_comes_with_a_register_is_that_person(pool):
    """One row for a person, whatever memberships there are (N9)."""
    one = somebody("320")
    [first], _, _ = await carry(pool, [one])
    await pool.execute("DELETE FROM members")
    await pool.execute("UPDATE memberships SET stage = 'ended', outcome = 'resigned'")
    [second], _, _ = await carry(pool, [somebody("321").model_copy(update={
        "national_id": one.national_id, "birth_date": one.birth_date})])  # fmt: skip
    people = await pool.fetch("SELECT membership_id, person_id FROM memberships")
    assert {row["membership_id"] for row in people} == {first.membership_id, second.membership_id}
    assert len({row["person_id"] for row in people}) == 1


async def test_no_number_is_allotted_that_a_register_keeps(pool):
    """New ones follow the highest, unless that is far beyond what is ever allotted."""
    async with pool.acquire() as connection:
        await reserve_numbers(connection, 4000)
        await reserve_numbers(connection, 99_000_000)
    [one], _, _ = await carry(pool, [REGISTER["no number"]])
    assert one.member_number == "00004001"
