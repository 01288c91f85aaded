"""The one field of the search: what is meant, who is found, who may find whom, what is kept."""

from datetime import date

import pytest

from activities.access import log as access_log
from activities.desk.searching import find_members
from schemas.desk.searching import Kind, understood
from tests.access.asking import PAGE, URL
from tests.membership.making import (
    KARI,
    OLA,
    TODAY,
    approval,
    decision,
    intake,
    make_member,
    standing,
    supplied,
)

AASE = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0003"


@pytest.mark.parametrize(
    ("typed", "kinds"),
    [
        ("Kari Nordmann", {Kind.NAME, Kind.EMPLOYER}),
        ("kari nordm 12.4.86", {Kind.NAME, Kind.BIRTH_DATE}),
        ("1986-04-12", {Kind.BIRTH_DATE}),
        ("120486", {Kind.BIRTH_DATE, Kind.MEMBER_NUMBER}),
        ("17", {Kind.MEMBER_NUMBER}),
        ("912 34 567", {Kind.MEMBER_NUMBER, Kind.PHONE}),
        ("+47 912 34 567", {Kind.PHONE}),
        ("Kari@Example.org", {Kind.EMAIL}),
        ("120486 12345", {Kind.NATIONAL_ID, Kind.KID}),
        ("974 760 673", {Kind.EMPLOYER, Kind.KID}),
        ("1000 0000 0700 0016", {Kind.KID}),
        ("2026-17", {Kind.INVOICE}),
        ("00000007-3", {Kind.INVOICE}),
    ],
)
def test_what_is_meant(typed, kinds):
    """A text says by itself what it is; where it may be more than one thing, all are looked for."""
    assert set(understood(typed).kinds) == kinds


@pytest.mark.parametrize("typed", ["", "  ", "x", "+", "9" * 26, "kari @", "?!", "(&"])
def test_what_can_not_be_looked_for(typed):
    """One letter, no letters, or a number of nothing: nobody is found by it."""
    assert understood(typed) is None


def test_a_century_that_is_left_out_is_either():
    """Nobody types it at the telephone."""
    assert understood("Kari 1.2.05").birth_dates == (date(1905, 2, 1), date(2005, 2, 1))


@pytest.fixture
async def three(persistence):
    """Kari with a number, Ola hidden, Åse of Oslo and with an earlier name."""
    known = {"phone": "+4791234567", "national_id": "12848612345"}
    receipt = await make_member(persistence, KARI, **known)
    await persistence.receive_application(
        intake(OLA, name="Ola Nordmann", email="ola@example.org", birth_date=date(1990, 1, 2))
    )
    hidden = approval(OLA, standing=standing(hidden=True), letters=())
    await persistence.record_decision(hidden)
    await persistence.receive_application(
        intake(AASE, name="Åse Bjørk O'Neil", email="aase@example.org", birth_date=date(1979, 5, 6))
    )
    await persistence.record_decision(approval(AASE, standing=standing(branch="OSLO")))
    married = {"name": "Åse Bjørk Næss", "email": "aase@example.org"}
    await persistence.record_decision(
        decision(
            3,
            AASE,
            standing=standing(branch="OSLO"),
            **supplied(**married, birth_date=date(1979, 5, 6)),
        )
    )
    return receipt


async def found(pool, text, branch=None):
    """Who is found by a text."""
    wanted = understood(text)
    assert wanted is not None
    async with pool.acquire() as connection:
        hits = await find_members(connection, wanted, own_branch=branch, most=50)
    return {hit.membership_id for hit in hits.hits}


async def test_each_thing_finds_whoever_it_belongs_to(pool, three):
    """By any part of a name, however it is written; by what was true before; by what is theirs."""
    kari, ola, aase = {KARI}, {OLA}, {AASE}
    assert await found(pool, "nordmann") == kari | ola
    assert await found(pool, "KARI nord") == kari
    assert await found(pool, "nordmann 02.01.1990") == ola
    assert await found(pool, "aase naess") == aase
    assert await found(pool, "Åse o'neil") == aase
    assert await found(pool, "bjork") == aase
    assert await found(pool, "12.04.86") == kari
    assert await found(pool, "91 23 45 67") == kari
    assert await found(pool, "128486 12345") == kari
    assert await found(pool, "OLA@example.org") == ola
    assert await found(pool, three.member_number) == kari
    assert await found(pool, three.member_number.lstrip("0")) == kari
    assert await found(pool, three.invoice.kid) == kari
    assert await found(pool, three.invoice.number) == kari
    assert await found(pool, f"{TODAY.year}-1") == kari
    assert await found(pool, "974760673") == kari | ola | aase
    assert await found(pool, "nobody") == set()


