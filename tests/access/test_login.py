"""Logging in by the code flow with PKCE against a real provider, and out again."""

import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from activities.access import log as access_log
from tests.access.asking import IDENTITY, PAGE, URL, opened, settings
from tests.access.conftest import ADDRESSES, NOWHERE
from workers.errors import UserError
from workers.gateway.callers import caller_of
from workers.gateway.identity import kept
from workers.gateway.login import local_path
from workers.gateway.settings import gateway_settings

MEMBERSHIP = "membership-0b5e1f9c-41f5-4a51-9f0e-6f2d2a9b7c11"
QUERY = f"/api/v1/namespaces/default/workflows/{MEMBERSHIP}/query/state"


async def test_somebody_logs_in_and_out(gateway):
    """A session of its own, kept in the log; a cookie kept after the logout is worth nothing."""
    browser = gateway.browser()
    await browser.log_in("caseworker")
    me = await browser.client.get("/me", headers=PAGE)
    assert "Ola Saksbehandler" in me.text
    assert "caseworker" in me.text
    [cookie] = [c for c in browser.client.cookies.jar if c.name == "medlemsflyt"]
    assert cookie.has_nonstandard_attr("httponly")
    kept_cookie = cookie.value

    form = {**PAGE, "origin": URL}
    wrong = await browser.client.post("/logout", data={"csrf": "x"}, headers=form)
    assert wrong.status_code == 403
    csrf = browser.client.cookies["_csrf"]
    gone = await browser.client.post("/logout", data={"csrf": csrf}, headers=form)
    assert "Du er logget ut" in gone.text
    again = await gateway.client().get("/me", headers={"cookie": f"medlemsflyt={kept_cookie}"})
    assert again.status_code == 401
    out, into, *_ = await access_log.read(gateway.pool, subject="caseworker")
    assert [out.act, into.act] == ["logout", "login"]


async def test_somebody_who_is_logged_in_is_not_sent_round(gateway):
    """What is refused leads the UI to the login: it says so, and asks the provider only if told."""
    browser = gateway.browser()
    await browser.log_in("branch")
    refused = await browser.client.get("/login", headers=PAGE)
    assert (refused.status_code, "Rollen din får ikke se dette" in refused.text) == (403, True)
    again = await browser.client.get("/login?again", headers=PAGE)
    assert (again.status_code, "Brukernavn" in again.text) == (200, True)


async def test_a_wrong_password_opens_nothing(gateway):
    """The form says so in both languages."""
    client = gateway.client(follow_redirects=True)
    form = await client.get("/login", headers=PAGE)
    answer = await client.post(
        "/identity/authorize",
        data={**dict(form.url.params), "username": "caseworker", "password": "wrong"},
        headers={**PAGE, "origin": URL},
    )
    assert answer.status_code == 403
    assert "Feil brukernavn eller passord" in answer.text
    assert (await client.get("/me")).status_code == 401


async def back_from_provider(client, username="caseworker"):
    """Log somebody in, and return the address that the provider sends the browser back to."""
    form = await client.get("/login", follow_redirects=True, headers=PAGE)
    password = next(user.password for user in IDENTITY.users if user.username == username)
    answer = await client.post(
        "/identity/authorize",
        data={**dict(form.url.params), "username": username, "password": password},
        headers={**PAGE, "origin": URL},
    )
    return answer.headers["location"]


async def test_a_code_counts_once_and_for_its_browser(gateway):
    """Stolen, replayed or with another state, it logs nobody in."""
    client = gateway.client()
    back = await back_from_provider(client)
    stolen = await gateway.client().get(back, headers=PAGE)
    assert (stolen.status_code, "login_failed" in stolen.text) == (403, True)
    other = back.replace("state=", "state=x")
    assert (await client.get(other, headers=PAGE)).status_code == 403
    fresh = gateway.client()
    back = await back_from_provider(fresh)
    assert (await fresh.get(back, headers=PAGE)).status_code == 303
    assert (await fresh.get(back, headers=PAGE)).status_code == 403


