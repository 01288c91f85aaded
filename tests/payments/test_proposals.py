"""For whom money in suspense may be: whoever something leads to, placed by a person (P6)."""

import pytest

from activities.payments.placing import Placing, place
from activities.payments.proposals import proposal_of, with_proposals
from activities.payments.suspense import NotPossible, stream_suspense
from activities.payments.task_payers import with_payers
from activities.shared.tasks import tasks_in_order
from schemas.payments.proposals import (
    Debtor,
    Ground,
    Paid,
    fits_initials,
    named_alike,
    names_in,
    propose,
)
from schemas.persons.folding import name_key, name_parts
from tests.dues.test_ledger import UNBOOKED
from tests.payments.making import TODAY, Money, bring, camt, camt_entry, camt_of, payer, stands
from tests.payments.test_allocation import LIST_KID, make_list

ONE = 49500
NAME, OTHER = "Kari Nordmann", "Ola Nordmann"

# What a bank tells, a member's name, and what the one has to do with the other.
NAMES = {
    "the name": (NAME, NAME, Ground.NAME),
    "in capitals": ("KARI NORDMANN", NAME, Ground.NAME),
    "the surname first": ("NORDMANN KARI", NAME, Ground.NAME),
    "with a comma": ("NORDMANN, KARI", NAME, Ground.NAME),
    "in letters a to z": ("AASE OEDEGAARD", "Åse Ødegård", Ground.NAME),
    "one of two holders": ("Ola Nordmann og Kari Nordmann", NAME, Ground.NAME),
    "more names": ("KARI ANNE NORDMANN", NAME, Ground.NAME_ALIKE),
    "a typing error": ("Kari Nordman", NAME, Ground.NAME_ALIKE),
    "an initial": ("K. Nordmann", NAME, Ground.INITIALS),
    "an initial behind": ("NORDMANN K", NAME, Ground.INITIALS),
    "two initials": ("K A Nordmann", "Kari Anne Nordmann", Ground.INITIALS),
    "another initial": ("O. Nordmann", NAME, None),
    "a mononym": ("MADONNA", "Madonna", Ground.NAME),
    "a mononym in a name": ("Madonna Hansen", "Madonna", None),
    "another first name": (OTHER, NAME, None),
    "a first name alone": ("Kari", NAME, None),
}


@pytest.mark.parametrize(("told", "name", "ground"), NAMES.values(), ids=NAMES)
def test_names_as_banks_write_them(told, name, ground):
    """The same person, somebody like them, or nobody."""
    assert named_alike(names_in(told), [name]) == ground


def test_an_initial_is_the_first_names():
    """K. Nordmann is not Ola Kristian Nordmann; a name from before counts less."""
    assert not fits_initials("K. Nordmann", "Ola Kristian Nordmann")
    assert named_alike([NAME], ["Kari Hansen", NAME]) is Ground.EARLIER_NAME


def debtor(number, *, name=NAME, found=(), owes=(), ended=False, is_list=False):
    """Somebody whom money may be for."""
    return Debtor(f"m-{number}", number, (name,), tuple(found), tuple(owes), ended, is_list)


