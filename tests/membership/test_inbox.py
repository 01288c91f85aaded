"""`medlemsflyt inbox`: what waits for the caseworkers, in order, under opaque ids."""

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from tests.life import PATIENCE_SECONDS, application
from workers.cli.membership import urgency
from workers.cli.membership.bookmarks import BOOKMARKS, REJECTED
from workers.search_attributes import SEARCH_ATTRIBUTES
from workflows.shared.search_attributes import AWAITING_ROLES, REVIEW_DUE, WAITING_SINCE


async def until(cli, condition, *flags):
    """Return the inbox once it shows what it will soon show: visibility lags a moment behind."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            ran = await cli("inbox", "--json", *flags)
            assert (ran.code, ran.err) == (0, "")
            if condition(ran.json):
                return ran.json
            await asyncio.sleep(0.2)


def ids(rows):
    """Return the memberships of some rows."""
    return [row.get("membership_id") or row["id"] for row in rows]


async def test_all_that_waits_is_listed_until_it_is_dealt_with(cli, apply):
    """A review, a rejected message, a rejected intake, a payment in suspense; then less."""
    review, wrong = await apply(application()), await apply("hello")
    paid = await apply(application())
    await paid.update(
        "record_payment",
        {"reference": f"B-{uuid.uuid4()}", "amount_ore": 7, "paid_on": "2026-01-02"},
    )
    await review.signal("decide_application", {"decision": "aprove"})
    found = await until(
        cli,
        lambda inbox: (
            {review.id, paid.id} <= set(ids(inbox["waiting"]))
            and review.id in ids(inbox["rejected_messages"])
        ),
    )
    assert wrong.id not in ids(found["waiting"])
    intake = next(r for r in found["rejected_intakes"] if r["membership_id"] == wrong.id)
    assert intake["faults"] == ["the message must be a JSON object"]
    payment = next(r for r in found["suspended_payments"] if r["membership_id"] == paid.id)
    assert payment["amount_ore"] == 7
    await review.approve()
    await until(cli, lambda inbox: review.id not in ids(inbox["waiting"]))


async def test_the_first_due_comes_first(cli, client):
    """Ordered by ReviewDue, what has none last; only what waits for the role is listed."""

    async def start(due, role="caseworker"):
        pairs: list[SearchAttributePair[Any]] = [SearchAttributePair(AWAITING_ROLES, [role])]
        if due is not None:
            pairs.append(SearchAttributePair(REVIEW_DUE, due))
        return await client.start_workflow(
            "Membership",
            id=f"membership-{uuid.uuid4()}",
            task_queue="nobody-works-here",
            search_attributes=TypedSearchAttributes(pairs),
        )

    now = datetime.now(UTC)
    late, never, soon = [
        await start(due) for due in (now + timedelta(days=9), None, now + timedelta(days=1))
    ]
    other = await start(now, "employer")
    wanted = [soon.id, late.id, never.id]
    found = await until(cli, lambda inbox: set(wanted) <= set(ids(inbox["waiting"])))
    assert [name for name in ids(found["waiting"]) if name in wanted] == wanted
    assert other.id not in ids(found["waiting"])
    employer = await until(
        cli, lambda inbox: other.id in ids(inbox["waiting"]), "--role", "employer"
    )
    assert not set(wanted) & set(ids(employer["waiting"]))
    for handle in (late, never, soon, other):
        await handle.terminate()


async def test_however_many_wait_they_come_in_order(client, monkeypatch):
    """Asked for two at a time: first due first, then who has waited longest, then who began."""
    monkeypatch.setattr(urgency, "PAGE", 2)
    now = datetime.now(UTC)

    async def start(due=None, since=None):
        pairs: list[SearchAttributePair[Any]] = [
            SearchAttributePair(key, now + timedelta(days=days))
            for key, days in ((REVIEW_DUE, due), (WAITING_SINCE, since))
            if days is not None
        ]
        return await client.start_workflow(
            "Membership",
            id=f"membership-{uuid.uuid4()}",
            task_queue="nobody-works-here",
            search_attributes=TypedSearchAttributes(pairs),
        )

    begun = [
        await start(due, since)
        for due, since in ((9, -1), (None, -7), (1, -2), (None, None), (1, -3), (5, -1), (None, -9))
    ]
    query = f"WorkflowId IN ({', '.join(repr(one.id) for one in begun)})"
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await client.count_workflows(query)).count < len(begun):
            await asyncio.sleep(0.2)
    found = [each.id async for each in urgency.in_order(client, query)]
    assert found == [begun[n].id for n in (4, 2, 5, 0, 6, 1, 3)]
    for handle in begun:
        await handle.terminate()


async def test_a_long_list_is_shown_by_its_first_page(cli, shared_pool):
    """One payment of two or more, and of how many; the stream ends at the limit as well."""
    for _ in range(2):
        await shared_pool.execute(
            "INSERT INTO payments (reference, amount_ore, paid_on) VALUES ($1, 7, '1999-12-31')",
            f"B-{uuid.uuid4()}",
        )
    shown = (await cli("inbox", "--limit", "1")).out
    assert "Payments without an invoice: 1 of " in shown
    found = (await cli("inbox", "--json", "--limit", "1")).json
    assert len(found["suspended_payments"]) == 1
    assert found["counts"]["suspended_payments"] >= 2
    left = await cli("suspense", "--limit", "1")
    assert "In suspense: 1\n" in left.out
    assert "There is more" in left.out
    assert len((await cli("suspense", "--json", "--limit", "1")).json["suspense"]) == 1


async def test_a_settlement_that_waits_is_listed_beside_the_memberships(cli, client):
    """A deduction list that no rule settles is the caseworkers' as well."""
    handle = await client.start_workflow(
        "DeductionSettlement",
        id=f"deduction-settlement-{uuid.uuid4()}",
        task_queue="nobody-works-here",
        search_attributes=TypedSearchAttributes(
            [SearchAttributePair(AWAITING_ROLES, ["caseworker"])]
        ),
    )
    await until(cli, lambda inbox: handle.id in ids(inbox["waiting"]))
    await handle.terminate()


