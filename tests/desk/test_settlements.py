"""Settlements at the desk: each line with what became of it, and what somebody decides of one."""

import json
from datetime import date

import httpx2
import pytest

from activities.database.pool import open_pool
from activities.database.roles import GATEWAY, as_role
from activities.shared.tasks import open_task
from schemas.access.update_ids import as_sent
from tests.access.asking import opened, settings
from tests.desk.conftest import NOWHERE
from tests.payments.making import TODAY, payer
from tests.payments.test_allocation import make_list

LIST = "00000007-1"
LINE = f"/desk/lists/{LIST}/{{member}}"


@pytest.fixture
async def kari(pool, persistence):
    """A member on a list, of whose line somebody is to decide."""
    found = await payer(pool, persistence)
    await make_list(pool, found, LIST)
    async with pool.acquire() as connection:
        await open_task(
            connection,
            key=f"deduction/{LIST}/{found.membership_id}",
            kind="deduction_undecided",
            says="look",
            membership_id=found.membership_id,
            today=TODAY,
        )
    return found


class Settles(httpx2.AsyncBaseTransport):
    """Temporal's HTTP API, as far as a settlement answers a decision."""

    def __init__(self):
        self.asked = []
        self.outcome = {}

    async def handle_async_request(self, request):
        """Keep what is asked, and answer; pages of the UI there are none."""
        if request.method == "GET":
            raise httpx2.ConnectError("nothing is there")
        self.asked.append((request.url.path, json.loads(await request.aread())))
        return httpx2.Response(200, json={"outcome": self.outcome})


@pytest.fixture
def settlement():
    """What the gateway reaches in Temporal's place."""
    return Settles()


@pytest.fixture
async def gateway(database_url, letters, settlement):
    """A gateway whose desk reaches a settlement."""
    async with await open_pool(as_role(database_url, GATEWAY), size=4) as pool:
        made = settings(ui_url=NOWHERE, http_api_url=NOWHERE)
        yield opened(pool, made, letters=letters, upstream=settlement)


async def test_a_line_is_decided_from_its_task(at_desk, kari, settlement):
    """From the case to the list to the line; who decides is whoever is logged in."""
    desk, line = await at_desk(), LINE.format(member=kari.membership_id)
    assert f'href="{line}"' in (await desk.get(f"/desk/cases/{kari.membership_id}")).text
    assert f'<a href="/desk/lists/{LIST}">{LIST}</a>' in (await desk.get("/desk/settlements")).text
    shown = (await desk.get(f"/desk/lists/{LIST}")).text
    assert f'href="{line}"' in shown
    assert "Ikke besvart" in shown
    asked = await desk.get(line)
    assert "495,00 kr kreves av medlemmet med en faktura" in asked.text
    for form, says in (
        ({"reason": "x"}, "Velg hva som skal skje"),
        ({"decision": "nonsense", "reason": "x"}, "Velg hva som skal skje"),
        ({"decision": "invoice", "reason": " "}, "Skriv hvorfor"),
    ):
        wrong = await desk.post(line, **form)
        assert (wrong.status_code, says in wrong.text) == (409, True)
    assert settlement.asked == []
    settlement.outcome = {
        "success": {"payloads": [{
            "metadata": {"encoding": "anNvbi9wbGFpbg=="},
            "data": "eyJhcHBsaWVkIjogdHJ1ZX0=",  # {"applied": true}
        }]}
    }  # fmt: skip
    done = await desk.post(line, decision="invoice", reason="ikke trukket", update_id="desk-7")
    assert "Linjen er avgjort" in done.text
    [(path, body)] = settlement.asked
    assert path.endswith("/deduction-settlement-00000007-2026-12/update/decide_deduction")
    assert as_sent(body["request"]["meta"]["updateId"]) == "desk-7"


async def test_what_a_settlement_refuses_is_said(at_desk, kari, settlement):
    """Beside what was filled in; of a member who is not on the list there is no line."""
    desk, line = await at_desk(), LINE.format(member=kari.membership_id)
    settlement.outcome = {"failure": {"message": "is settled already"}}
    wrong = await desk.post(line, decision="write_off", reason="lite")
    assert wrong.status_code == 409
    assert "is settled already" in wrong.text
    assert "lite</textarea>" in wrong.text
    assert (await desk.get("/desk/lists/L-9")).status_code == 404


async def test_branches_and_leavers_line_by_line(at_desk, pool, kari):
    """By whom the books are open to; a leaver's name leads to what is paid out."""
    day = date(2026, 11, 1)
    await pool.execute(
        "INSERT INTO branch_settlements SELECT code, $1, 500, 500, '2026-12-01', 'ola'"
        " FROM branches WHERE code = 'OSLO'",
        day,
    )
    await pool.execute("INSERT INTO branch_settlement_lines VALUES ('OSLO', $1, $1, 500)", day)
    await pool.execute(
        "INSERT INTO final_settlements VALUES ($1, 1, '2026-12-01', 900, 'member')",
        kari.membership_id,
    )
    shown = (await (await at_desk("team_lead")).get("/desk/settlements")).text
    assert f'href="/desk/members/{kari.membership_id}/refund"' in shown
    assert "11.2026: 5,00 kr" in shown
    assert "Avdelingene" not in (await (await at_desk()).get("/desk/settlements")).text
