"""Who may open which page, whose member they see, and what of it is kept; no Temporal answers."""

import pytest

from activities.access import log as access_log
from schemas.desk.forms import FORMS
from tests.membership.making import KARI, OLA, approval, intake, make_member, standing

OF_OSLO = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0003"
NOBODY = "membership-5f0c2f4e-0d4b-4d5e-9a0e-7d1f4f6f0009"

ROLES = ("caseworker", "team_lead", "insurance_office", "branch", "auditor",
         "data_protection_officer")  # fmt: skip

SEES = {
    "/desk/search": "CTIBAO",
    "/desk/rules": "CTIBAO",
    f"/desk/members/{OF_OSLO}": "CTIBAO",
    f"/desk/members/{KARI}": "CTI-AO",
    f"/desk/members/{OLA}": "CTI-AO",
    f"/desk/members/{NOBODY}": "------",
    "/desk/members/nonsense": "------",
    f"/desk/members/{KARI}/forms/moved": "CT----",
    f"/desk/members/{KARI}/forms/resign": "CT----",
    f"/desk/members/{KARI}/forms/record_insurance_notice": "--I---",
    f"/desk/members/{KARI}/forms/record_payment": "------",
    f"/desk/members/{KARI}/forms/reprice": "------",
    f"/desk/members/{KARI}/forms/nonsense": "------",
    f"/desk/members/{KARI}/letters/nonsense": "------",
    f"/desk/members/{KARI}/export": "-----O",
    f"/desk/members/{NOBODY}/export": "------",
}
"""Page by page who sees it, in the order of the roles; whoever does not has a hyphen."""


@pytest.fixture
async def three(persistence):
    """Kari of no branch, Ola hidden, and one of Oslo."""
    await make_member(persistence, KARI)
    other = {"name": "Ola Nordmann", "email": "ola@example.org"}
    await persistence.receive_application(intake(OLA, **other))
    hidden = approval(OLA, standing=standing(hidden=True), letters=())
    await persistence.record_decision(hidden)
    await persistence.receive_application(
        intake(OF_OSLO, name="Åse Næss", email="aase@example.org")
    )
    await persistence.record_decision(approval(OF_OSLO, standing=standing(branch="OSLO")))


@pytest.mark.usefixtures("three")
async def test_who_sees_which_page(at_desk):
    """By the tables of roles, and of a branch its own members who are not hidden."""
    seen = dict.fromkeys(SEES, "")
    for role, letter in zip(ROLES, "CTIBAO", strict=True):
        desk = await at_desk(role)
        for path in SEES:
            answer = await desk.get(path)
            assert answer.status_code in {200, 403, 404}, (role, path, answer.text)
            seen[path] += letter if answer.status_code == 200 else "-"
    assert seen == SEES


@pytest.mark.usefixtures("three")
async def test_a_page_names_nobody_outside_of_it(at_desk):
    """Neither its title nor its address, nor the log of who looked."""
    desk = await at_desk()
    page = await desk.get(f"/desk/members/{KARI}")
    assert "<h1>Kari Nordmann</h1>" in page.text
    title = page.text.split("<title>")[1].split("</title>")[0]
    assert title == "Medlem – Medlemsflyt"
    [entry, *_] = await access_log.read(desk.pool, subject="caseworker")
    assert (entry.act, entry.what, entry.workflow_id) == ("read", "desk/member", KARI)


@pytest.mark.usefixtures("three")
async def test_what_is_refused_is_kept(at_desk):
    """A branch that asks for another's member, answered as if there were none."""
    desk = await at_desk("branch")
    page = await desk.get(f"/desk/members/{OLA}")
    nobody = await desk.get(f"/desk/members/{NOBODY}")
    assert (page.status_code, page.text) == (nobody.status_code, nobody.text)
    entries = await access_log.read(desk.pool, subject="branch", refused=True)
    assert {entry.refused for entry in entries} == {"not_found"}


@pytest.mark.usefixtures("three")
async def test_the_page_has_what_the_database_knows(at_desk):
    """While no workflow answers: who, what is owed, letters and the log, and that it is silent."""
    desk = await at_desk()
    page = (await desk.get(f"/desk/members/{KARI}")).text
    for words in ("Saksgangen svarer ikke", "495,00", "Velkommen", "Søknaden ble godkjent", "KID"):
        assert words in page
    flag = "Skjult medlem.</strong>"
    assert flag not in page
    assert flag in (await desk.get(f"/desk/members/{OLA}")).text


@pytest.mark.usefixtures("three")
async def test_who_may_not_know_is_not_told_who_is_hidden(at_desk):
    """The insurance office sees the member, and neither the flag nor what is owed."""
    desk = await at_desk("insurance_office")
    page = (await desk.get(f"/desk/members/{OLA}")).text
    assert "Ola Nordmann" in page
    assert "Skjult" not in page
    assert "Fakturaer" not in page


@pytest.mark.usefixtures("three")
async def test_a_letter_is_read_as_it_reads(at_desk, pool):
    """With what goes with it, by whom it goes to; only of the member in the address."""
    letter = await pool.fetchval(
        "SELECT message_id FROM letters WHERE membership_id = $1"
        " AND template = 'application_received'",
        KARI,
    )
    desk = await at_desk()
    page = await desk.get(f"/desk/members/{KARI}/letters/{letter}")
    assert "kari@example.org" in page.text
    assert "Kari Nordmann" in page.text
    assert (await desk.get(f"/desk/members/{OLA}/letters/{letter}")).status_code == 404
    auditor = await at_desk("auditor")
    path = f"/desk/members/{KARI}/letters/{letter}"
    assert (await auditor.get(path)).status_code == 200
    assert (await auditor.post(path)).status_code == 403


@pytest.mark.usefixtures("three")
async def test_a_form_says_what_is_missing(at_desk):
    """Beside the field and at the top, by words that lead to it; nothing is sent."""
    desk = await at_desk()
    path = f"/desk/members/{KARI}/forms/employer"
    form = await desk.get(path)
    assert "Ola Saksbehandler" in form.text
    sent = await desk.post(path, effective_on="2026-02-31", employer_orgnr="123", step="look")
    assert sent.status_code == 422
    assert "må være en dato" in sent.text
    assert 'href="#effective_on"' in sent.text
    assert sent.text.count("er ikke et gyldig organisasjonsnummer") == 2
    assert 'value="123"' in sent.text


@pytest.mark.usefixtures("three")
async def test_a_form_is_sent_once_it_is_confirmed(at_desk):
    """A resignation without the tick is asked for again, and no answer is no success."""
    desk = await at_desk()
    path = f"/desk/members/{KARI}/forms/resign"
    assert FORMS["resign"].final
    given = {"received_on": "2026-11-22", "update_id": "desk-1"}
    asked = await desk.post(path, **given, step="send")
    assert asked.status_code == 422
    assert "Kryss av" in asked.text
    assert "følgene kan ikke vises" in asked.text
    sent = await desk.post(path, **given, step="send", confirmed="yes")
    assert sent.url.query == b"done=unknown"
    assert "uvisst om meldingen ble tatt imot" in sent.text
