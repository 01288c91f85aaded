"""Every role before every address that the gateway answers itself: the API's, the desk's, the rest.

Which addresses there are is read off the application: a new one fails here until it is judged.
"""

import asyncio
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Any

import asyncpg
import pytest

from activities.letters.settings import NotificationSettings
from activities.membership.activities import Persistence
from schemas.desk.forms import FORMS
from schemas.membership.messages import MESSAGES as TAKEN
from tests.access.asking import Gateway, opened, settings
from tests.access.conftest import ADDRESSES, NOWHERE
from tests.access.test_everything import MESSAGES, ROLES, headers_of
from tests.dues.lives import life
from tests.dues.making import joins

ONE = "/api/v1/memberships/{membership_id}"
DESK = "/desk/members/{membership_id}"
LETTER = f"{DESK}/letters/{{message_id}}"
CASE = "/desk/cases/{membership_id}"

READERS, DECIDERS, MEMBERS = "CT--AO---", "CT-------", "CTIbAO---"
JUDGED: Mapping[str, str] = {
    "GET /api/v1/memberships": "CT--AOS--",
    "POST /api/v1/memberships": "CT----S--",
    "GET /api/v1/events": "CT--AOS--",
    f"GET {ONE}": "CTIbAOS--",
    f"GET {ONE}/explain": READERS,
    f"GET {ONE}/forecast": READERS,
    f"GET {ONE}/documents": READERS,
    f"GET {ONE}/documents/{{document_id}}": READERS,
    f"GET {ONE}/documents/{{document_id}}/files/{{nth}}": READERS,
    **{
        f"POST {ONE}/messages/{name}": who
        for name, who in MESSAGES["Membership"].items()
        # What has no content is a signal of the Temporal UI alone.
        if set(who) - {"-"} and name in TAKEN
    },
    "GET /desk": MEMBERS.replace("b", "B"),
    "GET /desk/search": MEMBERS.replace("b", "B"),
    "POST /desk/search": MEMBERS.replace("b", "B"),
    "GET /desk/rules": MEMBERS.replace("b", "B"),
    # A page that there is not.
    "GET /desk/{path:path}": MEMBERS.replace("b", "B"),
    "GET /desk/inbox": "CT--A----",
    "GET /desk/figures": READERS,
    "GET /desk/figures/{name}.csv": READERS,
    "GET /desk/figures/{name}.svg": READERS,
    "GET /desk/money": "CT--A----",
    "GET /desk/settlements": "CT--A----",
    "GET /desk/lists/{number}": "CT--A----",
    "GET /desk/lists/{number}/{membership_id}": "CT--A----",
    "POST /desk/lists/{number}/{membership_id}": DECIDERS,
    "GET /desk/payments/{task_id:int}": "CT--A----",
    "POST /desk/payments/{task_id:int}": DECIDERS,
    "GET /desk/refunds/{refund_id}": "CT--A----",
    "POST /desk/refunds/{refund_id}": DECIDERS,
    f"GET {DESK}/refund": "CT--A----",
    f"POST {DESK}/refund": DECIDERS,
    f"GET {CASE}": "CT--A----",
    f"POST {CASE}": DECIDERS,
    f"GET {DESK}": MEMBERS,
    f"GET {LETTER}": READERS,
    f"POST {LETTER}": DECIDERS,
    f"GET {LETTER}/files/{{nth:int}}": READERS,
    # With a form's name in its place: what its message may be sent by, of whom the desk shows.
    f"GET {DESK}/forms/{{form}}": "of forms",
    f"POST {DESK}/forms/{{form}}": "of forms",
    f"GET {DESK}/export": "-----O---",
    f"POST {DESK}/export": "-----O---",
    "POST /export": "-----O---",
    "POST /encode": "CTIBAOS--",
    "POST /decode": "CTI-AO---",
}
"""By address: whoever is not refused, in the order of the roles; ``b``: of its own branch alone."""

ANYBODYS = {
    # A message that there is not, which is said to whoever has a role.
    f"POST {ONE}/messages/{{name}}": "known",
    "GET /api/v1/openapi.json": "document",
    "GET /desk/static/{digest}/{name}": "stylesheet",
    "GET /healthz": "that it runs",
    "GET /login": "logging in",
    "GET /login/callback": "logging in",
    "GET /logged-out": "logging out",
    "GET /me": "the caller's own name, by session",
    "POST /logout": "the caller's own session",
    "OPTIONS /encode": "what a browser asks first",
    "OPTIONS /decode": "what a browser asks first",
    **{
        f"{method} /identity/{rest}": "of the local provider: by password or client"
        for method, rest in (
            ("GET", ".well-known/openid-configuration"),
            ("GET", "jwks"),
            ("GET", "authorize"),
            ("POST", "authorize"),
            ("POST", "token"),
            ("GET", "logout"),
        )
    },
}
"""What tells nothing of anybody, and why."""

