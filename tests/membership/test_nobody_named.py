"""Who a member is stands where people are kept, and in what came in: nowhere else (ADR 38)."""

from typing import Any

import asyncpg
from temporalio.api.enums.v1 import EventType

from tests.life import application, synthetic_id
from tests.runs import runs_of

APPLIED = {
    "name": "Kanarinavnqzk Fugl",
    "email": "kanariepostqzk@example.org",
    "phone": "+4740123987",
    "address": {"line1": "Kanariveienqzk 7", "postcode": "0155", "city": "Kanaribyqzk"},
}
TOLD = {
    "position": "Kanaristillingqzk",
    "recruited_by": "Kanariververqzk",
    "additional_information": "Kanarinotatqzk",
}
SUPPLIED = {
    "name": "Kanarinyttqzk Fugl",
    "email": "kanarinyqzk@example.org",
    "phone": "+4740123988",
    "address": {"line1": "Kanarigataqzk 9", "postcode": "5003", "city": "Kanaristedqzk"},
}
ANSWER = "Kanarisvarqzk"

KEPT = {
    "people",
    "earlier_names",
    "earlier_contacts",
    "applications",
    "remarks",
    # By what nobody becomes a member twice; who recruited, and the position at work.
    "members",
    "memberships",
}
"""The tables that may hold it."""

BRINGS = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
}
"""A message as it came, and the decision that hands its fields to where people are kept."""


def texts(person: dict[str, Any]) -> set[str]:
    """Return every value that tells who somebody is."""
    plain = {value for value in person.values() if isinstance(value, str)}
    address = person.get("address", {})
    return plain | {address[name] for name in ("line1", "city") if name in address}


def found(secrets: set[str], data: bytes | str) -> set[str]:
    """Return which of the secrets stand in something."""
    text = data.decode(errors="replace") if isinstance(data, bytes) else data
    return {secret for secret in secrets if secret.casefold() in text.casefold()}


async def tables_with(pool: asyncpg.Pool, secrets: set[str]) -> dict[str, set[str]]:
    """Return in which tables a secret stands, and which."""
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    hits: dict[str, set[str]] = {}
    for (table,) in tables:
        for (row,) in await pool.fetch(f'SELECT t::text FROM "{table}" AS t'):
            if which := found(secrets, row):
                hits.setdefault(table, set()).update(which)
    return hits


async def test_who_a_member_is_stands_where_people_are_kept(apply):
    """Through approval, corrections, a renewal and the end, in histories and in every table."""
    number = synthetic_id()
    applied, supplied = texts(APPLIED) | {number} | set(TOLD.values()), texts(SUPPLIED) | {ANSWER}
    work = {"employer_orgnr": "974760673", "position": TOLD["position"]}
    form = application(
        applicant={**APPLIED, "national_id": number},
        employment=work,
        hidden=True,
        insurance_reservation=True,
        recruited_by=TOLD["recruited_by"],
        additional_information=TOLD["additional_information"],
    )
    life = await apply(form)
    await life.approve()
    changed = await life.update(
        "supply_information", {"information": ANSWER, "applicant": SUPPLIED}
    )
    assert "applicant.name, applicant.email, applicant.phone" in changed["says"]
    await life.days(366)
    await life.update("resign", {"received_on": str(await life.today())})
    await life.days(62)
    assert (await life.state())["outcome"] == "resigned"

    first, second, *later = await runs_of(life.handle, life.skipper.client)
    assert found(applied, first.events[0].SerializeToString()) == applied
    assert later, "the membership was renewed after the correction"
    for event in second.events:
        hits = found(applied | supplied, event.SerializeToString())
        assert not hits & applied, EventType.Name(event.event_type)
        assert not hits or event.event_type in BRINGS, EventType.Name(event.event_type)
    for run in later:
        for event in run.events:
            assert not found(applied | supplied, event.SerializeToString())

    tables = await tables_with(life.pool, applied | supplied)
    assert set(tables) <= KEPT, {name: tables[name] for name in set(tables) - KEPT}
    assert tables["people"] >= texts(SUPPLIED)