async def test_the_provider_answers_our_gateway_alone(gateway):
    """Another redirect, no proof key, another client, a wrong verifier: nothing is given out."""
    client = gateway.client()
    form = await client.get("/login", headers=PAGE)
    asked = {k: v[0] for k, v in parse_qs(urlsplit(form.headers["location"]).query).items()}
    for changes in (
        {"redirect_uri": "https://evil.example/"},
        {"code_challenge_method": "plain"},
        {"code_challenge": ""},
        {"client_id": "other"},
    ):
        answer = await client.get("/identity/authorize", params=asked | changes)
        assert answer.status_code == 400
    back = await back_from_provider(client)
    code = parse_qs(urlsplit(back).query)["code"][0]
    given = {"grant_type": "authorization_code", "code": code, "code_verifier": "guessed",
             "redirect_uri": f"{URL}/login/callback"}  # fmt: skip
    auth = ("medlemsflyt-gateway", IDENTITY.client_secret)
    answer = await client.post("/identity/token", data=given, auth=auth)
    assert answer.json() == {"error": "invalid_grant"}


async def test_a_system_gets_a_token_for_its_secret(gateway):
    """Client credentials give a token with the role of systems, which lets it ask and no more."""
    client = gateway.client()
    given = {"grant_type": "client_credentials"}
    wrong = await client.post("/identity/token", data=given, auth=("system", "wrong"))
    assert wrong.json() == {"error": "invalid_client"}
    answer = await client.post(
        "/identity/token", data=given, auth=("system", IDENTITY.system_secret)
    )
    bearing = {"authorization": f"Bearer {answer.json()['access_token']}"}
    asked = await client.post(QUERY, json={}, headers=bearing)
    assert asked.json()["reason"] == "upstream_unavailable"
    history = await client.get(QUERY.replace("query/state", "history"), headers=bearing)
    assert history.json()["reason"] == "not_allowed"


async def test_a_browser_needs_its_csrf_token_for_a_write(gateway):
    """Without one, or with another session's, a login alone writes nothing."""
    browser, other = gateway.browser(), gateway.browser()
    await browser.log_in("caseworker")
    await other.log_in("caseworker")
    for csrf in ({}, {"x-csrf-token": "x"}, {"x-csrf-token": other.client.cookies["_csrf"]}):
        answer = await browser.client.post(QUERY, json={}, headers={"origin": URL, **csrf})
        assert answer.json()["reason"] == "csrf"
    answer = await browser.client.post(QUERY, json={}, headers=browser.csrf())
    assert answer.json()["reason"] == "upstream_unavailable"
    as_text = {"content-type": "text/plain;charset=UTF-8"}  # as the stock UI sends its JSON
    answer = await browser.client.post(QUERY, content=b"{}", headers=browser.csrf() | as_text)
    assert answer.json()["reason"] == "upstream_unavailable"
    other_page = browser.csrf() | as_text | {"origin": "https://evil.example"}
    answer = await browser.client.post(QUERY, content=b"{}", headers=other_page)
    assert answer.json()["reason"] == "wrong_origin"
    answer = await browser.client.post(QUERY, content=b"{}", headers={"origin": URL} | as_text)
    assert answer.json()["reason"] == "wrong_content_type"


async def test_whoever_has_no_role_stays_outside(shared_pool):
    """A group that is not mapped is no role; the page says whom to ask."""
    gateway = opened(shared_pool, settings(roles={"saksbehandlere": "caseworker"}))
    browser = gateway.browser()
    page = await browser.log_in("caseworker")
    assert page.status_code == 403
    assert "ingen rolle her" in page.text
    assert (await browser.client.get("/me")).status_code == 401


def test_groups_are_roles_as_they_are_mapped():
    """Also levels down, and as one text; nobody is given the service's own."""
    made = replace(
        settings(),
        roles_claim="realm_access.roles",
        roles={"saksbehandlere": "caseworker", "roboter": "service"},
    )
    claims = {"sub": "a1", "realm_access": {"roles": ["saksbehandlere", "roboter", 7, "x"]}}
    assert caller_of(claims, made).roles == {"caseworker"}
    flat = {"sub": "a1", "roles": "auditor service"}
    assert caller_of(flat, settings()).roles == {"auditor"}
    assert caller_of({"sub": "a1", "roles": {"auditor": 1}}, settings()).roles == set()


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "x", "/a\nb", "/\t/e"]
)
def test_a_login_leads_to_pages_of_ours_only(wanted):
    """Whatever an address asks for."""
    assert local_path(wanted) == "/"


