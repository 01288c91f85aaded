"""Who somebody is, and what people write, stands where people are kept, and nowhere else (ADR 75).

Ten of whom each bears texts that nobody else has go through what a membership is told; then
every table and every history that is left is searched.
"""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import asyncpg
from temporalio.client import WorkflowHistory

from activities.secrecy import deleting
from activities.secrecy.deleting import delete_runs
from tests.life import Life, application, synthetic_id
from tests.runs import runs_of
from tests.secrecy.making import until_gone
from tests.secrecy.test_fields import DECLARED

KEPT = {
    "people",
    "earlier_names",
    "earlier_contacts",
    "applications",
    "remarks",
    # Who recruited, and the position at work.
    "memberships",
}
"""The tables that may hold it."""


def canary(what: str, number: int) -> str:
    """Return a text that stands nowhere else."""
    return f"Kanari{what}{number:02d}qzk"


def applicant(number: int, mark: str = "") -> dict[str, Any]:
    """Return a person who bears nothing but canaries."""
    return {
        "name": f"{canary('navn' + mark, number)} Fugl",
        "email": f"{canary('post' + mark, number).lower()}@example.org",
        "phone": f"+474{'1' if mark else '0'}{123900 + number}",
        "address": {
            "line1": f"{canary('vei' + mark, number)} 7",
            "postcode": "0155",
            "city": canary("by" + mark, number),
        },
    }


def form(number: int, national_id: str) -> dict[str, Any]:
    """Return an application with canaries wherever it takes a text."""
    return application(
        applicant={**applicant(number), "national_id": national_id},
        employment={"employer_orgnr": "974760673", "position": canary("stilling", number)},
        hidden=number >= len(FATES),
        recruited_by=canary("verver", number),
        additional_information=canary("notat", number),
    )


def texts(person: dict[str, Any]) -> set[str]:
    """Return every value that tells who somebody is."""
    plain = {value for value in person.values() if isinstance(value, str)}
    address = person.get("address", {})
    return plain | {address[name] for name in ("line1", "city") if name in address}


def brought(number: int, national_id: str) -> set[str]:
    """Return the canaries of an application."""
    words = {canary(what, number) for what in ("stilling", "verver", "notat")}
    return texts(applicant(number)) | words | {national_id}


async def moves(life: Life, number: int) -> set[str]:
    """A member tells of another name, address, e-mail and telephone."""
    await life.approve()
    told = {"information": canary("svar", number), "applicant": applicant(number, "ny")}
    await life.update("supply_information", told)
    return texts(applicant(number, "ny")) | {canary("svar", number)}


async def is_rejected(life: Life, number: int) -> set[str]:
    """A caseworker says why not, in words of their own, which the letter repeats."""
    words = {"decision": "reject", "caseworker": "ola", "reason": canary("nei", number)}
    await life.update("decide_application", words)
    mail = (await life.mails())["member/application_rejected"]
    assert canary("nei", number) in str(mail.get_body(("plain",)))
    return {canary("nei", number)}


async def is_asked(life: Life, number: int) -> set[str]:
    """A caseworker asks, and the applicant answers."""
    words = {"reason": canary("spør", number), "caseworker": "ola"}
    await life.update("decide_application", {"decision": "request_information", **words})
    await life.update("supply_information", {"information": canary("svar", number)})
    return {canary("spør", number), canary("svar", number)}


async def is_refused(life: Life, number: int) -> set[str]:
    """The employer will not deduct, and says why; a leave is granted with its documentation."""
    hidden = (await life.state())["hidden"]
    await life.approve()
    told = {canary("attest", number), canary("grunn", number)}
    if not hidden:
        words = {"answer": "refused", "reason": canary("vilikke", number)}
        await life.update("answer_payroll_request", words)
        told.add(canary("vilikke", number))
    today = await life.today()
    leave = {"from_on": str(today), "until_on": str(today + timedelta(days=60)), "caseworker": "a"}
    words = {"documentation": canary("attest", number), "reason": canary("grunn", number)}
    await life.update("grant_leave", {**leave, **words})
    return told


