"""`claims` and `mandates` on the running service (P9)."""

import stat
from datetime import timedelta
from pathlib import Path

import netsgiro

from activities.membership.activities import Persistence
from schemas.payments.kid import invoice_kid
from schemas.shared.calendar import bank_day_from
from tests import clock
from tests.arrears.making import owe
from tests.dues.making import joins


async def test_a_day_of_claims(cli, shared_pool, tmp_path):
    """P9: one file, the owner's alone, the same bytes again; who has signed is listed."""
    today = clock.today()
    member = await joins(Persistence(shared_pool, allow_synthetic_ids=True))
    number = await shared_pool.fetchval(
        "SELECT member_number FROM memberships WHERE membership_id = $1", member
    )
    kid, due_on = invoice_kid(number, 900001), bank_day_from(today + timedelta(days=20))
    await shared_pool.execute(
        "INSERT INTO mandates VALUES ($1, $2, $3, true, $4, NULL, $4)",
        kid[:9],
        member,
        kid,
        today - timedelta(days=1),
    )
    await owe(shared_pool, member, due_on, kid=kid)
    folder = tmp_path / "bank"
    done = (await cli("claims", "--out", str(folder), "--json")).json
    assert done["claims"] >= 1
    path = Path(done["written"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    sent = netsgiro.parse(content.decode("iso-8859-1"))
    claimed = {one.kid: one.date for each in sent.assignments for one in each.transactions}
    assert claimed[kid] == due_on
    again = await cli("claims", "--out", str(folder))
    assert again.code == 0
    assert path.read_bytes() == content
    path.write_bytes(b"something else")
    other = await cli("claims", "--out", str(folder), "--on", str(today))
    assert other.code != 0
    assert "is another file" in other.err
    none = await cli("claims", "--on", str(today - timedelta(days=40)))
    assert "There is no file" in none.out
    assert kid in (await cli("mandates", member)).out
    [listed] = (await cli("mandates", member, "--json")).json["mandates"]
    assert (listed["kid"], listed["ended_on"]) == (kid, None)
