"""The page of arithmetic that a month is held against is right itself, and notices what is not."""

import random
from dataclasses import replace
from datetime import date

import pytest

from schemas.payments.kid import invoice_kid
from tests.union.explaining import Found, unexplained
from tests.union.mail import Month, arriving
from tests.union.money import WAYS, Expected, Invoice, came_to, choose, expected
from tests.union.register import EMPLOYERS, members, orgnr

INVOICE = Invoice("00000007-1", "00000007", "Åse Lie", invoice_kid("00000007", 1), 49500)


@pytest.mark.parametrize("way", WAYS)
def test_no_ore_is_lost_in_the_arithmetic(way):
    """What came in is what is no longer open, and what is in suspense."""
    end = expected(INVOICE, way)
    paid = INVOICE.total_ore - end.open_ore
    assert came_to(INVOICE, way) == paid + end.own_ore + end.nobodys_ore


def test_what_ways_come_to():
    """495.00 asked for; 395.00 is a part, 545.00 too much, 990.00 the invoice and as much again."""
    assert expected(INVOICE, "in part") == Expected(49500, own_ore=39500)
    assert expected(INVOICE, "too much") == Expected(0, own_ore=5000)
    assert expected(INVOICE, "twice") == Expected(0, own_ore=49500)
    assert expected(INVOICE, "no KID") == Expected(49500, nobodys_ore=49500)
    assert expected(INVOICE, "taken back") == Expected(49500)


MONTH = Month(
    members={INVOICE.number: Expected(0)},
    deducted={"00000003-1": {"00000001": 49500}},
    paid={"00000003-1": 49500},
    bank_ore=103500,
    fees_ore=4500,
)
FOUND = Found(
    still_open={INVOICE.number: 0},
    own={},
    nobodys=[],
    balances={"bank": 99000, "central_dues": -99000},
    deducted={"00000003-1": {"00000001": 49500}},
    paid={"00000003-1": 49500},
    without_task=[],
)


def test_what_is_explained():
    """Nothing is said of a month that came out as it should."""
    assert list(unexplained(FOUND, MONTH)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"still_open": {INVOICE.number: 1}},
        {"still_open": {}},
        {"own": {INVOICE.number: 1}},
        {"nobodys": [1]},
        {"balances": {"bank": 98999, "central_dues": -98999}},
        {"balances": {"bank": 99000, "central_dues": -98999}},
        {"deducted": {"00000003-1": {"00000001": 49501}}},
        {"deducted": {}},
        {"paid": {}},
        {"without_task": ["K1"]},
    ],
)
def test_one_ore_is_noticed(wrong):
    """Whatever is wrong is named once."""
    assert len(list(unexplained(replace(FOUND, **wrong), MONTH))) == 1


def test_the_same_seed_is_the_same_month():
    """Files are made by chance that can be had again."""
    invoices = [replace(INVOICE, kid=invoice_kid(f"{n:08d}", 1)) for n in range(1, 60)]
    first, again = (
        arriving(choose(invoices, chance), [], date(2027, 1, 15), chance)
        for chance in (random.Random(3), random.Random(3))
    )
    assert first == again
    assert {file.name.split("-")[0] for file in first.sent} >= {"ocr", "one", "no", "statement"}


def test_a_register_of_all_kinds():
    """Numbers of twenty employers, no national id twice."""
    rows = list(members(600, date(2027, 1, 1), random.Random(1)))
    assert len({row["national_id"] for row in rows}) == 600
    assert {row["category"] for row in rows} >= {"ordinary", "student", "apprentice", "pensioner"}
    assert len({orgnr(nth) for nth in range(EMPLOYERS)}) == EMPLOYERS