@pytest.mark.parametrize(
    "word", ["7e8f5e", "1e5", "12e34x", "2go", "0x1f", "1a2b3c", "www", "3d", "and", "or", "http"]
)
async def test_a_word_with_digits_is_one_word(pool, persistence, word):
    """A name is found by all of it and by how it begins, whatever else it looks like."""
    await persistence.receive_application(intake(KARI, name=f"Kari {word} Nordmann"))
    assert await found(pool, f"kari {word}") == {KARI}
    assert await found(pool, f"{word[:2]} nord") == {KARI}


@pytest.mark.usefixtures("three")
async def test_a_branch_finds_its_own_who_are_not_hidden(pool):
    """Nobody else's members, nor those of none, nor somebody hidden: they are not even counted."""
    assert await found(pool, "974760673", branch="OSLO") == {AASE}
    assert await found(pool, "nordmann", branch="OSLO") == set()
    assert await found(pool, "974760673", branch="") == set()
    await pool.execute("UPDATE memberships SET hiding = true WHERE membership_id = $1", AASE)
    assert await found(pool, "974760673", branch="OSLO") == set(), "from the wish on (invariant 12)"


@pytest.mark.usefixtures("three")
async def test_the_page_finds_and_the_log_keeps_no_text(pool, at_desk):
    """Who looked, by what kind of thing, and how many there were; never what was typed."""
    desk = await at_desk()
    page = await desk.post("/desk/search", text="nordmann")
    assert page.status_code == 200
    assert "2 treff" in page.text
    assert page.text.count("Skjult medlem") == 1
    assert f'href="/desk/members/{KARI}"' in page.text
    [entry, *_] = await access_log.read(pool, subject="caseworker")
    assert (entry.act, entry.what, entry.hits) == ("search", "name+employer", 2)
    assert "nordmann" not in entry.model_dump_json().lower()
    assert "nordmann" not in str(page.url)


@pytest.mark.usefixtures("three")
async def test_a_branch_is_not_told_who_is_hidden(at_desk):
    """Its page has its own members alone, and no word about hiding."""
    desk = await at_desk("branch")
    page = await desk.post("/desk/search", text="974760673")
    assert "1 treff" in page.text
    assert "Åse Bjørk Næss" in page.text
    assert "Skjult" not in page.text


async def test_what_nobody_can_be_found_by_is_said(at_desk):
    """Beside the field, by words, and tied to it for whoever hears the page."""
    desk = await at_desk()
    page = await desk.post("/desk/search", text="x")
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert "kan ikke brukes til å søke med" in page.text


async def test_a_search_comes_from_our_page(at_desk):
    """A form without our token is refused, and so is one of a page from elsewhere."""
    desk = await at_desk()
    client = desk.browser.client
    headers = {**PAGE, "origin": URL}
    assert (
        await client.post("/desk/search", data={"text": "x"}, headers=headers)
    ).status_code == 403
    headers["origin"] = "https://evil.example"
    token = client.cookies["_csrf"]
    sent = await client.post("/desk/search", data={"csrf": token, "text": "x"}, headers=headers)
    assert sent.status_code == 403


async def test_the_pages_load_nothing_from_elsewhere(gateway, at_desk):
    """Their policy allows our own files alone, which are kept for as long as they are the same."""
    desk = await at_desk()
    page = await desk.get("/desk/search")
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    for name in ("desk.css", "desk.js"):
        [path] = [part for part in page.text.split('"') if part.endswith(name)]
        file = await gateway.client().get(path)
        assert file.status_code == 200
        assert "immutable" in file.headers["cache-control"]
        assert "http" not in file.text


async def test_nobody_sees_a_page_without_a_login(gateway):
    """A browser is led to the login and back."""
    answer = await gateway.client().get("/desk/search", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=%2Fdesk%2Fsearch"