async def leaves(life: Life, number: int) -> set[str]:
    """A member resigns, and says why; a caseworker takes it back, and says why."""
    await life.approve()
    today = str(await life.today())
    await life.update("resign", {"received_on": today, "reason": canary("flytter", number)})
    words = {"change": "resign", "effective_on": today, "reason": canary("likevel", number)}
    await life.update("withdraw_change", {**words, "caseworker": "ola"})
    return {canary("flytter", number), canary("likevel", number)}


FATES = (moves, is_rejected, is_asked, is_refused, leaves)

MANY = 2 * len(FATES)
"""Each once for all to see, and once hidden."""


async def lived(apply: Any, number: int, national_id: str) -> tuple[Life, set[str]]:
    """Let one of them live; return every canary that came in."""
    life = await apply(form(number, national_id))
    told = await FATES[number % len(FATES)](life, number)
    await life.settle()
    return life, told | brought(number, national_id)


def found(secrets: Iterable[str], data: bytes | str) -> set[str]:
    """Return which of the secrets stand in something."""
    text = data.decode(errors="replace") if isinstance(data, bytes) else data
    text = text.casefold()
    return {secret for secret in secrets if secret.casefold() in text}


def in_histories(secrets: set[str], histories: Iterable[WorkflowHistory]) -> set[str]:
    """Return which of the secrets stand in any event."""
    events = (event for history in histories for event in history.events)
    return found(secrets, b"\n".join(event.SerializeToString() for event in events))


async def tables_with(pool: asyncpg.Pool, secrets: set[str]) -> dict[str, set[str]]:
    """Return in which tables a secret stands, and which."""
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    hits: dict[str, set[str]] = {}
    for (table,) in tables:
        rows = await pool.fetch(f'SELECT string_agg(t::text, chr(10)) FROM "{table}" AS t')
        if which := found(secrets, rows[0][0] or ""):
            hits[table] = which
    return hits


async def test_who_members_are_stands_where_people_are_kept(apply, monkeypatch):
    """Nothing is left in a history that is left, nor in a table of anything else."""
    monkeypatch.setattr(deleting, "LEFT", 0)
    both = await asyncio.gather(*(lived(apply, n, synthetic_id()) for n in range(MANY)))
    garbage = await apply({"applicant": applicant(MANY), "notat": canary("rot", MANY)})
    both.append((garbage, texts(applicant(MANY)) | {canary("rot", MANY)}))
    lives, secrets = [life for life, _ in both], set().union(*(told for _, told in both))
    client, pool = garbage.skipper.client, garbage.pool

    before = [await runs_of(life.handle, client) for life in lives]
    assert in_histories(secrets, [run for runs in before for run in runs]) == secrets
    ids = [life.id for life in lives]
    await pool.execute("DELETE FROM runs_to_delete WHERE workflow_id <> ALL ($1)", ids)
    noted = await pool.fetch("SELECT workflow_id, run_id FROM runs_to_delete")
    assert {row["workflow_id"] for row in noted} == set(ids)
    assert await delete_runs(pool, client) == (len(noted), 0)
    await asyncio.gather(*(until_gone(client, *row.values()) for row in noted))
    left = [run for life in lives for run in await runs_of(life.handle, client)]
    assert in_histories(secrets, left) == set()
    assert (await lives[0].state())["member_number"]

    tables = await tables_with(pool, secrets)
    assert set(tables) <= KEPT, {name: tables[name] for name in set(tables) - KEPT}
    assert set().union(*tables.values()) == secrets

    named = "SELECT DISTINCT 'figures.' || jsonb_object_keys(figures) AS name FROM letters"
    assert {row["name"] for row in await pool.fetch(named)} <= DECLARED.keys()