async def test_money_of_nobody_is_listed_without_a_link(cli, shared_pool):
    """A payment in a file of the bank may name no member at all."""
    reference = f"B-{uuid.uuid4()}"
    await shared_pool.execute(
        "INSERT INTO payments (reference, amount_ore, paid_on) VALUES ($1, 777, '2026-11-20')",
        reference,
    )
    found = json.loads((await cli("inbox", "--json")).out)
    [payment] = [r for r in found["suspended_payments"] if r["reference"] == reference]
    assert (payment["membership_id"], payment["ui_url"]) == (None, None)
    assert reference in (await cli("inbox")).out


async def test_the_link_is_the_same_list_in_the_ui(cli, client, apply):
    """Percent-encoded, without ORDER BY; the server itself understands the filter."""
    life = await apply(application())
    found = await until(cli, lambda inbox: life.id in ids(inbox["waiting"]))
    parts = urlsplit(found["url"])
    assert parts.path == "/namespaces/default/workflows"
    assert not set(' "=>') & set(parts.query.removeprefix("query="))
    query = parse_qs(parts.query)["query"][0]
    assert "ORDER BY" not in query
    assert life.id in [execution.id async for execution in client.list_workflows(query)]


async def test_people_see_tables_without_a_name_of_anybody(cli, apply):
    """Opaque ids, never a person, an address or an employer."""
    life, wrong = await apply(application()), await apply(application(category="boss"))
    await until(cli, lambda inbox: life.id in ids(inbox["waiting"]))
    ran = await cli("inbox")
    assert (ran.code, ran.err) == (0, "")
    for part in ("Waiting for the caseworker", life.id, "under_review", wrong.id, "category: must"):
        assert part in ran.out
    for secret in ("Kari", "example.org", "Eksempel", "974760673"):
        assert secret not in ran.out


def test_the_attributes_are_those_the_server_knows():
    """A filter on a name the server does not know would be refused."""
    assert SearchAttributeKey.for_int("RejectedMessages").name in REJECTED
    assert {"RejectedMessages", "AwaitingRoles", "ReviewDue"} <= set(SEARCH_ATTRIBUTES)


async def test_every_bookmark_is_a_list_the_server_knows(cli, client):
    """Each filter is answered, and its address carries it whole."""
    printed = (await cli("inbox", "--bookmarks", "--json")).json["bookmarks"]
    assert set(printed) == set(BOOKMARKS)
    for name, query in BOOKMARKS.items():
        await client.count_workflows(query)
        assert parse_qs(urlsplit(printed[name]).query)["query"] == [query]
