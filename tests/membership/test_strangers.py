"""Who is a member can't be asked: a stranger sees the same for a member's name as for any other."""

import json
import re
import uuid
from typing import Any

from tests.life import Json, Life, application, synthetic_id

BORN = "1986-04-12"


def typed(name: str, **changes: Any) -> Json:
    """Return the application of somebody who knows a name and a birth date, and has a mailbox."""
    sees = f"stranger-{uuid.uuid4().hex}@example.org"
    return application(applicant={"name": name, "email": sees, **changes})


async def seen(life: Life) -> str:
    """Return all that whoever applied can read, without what differs between any two."""
    await life.settle()
    attributes = (await life.handle.describe()).typed_search_attributes
    mails = {
        name: mail.get_body(("plain",)).get_content()
        for name, mail in (await life.mails()).items()
        if name.startswith("member/")
    }
    pairs = {p.key.name: str(p.value) for p in attributes if p.key.name != "BuildIds"}
    parts = [await life.state(), await life.explain(), pairs, mails]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    text = re.sub(r"stranger-[0-9a-f]+|membership-[0-9a-f-]{36}|Kari [0-9a-f]{8}", "…", text)
    return re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(Z|\+00:00)", "…", text)


async def member(apply, **applicant: Any) -> tuple[Life, Json]:
    """Return a hidden member, and the particulars that are public."""
    form = application(hidden=True, applicant=applicant)
    life = await apply(form)
    await life.approve()
    return life, form["applicant"]


async def test_a_name_and_a_birth_date_tell_nothing(apply):
    """State, explanation, search attributes, letters and answers are those of a nobody."""
    known, person = await member(apply)
    match = await apply(typed(person["name"]))
    none = await apply(typed(f"Kari {uuid.uuid4().hex[:8]}"))
    assert await seen(match) == await seen(none)
    more = {"information": "Jeg heter det", "applicant": {"birth_date": BORN}}
    assert await match.update("supply_information", more) == await none.update(
        "supply_information", more
    )
    assert await seen(match) == await seen(none)
    for life in (match, none):
        await life.update(
            "decide_application", {"decision": "reject", "caseworker": "ola", "reason": "Nei"}
        )
    assert await seen(match) == await seen(none)
    assert known.id not in json.dumps(await match.result())


async def test_a_national_id_tells_nothing(apply):
    """Neither in the application nor as a member's own correction."""
    theirs = synthetic_id(BORN)
    known, _person = await member(apply, national_id=theirs)
    match, none = await apply(typed("Kari 00000001")), await apply(typed("Kari 00000002"))
    answers = []
    for life, number in ((match, theirs), (none, synthetic_id(BORN))):
        sent = {"information": "Fødselsnummer", "applicant": {"national_id": number}}
        answers.append(await life.update("supply_information", sent))
    assert answers[0] == answers[1]
    assert await seen(match) == await seen(none)
    mine, _ = await member(apply)
    before = await mine.pool.fetchval("SELECT count(*) FROM members")
    answers = [
        await mine.update(
            "supply_information",
            {"information": "Fødselsnummer", "applicant": {"national_id": number}},
        )
        for number in (theirs, synthetic_id(BORN))
    ]
    assert answers[0] == answers[1]
    assert await mine.pool.fetchval("SELECT count(*) FROM members") == before
    assert known.id not in json.dumps([await mine.state(), await mine.explain()])
    task = await mine.pool.fetchval(
        "SELECT figures->>'detail' FROM letters WHERE membership_id = $1 "
        "AND figures->>'task' = 'correction_set_aside'",
        mine.id,
    )
    assert task == known.id


async def test_only_a_caseworkers_decision_ends_a_duplicate_and_no_letter_tells(apply):
    """The answer and the reasons name nobody, and nothing goes to the address that was typed."""
    known, person = await member(apply)
    form = typed(person["name"])
    form["applicant"]["email"] = person["email"]
    match = await apply(form)
    answer = await match.approve()
    assert (answer["says"], (await match.result())["outcome"]) == (
        "the application was closed",
        "duplicate",
    )
    assert known.id not in json.dumps([await match.state(), await match.explain()])
    assert [letter for letter in await match.letters() if letter[0] == "member"] == [
        ("member", "application_received", "sent")
    ]
