"""Every role before every message, query, start and call of the gateway, one table for each.

The tables are written here once more, and not read from the product's: who changes one sees here
for whom. In the order of the roles; a hyphen for whoever is refused.
"""

import asyncio
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from http import HTTPStatus

import asyncpg
import pytest

from activities.membership.activities import Persistence
from schemas.access.roles import MAY_QUERY, MAY_SEND, MAY_START, Operation
from schemas.names import WorkflowType
from tests.access.asking import Gateway, bearer, opened, settings
from tests.access.conftest import NOWHERE
from tests.dues.lives import life
from tests.dues.making import joins
from tests.shared.test_names import EXAMPLES
from workers.gateway.permissions import OPERATIONS

ROLES = {
    "C": "caseworker",
    "T": "team_lead",
    "I": "insurance_office",
    "B": "branch",
    "A": "auditor",
    "O": "data_protection_officer",
    "S": "system",
    "V": "service",
    "N": "nobody",
}
"""The last two are in no token: who says so has no role."""

MESSAGES: Mapping[str, Mapping[str, str]] = {
    "Membership": {
        "decide_application": "CT-------",
        "supply_information": "CT----S--",
        "withdraw_application": "CT----S--",
        "record_insurance_notice": "--I------",
        "request_reservation_form": "CTI---S--",
        "reserve_insurance": "--I------",
        "enroll_insurance": "--I------",
        "record_payment": "------S--",
        "choose_payment": "CT----S--",
        "answer_payroll_request": "CT----S--",
        "change_employment": "CT----S--",
        "change_category": "CT----S--",
        "report_pension": "CT----S--",
        "set_hidden": "CT----S--",
        "grant_leave": "CT-------",
        "withdraw_change": "CT----S--",
        "resign": "CT----S--",
        "report_arrears": "---------",
        "record_death": "CT-------",
        "reopen": "CT-------",
        "request_erasure": "-----O---",
        "end_duplicate": "---------",
        "reprice": "---------",
        "messages_seen": "CT-------",
    },
    "DeductionSettlement": {"decide_deduction": "CT-------", "look": "---------"},
    "Erasure": {"look_again": "-----O---"},
    "EventDelivery": {"look_again": "---------"},
    "Mailing": {"look_again": "---------"},
}
"""By type of workflow and message: who may send it."""

PAGE = "__temporal_workflow_metadata"
LOOK = "CT--AO---"
QUERIES: Mapping[str, Mapping[str, str]] = {
    "Membership": {
        "state": "CTIbAOS--",
        "explain": LOOK,
        "forecast": LOOK,
        "preview": "CTI---S--",
        PAGE: "CTI-AO---",
    },
    "DeductionSettlement": {"state": LOOK, PAGE: LOOK},
    "Erasure": {"state": LOOK, PAGE: LOOK},
    **{
        name: {"progress": LOOK, PAGE: LOOK}
        for name in ("ArrearsRun", "Audit", "DuesRun", "Mailing", "Repricing", "YearEndStatements")
    },
    **{
        name: {PAGE: LOOK}
        for name in ("BankImport", "DeductionReport", "DirectDebitRun", "EventDelivery",
                     "OnSchedule", "PriceAnnouncement", "Retention")
    },
}  # fmt: skip
"""By type and query: who is answered; ``b``: a branch, of its own who are not hidden."""

STARTS = {
    "Membership": "CT----S--",
    "ArrearsRun": "-T-------",
    "Audit": "-T--A----",
    "BankImport": "-T----S--",
    "DeductionReport": "-T----S--",
    "DeductionSettlement": "---------",
    "DirectDebitRun": "-T-------",
    "DuesRun": "-T-------",
    "Erasure": "-----O---",
    "EventDelivery": "---------",
    "Mailing": "---------",
    "OnSchedule": "---------",
    "PriceAnnouncement": "---------",
    "Repricing": "-T-------",
    "Retention": "-T-------",
    "YearEndStatements": "-T-------",
}
"""By type: who may begin one."""

LISTS = "CTI-AO---"
READS: Mapping[str, str] = {
    "": LISTS,
    "?query=WorkflowType%3D%27Membership%27": LISTS,
    "/{id}": "CTI-AOS--",
    "/{id}/history": LOOK,
    "/{id}/history-reverse": LOOK,
}
"""Below a namespace's workflows: who reads it."""

ENDS = {
    "terminate": "-T-------",
    "cancel": "-T-------",
    "reset": "-T-------",
    "pause": "---------",
    "unpause": "---------",
}
"""What is done to a workflow from outside."""

BESIDE = {
    "workflow-count": LISTS,
    "archived-workflows": LISTS,
    "schedules": LISTS,
    "schedules/dues-run": LISTS,
    "batch-operations": LISTS,
    "schedules/dues-run/matching-times": "---------",
    "workflow-rules": "---------",
    "activities/membership-x": "---------",
}
"""Below a namespace: who reads it."""


@dataclass(frozen=True)
class Member:
    """Members of whom a branch sees one: of its own, of another, hidden, and of no branch."""

    own: str
    others: tuple[str, ...]


@pytest.fixture
async def members(shared_pool: asyncpg.Pool) -> Member:
    """The four."""
    persistence = Persistence(shared_pool, allow_synthetic_ids=True)
    made = [
        await joins(persistence, life(branch=branch, hidden=hidden))
        for branch, hidden in (("OSLO", False), ("BERGEN", False), ("OSLO", True), (None, False))
    ]
    return Member(made[0], tuple(made[1:]))


