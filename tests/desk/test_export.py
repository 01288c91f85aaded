"""All that is held on somebody leaves the desk for the officer, who says why and is sure (R4)."""

import json

from activities.access import log as access_log
from tests.access.asking import PAGE, URL
from tests.membership.making import KARI, make_member

PATH = f"/desk/members/{KARI}/export"
OFFICER = "data_protection_officer"


async def looks(pool, subject):
    """What the log says of reading everything, the newest first."""
    entries = await access_log.read(pool, subject=subject)
    return [(one.workflow_id, one.why, one.refused) for one in entries if one.what != "desk/export"]


async def test_it_is_asked_why_and_whether_it_is_certain(at_desk, persistence):
    """Without either the page says what is missing; with both it is a file, and it is kept why."""
    await make_member(persistence, KARI)
    desk = await at_desk(OFFICER)
    assert f'href="{PATH}"' in (await desk.get(f"/desk/members/{KARI}")).text
    for missing, says in (
        ({"why": "", "certain": "yes"}, "Skriv hvorfor"),
        ({"why": "innsyn 17"}, "Fastslå først"),
        ({"why": "innsyn 17", "certain": "no"}, "Fastslå først"),
        ({"why": "innsyn\n17", "certain": "yes"}, "Skriv hvorfor"),
    ):
        page = await desk.post(PATH, **missing)
        assert (page.status_code, says in page.text) == (422, True)
    said = {"why": "innsyn 17", "certain": "yes"}
    page = await desk.post(PATH, **said)
    assert "Kari Nordmann" in page.text
    assert page.headers["content-disposition"] == 'attachment; filename="innsyn.html"'
    assert page.headers["cache-control"] == "no-store"
    as_json = await desk.post(PATH, **said, form="json")
    assert as_json.headers["content-disposition"] == 'attachment; filename="innsyn.json"'
    assert KARI in json.dumps(as_json.json()["tables"]["memberships"])
    kept = await looks(desk.pool, OFFICER)
    assert kept[:2] == [(KARI, "innsyn 17", None)] * 2
    # The page of the member was looked at too; what was refused handed nothing out.
    assert [one for one in kept[2:] if one[1]] == []


async def test_nobody_else_and_no_other_page_gets_it(at_desk, persistence):
    """Whose role does not read it, and whoever sends the form without its token."""
    await make_member(persistence, KARI)
    said = {"why": "innsyn 17", "certain": "yes"}
    for role in ("caseworker", "team_lead", "auditor", "insurance_office", "branch"):
        answer = await (await at_desk(role)).post(PATH, **said)
        assert (answer.status_code, "Kari" in answer.text) == (403, False), role
    desk = await at_desk(OFFICER)
    form = {**PAGE, "origin": URL}
    forged = await desk.browser.client.post(PATH, data={"csrf": "x", **said}, headers=form)
    assert (forged.status_code, "Kari" in forged.text) == (403, False)
    foreign = form | {"origin": "https://evil.example"}
    token = desk.browser.client.cookies["_csrf"]
    sent = {"csrf": token, **said}
    assert (await desk.browser.client.post(PATH, data=sent, headers=foreign)).status_code == 403