OWES = (("7-1", ONE), ("7-2", 2 * ONE))
# What is paid, by whom, who is found, and who is proposed for which reasons.
CASES = {
    "a number before a name": (
        ONE,
        OTHER,
        [debtor("7", found=[(Ground.MEMBER_NUMBER, "")]), debtor("8", name=OTHER)],
        [("7", ["member_number"]), ("8", ["name"])],
    ),
    "two of one name": (
        ONE,
        NAME,
        [debtor("8"), debtor("7")],
        [("7", ["name"]), ("8", ["name"])],
    ),
    "two of one name, one owes it": (
        ONE,
        NAME,
        [debtor("7"), debtor("8", owes=[("8-1", ONE)])],
        [("8", ["name", "one_invoice"]), ("7", ["name"])],
    ),
    "all that is owed": (
        3 * ONE,
        "K. Nordmann",
        [debtor("7", owes=OWES)],
        [("7", ["initials", "all_owed"])],
    ),
    "an account from before": (
        ONE,
        None,
        [debtor("7", found=[(Ground.ACCOUNT, "")])],
        [("7", ["account"])],
    ),
    "a KID holds its member's number": (
        ONE,
        None,
        [
            debtor("7", found=[(Ground.MEMBER_NUMBER, ""), (Ground.KID, "7-1")]),
            debtor("8", found=[(Ground.MEMBER_NUMBER, ""), (Ground.ACCOUNT, "")]),
        ],
        # 80 and 50 against 100 alone.
        [("8", ["member_number", "account"]), ("7", ["kid", "member_number"])],
    ),
    "an amount alone is nobody's": (ONE, None, [debtor("7", owes=OWES)], []),
    "who has left comes behind": (
        ONE,
        NAME,
        [debtor("7", ended=True), debtor("8")],
        [("8", ["name"]), ("7", ["name"])],
    ),
    "a firm": (
        9 * ONE,
        "EKSEMPEL",
        [debtor("1-1", name="Eksempel AS", owes=[("1-1", 9 * ONE)], is_list=True)],
        [("1-1", ["employer_name", "list_total"])],
    ),
    "the only list of that sum": (
        9 * ONE,
        None,
        [debtor("1-1", owes=[("1-1", 9 * ONE)], is_list=True)],
        [("1-1", ["list_total"])],
    ),
    "two lists of that sum": (
        9 * ONE,
        None,
        [debtor(f"{n}-1", owes=[(f"{n}-1", 9 * ONE)], is_list=True) for n in (1, 2)],
        [],
    ),
    "nobody": (ONE, "Per Hansen", [debtor("7")], []),
}


@pytest.mark.parametrize(("ore", "name", "debtors", "proposed"), CASES.values(), ids=CASES)
def test_who_is_proposed(ore, name, debtors, proposed):
    """The likeliest first, each with all its reasons, whatever order they were found in."""
    paid = Paid(ore, names_in(name) if name else ())
    for order in (debtors, debtors[::-1]):
        found = propose(paid, order)
        assert [(one.number, [str(each) for each in one.grounds]) for one in found] == proposed
        assert all(len(one.reasons) == len(one.grounds) for one in found)


def test_five_are_enough():
    """Of many of one name five are shown."""
    assert len(propose(Paid(ONE, (NAME,)), [debtor(str(n)) for n in range(9)])) == 5


async def test_the_surname_is_folded_alike(shared_pool):
    """SQL looks a surname up by what Python makes of it, for names of Latin letters."""
    names = [
        "Åse Ødegård", "Kari O'Neil", "Per Aasen", "Jon Bjørn-Hansen", "Æ Sæther", "Renée Müller",
        "Madonna", "Zoë Straße", "Łukasz Łoś", "Kari Nordmann jr.",
    ]  # fmt: skip
    keys = [name_key(name) for name in names]
    rows = await shared_pool.fetch(
        "SELECT surname_key(key) AS key FROM unnest($1::text[]) AS key", keys
    )
    assert [row["key"] for row in rows] == [name_parts(name)[-1] for name in names]


def entry(key, ore, *, name="", account="", text=""):
    """A payment without a KID, by somebody."""
    who = f"<Dbtr><Nm>{name}</Nm></Dbtr>" if name else ""
    if account:
        who += f"<DbtrAcct><Id><Othr><Id>{account}</Id></Othr></Id></DbtrAcct>"
    return camt_entry(Money(None, ore, key=key)).replace(
        "<RmtInf><Ustrd>takk</Ustrd></RmtInf>",
        f"<RltdPties>{who}</RltdPties><RmtInf><Ustrd>{text or 'takk'}</Ustrd></RmtInf>",
    )