@pytest.fixture
async def everybody(its_pool: asyncpg.Pool, gateway: Gateway) -> Gateway:
    """A gateway in front of nothing that counts nobody's requests."""
    made = settings(ui_url=NOWHERE, http_api_url=NOWHERE, rate="1000000/minute")
    return replace(opened(its_pool, made), address=gateway.address)


async def allowed(gateway: Gateway, method: str, path: str, body: object = None) -> str:
    """Return by role whether a call goes on, to where nothing answers."""
    async with gateway.client() as client:
        answers = await asyncio.gather(
            *(
                client.request(method, path, json=body, headers=headers_of(role))
                for role in ROLES.values()
            )
        )
    got = [(answer.status_code, answer.json()["reason"]) for answer in answers]
    assert set(got) <= {(502, "upstream_unavailable"), (403, "not_allowed")}, (path, got)
    return "".join(
        letter if status == HTTPStatus.BAD_GATEWAY else "-"
        for letter, (status, _) in zip(ROLES, got, strict=True)
    )


@cache
def headers_of(role: str) -> dict[str, str]:
    """Return who asks: the branch is Oslo's."""
    return bearer(role, branch="OSLO")


WORKFLOWS = "/api/v1/namespaces/default/workflows"


def test_the_tables_are_whole() -> None:
    """Each type, message, query and operation that there is stands in one."""
    assert {kind: set(row) for kind, row in MAY_SEND.items()} == {
        WorkflowType(kind): set(row) for kind, row in MESSAGES.items()
    }
    assert {kind: set(row) for kind, row in MAY_QUERY.items()} == {
        WorkflowType(kind): set(row) for kind, row in QUERIES.items()
    }
    assert set(MAY_START) == {WorkflowType(kind) for kind in STARTS}
    assert set(OPERATIONS.values()) | {Operation.DELETE} == set(Operation)


def calls() -> Iterator[tuple[str, str, object, str]]:
    """Yield each call, and who may make it."""
    for kind, messages in MESSAGES.items():
        for message, who in messages.items():
            one = f"{WORKFLOWS}/{EXAMPLES[kind]}"
            yield "POST", f"{one}/signal/{message}", {"input": [{}]}, who
        update = {"request": {"meta": {"updateId": "u"}, "input": {"args": [{}]}}}
        yield "POST", f"{one}/update/{message}", update, who
        # With a start no message goes: it would begin what nobody may begin.
        yield "POST", f"{one}/signal-with-start/{message}", {}, "-" * len(ROLES)
    for kind, queries in QUERIES.items():
        for query, who in queries.items():
            path = f"{WORKFLOWS}/{EXAMPLES[kind]}/query/{query}"
            # Nobody is this member yet: no branch sees them.
            yield "POST", path, {}, who.replace("b", "-")
    for kind, who in STARTS.items():
        body = {"workflowType": {"name": kind}, "input": [{}]}
        yield "POST", f"{WORKFLOWS}/{EXAMPLES[kind]}", body, who
    for rest, who in READS.items():
        yield "GET", WORKFLOWS + rest.format(id=EXAMPLES["Membership"]), None, who
    for what, who in ENDS.items():
        yield "POST", f"{WORKFLOWS}/{EXAMPLES['Membership']}/{what}", {}, who
    for what, who in BESIDE.items():
        yield "GET", f"/api/v1/namespaces/default/{what}", None, who


async def test_whoever_may_gets_through_and_nobody_else(everybody: Gateway) -> None:
    """By every call that there is; who reads writes nothing."""
    wrong = {}
    for method, path, body, who in calls():
        if (found := await allowed(everybody, method, path, body)) != who:
            wrong[f"{method} {path}"] = (found, who)
    assert not wrong


async def test_a_branch_sees_its_own(everybody: Gateway, members: Member) -> None:
    """Who stands in its token's branch and is not hidden, by one query alone."""
    own = f"{WORKFLOWS}/{members.own}"
    assert await allowed(everybody, "POST", f"{own}/query/state", {}) == "CTIBAOS--"
    for other in members.others:
        path = f"{WORKFLOWS}/{other}/query/state"
        assert await allowed(everybody, "POST", path, {}) == "CTI-AOS--"
    for query, who in QUERIES["Membership"].items():
        if query != "state":
            assert await allowed(everybody, "POST", f"{own}/query/{query}", {}) == who
    for rest, who in READS.items():
        if "{id}" in rest:
            path = WORKFLOWS + rest.format(id=members.own)
            assert await allowed(everybody, "GET", path) == who


async def test_the_codec_and_the_export(everybody: Gateway, members: Member) -> None:
    """Who encrypts, who decrypts what is plain anyway, and who has everything handed out."""

    async def asked(path: str, body: object) -> str:
        found = ""
        for letter, role in ROLES.items():
            headers = bearer(role, branch="OSLO", sub=uuid.uuid4().hex)
            answer = await everybody.client().post(path, json=body, headers=headers)
            assert answer.status_code in {200, 403}, (path, answer.text)
            found += letter if answer.status_code == 200 else "-"
        return found

    plain = {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "e30="}]}
    assert await asked("/encode", plain) == "CTIBAOS--"
    assert await asked("/decode", plain) == "CTI-AO---"
    assert await asked("/export", {"whose": members.own, "why": "innsyn"}) == "-----O---"