PASSED_ON = {"GET /api/v1/settings", "GET /api/{path:path}", "POST /api/{path:path}",
             "GET /{path:path}"}  # fmt: skip
"""What goes to Temporal: see test_everything."""


def addresses(routes: Iterable[Any]) -> Iterator[str]:
    """Yield each method with its address, also of the routers within."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from addresses(inner.routes)
        else:
            for method in sorted(route.methods - {"HEAD"}):
                yield f"{method} {route.path}"


@pytest.fixture
async def doors(its_pool: asyncpg.Pool, letters: NotificationSettings) -> Gateway:
    """A gateway with a desk and an API, in front of nothing, that counts nobody's requests."""
    made = settings(ui_url=NOWHERE, http_api_url=NOWHERE, rate="1000000/minute")
    found = opened(its_pool, made, letters=letters)
    return replace(found, address=f"192.0.2.{next(ADDRESSES)}")


async def test_every_address_is_judged(doors: Gateway) -> None:
    """A route that is added, or goes, is added here, or goes."""
    there = list(addresses(doors.app._app.app.routes))
    assert len(there) == len(set(there)), "of two routes at one address one is never reached"
    assert set(there) == {*JUDGED, *ANYBODYS, *PASSED_ON}


BODIES: Mapping[str, object] = {
    "/export": {"whose": f"membership-{uuid.UUID(int=0)}", "why": "innsyn"},
    "/encode": {"payloads": []},
    "/decode": {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "e30="}]},
}


async def let_in(doors: Gateway, method: str, path: str, *, form: bool) -> str:
    """Return by role whether an address does anything for it."""
    said: dict[str, Any] = {}
    if method == "POST":
        said = {"data": {"text": "x"}} if form else {"json": BODIES.get(path, {})}
    async with doors.client(headers={"idempotency-key": str(uuid.uuid4())}) as client:
        answers = await asyncio.gather(
            *(
                client.request(method, path, headers=headers_of(role), **said)
                for role in ROLES.values()
            )
        )
    got = [answer.status_code for answer in answers]
    assert HTTPStatus.INTERNAL_SERVER_ERROR not in got, (method, path)
    return "".join(
        "-" if status == HTTPStatus.FORBIDDEN else letter
        for letter, status in zip(ROLES, got, strict=True)
    )


def asked(address: str, membership_id: str) -> Iterator[tuple[str, str, str]]:
    """Yield what stands for an address: method, path, and who may."""
    method, _, path = address.partition(" ")
    path = path.replace("{membership_id}", membership_id).replace("{nth:int}", "0")
    for name, value in (
        ("message_id", "x"),
        ("document_id", "x"),
        ("nth", "0"),
        ("task_id:int", "0"),
        ("path:path", "nothing"),
        ("refund_id", "x"),
        ("number", "x"),
        ("name", "arrears"),
    ):
        path = path.replace(f"{{{name}}}", value)
    if "{form}" not in path:
        yield method, path, JUDGED[address]
        return
    # One form of each message: by that it is judged.
    for form in {form.message: form for form in FORMS.values()}.values():
        sends = MESSAGES["Membership"][form.message]
        who = "".join(
            one if one in sends else "-" for one in MEMBERS.upper() if one in ROLES or one == "-"
        )
        yield method, path.replace("{form}", form.key), who


async def test_whoever_may_is_let_in_and_nobody_else(
    doors: Gateway, shared_pool: asyncpg.Pool
) -> None:
    """By every address, about a member of the branch; a look at another's finds nothing."""
    persistence = Persistence(shared_pool, allow_synthetic_ids=True)
    own = await joins(persistence, life(branch="OSLO"))
    wrong = {}
    for address in JUDGED:
        for method, path, who in asked(address, own):
            form = path.startswith("/desk")
            found = await let_in(doors, method, path, form=form)
            if found != who.upper():
                wrong[f"{method} {path}"] = (found, who)
    assert not wrong


async def test_a_branch_finds_nobody_elses_members(
    doors: Gateway, shared_pool: asyncpg.Pool
) -> None:
    """A hidden one of its own, and another branch's: answered as what there is not."""
    persistence = Persistence(shared_pool, allow_synthetic_ids=True)
    ids = [
        await joins(persistence, life(branch="OSLO", hidden=True)),
        await joins(persistence, life(branch="BERGEN")),
        f"membership-{uuid.uuid4()}",
    ]
    for address, who in JUDGED.items():
        if "b" not in who:
            continue
        method, _, path = address.partition(" ")
        told = set()
        for membership_id in ids:
            async with doors.client(headers=headers_of("branch")) as client:
                answer = await client.request(
                    method, path.replace("{membership_id}", membership_id)
                )
            told.add((answer.status_code, answer.text.replace(membership_id, "")))
        [(status, _)] = told
        assert status == HTTPStatus.NOT_FOUND, address
