"""Pages of the desk, through the whole gateway: the inbox and the search over a large union.

Each is asked a hundred times, one after the other; printed is what 95 of them stayed below.
"""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import httpx2

from activities.database.pool import load_queries
from activities.letters.settings import NotificationSettings
from benchmarks.scratch import scratch_database
from workers.gateway.app import Parts, application
from workers.gateway.identity import kept
from workers.gateway.identity.provider import signed
from workers.gateway.settings import GatewaySettings
from workers.notifications import printing_of
from workers.settings import resolve_settings

_SQL = load_queries(Path(__file__).with_name("sql") / "desk.sql")

MEMBERS, CASES, TIMES = 400_000, 1_000, 100
URL = "http://127.0.0.1:8233"

SEARCHES = {
    "full_name": "Kari Nordmann7",
    "beginning_of_a_name": "kar nordm",
    "common_first_name": "kari",
    "name_and_birth_date": "kari nord 12.04.1986",
    "birth_date": "12.04.1986",
    "member_number": "00012345",
    "email": "nr12345@example.org",
    "employer_of_many": "974760673",
}


async def main(members: int) -> None:
    """Fill a union, and ask its pages."""
    async with scratch_database(4) as (owner, pool):
        await owner.execute("SET session_replication_role = replica")
        await _SQL.add_people(owner, members=members)
        await _SQL.add_memberships(owner, members=members)
        await _SQL.add_applications(owner, cases=CASES // 2)
        await _SQL.add_tasks(owner, cases=CASES // 2)
        await owner.execute("RESET session_replication_role")
        await owner.execute("VACUUM ANALYZE")
        print(f"desk_members {members}")
        print(f"desk_cases {CASES}")
        await _measure(pool)


async def _measure(pool: asyncpg.Pool) -> None:
    identity = kept.make()
    settings = replace(
        GatewaySettings(
            issuer=f"{URL}/identity",
            client_secret=identity.client_secret,
            session_key=identity.session_key,
        ),
        rate="1000000/minute",
    )
    app_parts = Parts(pool=pool, namespace="default", identity=identity, letters=_letters())
    itself = _Itself()
    itself.app = application(settings, replace(app_parts, outside=itself))
    about = {"sub": "ola", "name": "Ola", "roles": ["caseworker"]}
    token = signed(identity, f"{URL}/identity", settings.audience, about)
    headers = {"authorization": f"Bearer {token}", "accept": "text/html", "origin": URL}
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=itself.app), base_url=URL, headers=headers
    ) as client:
        await _p95("desk_inbox_first_page", lambda: client.get("/desk/inbox"))
        later = "/desk/inbox?whose=all&after=2026-11-10.membership-0"
        await _p95("desk_inbox_later_page", lambda: client.get(later))
        await _p95("desk_money", lambda: client.get("/desk/money"))
        await _p95("desk_settlements", lambda: client.get("/desk/settlements"))
        for name, text in SEARCHES.items():
            form = {"text": text}
            await _p95(f"desk_search_{name}", _posting(client, form))


def _posting(
    client: httpx2.AsyncClient, form: dict[str, str]
) -> Callable[[], Awaitable[httpx2.Response]]:
    return lambda: client.post("/desk/search", data=form)


async def _p95(name: str, ask: Callable[[], Awaitable[httpx2.Response]]) -> None:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = await ask()
        took.append(time.perf_counter() - began)
        assert answer.status_code == 200, answer.text
    took.sort()
    print(f"{name}_p50_ms {took[TIMES // 2] * 1000:.1f}")
    print(f"{name}_p95_ms {took[TIMES * 95 // 100 - 1] * 1000:.1f}")


def _letters() -> NotificationSettings:
    return printing_of(resolve_settings(None, environ={}))


class _Itself(httpx2.AsyncBaseTransport):
    """Leads the gateway to the provider that it serves itself."""

    app: object = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self.app)  # type: ignore[arg-type]
        return await transport.handle_async_request(request)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else MEMBERS))