async def test_a_browser_of_this_machine_is_sent_to_the_one_name(gateway):
    """A login counts for the configured name: the other local one leads to it."""
    given = {"host": "localhost:8233", **PAGE}
    answer = await gateway.client().get("/namespaces?x=1", headers=given)
    assert answer.headers["location"] == f"{URL}/namespaces?x=1"


def test_the_local_identity_is_its_owners_alone(tmp_path):
    """Made once, read again as it was, for the owner's eyes; another file is refused in words."""
    path = tmp_path / kept.FILE
    made, new = kept.ready(path)
    assert new
    assert kept.ready(path) == (made, False)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len({user.password for user in made.users}) == len(made.users) == 6
    path.write_text("{}")
    with pytest.raises(UserError, match="can't be read"):
        kept.load(path)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"MEDLEMSFLYT_IDENTITY_FILE": "/x"}, "IDENTITY_FILE is refused in production"),
        ({"MEDLEMSFLYT_GATEWAY_URL": "http://medlem.example.org"}, "must begin with https://"),
        ({"MEDLEMSFLYT_OIDC_ISSUER": "http://login.example.org"}, "must begin with https://"),
        ({"MEDLEMSFLYT_OIDC_AUDIENCE": "medlemsflyt-gateway"}, "must not be the client id"),
        ({"MEDLEMSFLYT_GATEWAY_KEY": "short"}, "at least 32"),
        ({"MEDLEMSFLYT_GATEWAY_URL": "https://x/path"}, "without a path"),
    ],
)
def test_production_refuses_what_a_developers_machine_may(changes, says):
    """Users of our own, unprotected addresses, and a token of a login taken for a system's."""
    with pytest.raises(UserError, match=says):
        gateway_settings(changes, production=True)


async def test_a_browser_that_was_left_standing_asks_for_a_login(gateway, monkeypatch):
    """Who asks for something now and then stays; a copy of an earlier cookie rests as well."""
    browser = gateway.browser()
    await browser.log_in("auditor")
    now = time.time()
    copied = browser.client.cookies["medlemsflyt"]
    for minutes, status in ((4, 200), (50, 200), (100, 200), (150, 200), (215, 401)):
        monkeypatch.setattr("workers.gateway.sessions.time.time", lambda at=now + minutes * 60: at)
        assert (await browser.client.get("/me")).status_code == status, minutes
        if minutes == 100:
            cookie = {"cookie": f"medlemsflyt={copied}"}
            assert (await gateway.client().get("/me", headers=cookie)).status_code == 401


async def test_a_name_is_not_tried_with_many_passwords(shared_pool):
    """From however many addresses, and for a name that nobody has as for one that somebody has."""
    own = opened(shared_pool, settings(ui_url=NOWHERE, http_api_url=NOWHERE))
    for name in ("branch", "nobody"):
        answers = []
        for _ in range(12):
            gateway = replace(own, address=f"192.0.2.{next(ADDRESSES)}")
            client = gateway.client(follow_redirects=True)
            form = await client.get("/login", headers=PAGE)
            said = {**dict(form.url.params), "username": name, "password": "wrong"}
            sent = await client.post(
                "/identity/authorize", data=said, headers={**PAGE, "origin": URL}
            )
            answers.append(sent.status_code)
        assert answers == [403] * 10 + [429] * 2
    refused = await own.browser().log_in("branch")
    assert refused.status_code == 429, "not even the right one, for as long"


async def test_ending_the_whole_day(gateway, monkeypatch):
    """A login is over after a working day, however often it was used."""
    browser = gateway.browser()
    await browser.log_in("auditor")
    monkeypatch.setattr("workers.gateway.sessions.time.time", lambda: 4_102_444_800.0)
    assert (await browser.client.get("/me")).status_code == 401