async def test_whoever_is_found_is_placed_by_a_person(pool, persistence):
    """By number, account and name; a proposal pays the invoice named; the task shows who paid."""
    kari = await payer(pool, persistence, "2026-10", "2026-11")
    await pool.execute("UPDATE people SET name = 'Åse Ødegård', name_key = 'åse ødegård'")
    first = camt_entry(Money(kari.kids[0], ONE, key="K0")).replace(
        "<TxDtls>",
        "<TxDtls><RltdPties><DbtrAcct><Id><IBAN>NO9315030123456</IBAN></Id></DbtrAcct></RltdPties>",
    )
    await bring(
        pool,
        camt_of(
            first,
            entry("K1", ONE, text=f"faktura {int(kari.number)}-2"),
            entry("K2", 100, account="15030123456"),
            entry("K3", ONE, name="OEDEGAARD A"),
            entry("K4", 100, name="Per Hansen"),
        ),
    )
    async with pool.acquire() as connection:
        rows = [one async for one in with_proposals(connection, stream_suspense(connection))]
        tasks = [one async for one in with_payers(connection, tasks_in_order(connection))]
    found = {
        row.reference: [(one.number, *map(str, one.grounds)) for one in row.proposals]
        for row in rows
    }
    assert found == {
        "K1": [(kari.number, "invoice_number", "member_number", "one_invoice")],
        "K2": [(kari.number, "account")],
        "K3": [(kari.number, "initials", "one_invoice")],
        "K4": [],
    }
    told = {task.key: (task.about, len(task.proposals)) for task in tasks}
    assert told["suspense/K3"] == ("OEDEGAARD A · takk", 1)
    assert not any("OEDEGAARD" in row["says"] for row in await pool.fetch("SELECT says FROM tasks"))
    async with pool.acquire() as connection, connection.transaction():
        with pytest.raises(NotPossible, match="no proposal 2"):
            await proposal_of(connection, "K1", 2)
        chosen = Placing("K1", "ola", proposal=1)
        assert await place(connection, chosen, today=TODAY) == ({f"{kari.number}-2": ONE}, {})
    async with pool.acquire() as connection, connection.transaction():
        with pytest.raises(NotPossible, match="owes nothing"):
            await place(connection, Placing("K3", "ola", member=kari.number), today=TODAY)
    assert list((await stands(pool))["open"].values()) == [0, 0]
    assert await pool.fetch(UNBOOKED) == []


async def test_an_employers_money_is_placed_on_its_list(pool, persistence):
    """The list's KID in words and its sum: proposed, and all of it is the list's."""
    kari = await payer(pool, persistence)
    await make_list(pool, kari)
    words = " ".join(LIST_KID[n : n + 4] for n in range(0, len(LIST_KID), 4))
    await bring(pool, camt_of(entry("K1", ONE, text=f"trekk november, {words}")))
    async with pool.acquire() as connection, connection.transaction():
        chosen = await proposal_of(connection, "K1", 1)
        assert (chosen.membership_id, chosen.grounds[0]) == (None, Ground.LIST_KID)
        paid, periods = await place(connection, Placing("K1", "ola", proposal=1), today=TODAY)
    assert (paid, list(periods)) == ({chosen.number: ONE}, [chosen.number])
    found = await stands(pool)
    assert (found["suspense"]["K1"], found["tasks"]) == (0, set())
    assert await pool.fetch(UNBOOKED) == []
    async with pool.acquire() as connection, connection.transaction():
        with pytest.raises(NotPossible, match="nothing is in suspense"):
            await place(connection, Placing("K1", "ola", on_list=chosen.number), today=TODAY)


async def test_an_account_of_many_leads_to_nobody(pool, persistence):
    """A clearing account, from which more than a family has paid."""
    paid = []
    for n in range(5):
        one = await payer(pool, persistence)
        paid.append(camt_entry(Money(one.kids[0], ONE, key=f"A{n}")))
    account = "<DbtrAcct><Id><Othr><Id>99998888777</Id></Othr></Id></DbtrAcct>"
    paid = [one.replace("<TxDtls>", f"<TxDtls><RltdPties>{account}</RltdPties>") for one in paid]
    await bring(pool, camt_of(*paid, entry("K1", ONE, account="99998888777")))
    async with pool.acquire() as connection, connection.transaction():
        with pytest.raises(NotPossible, match="no proposal 1"):
            await proposal_of(connection, "K1", 1)
    assert (await bring(pool, camt(Money(None, 1, key="Z")))).suspended == 1
