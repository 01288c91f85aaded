"""What the gateway turns away before anybody looks at it, and that it says why."""

import asyncio
import json
import time
from collections import Counter

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from activities.access import log as access_log
from tests.access.asking import IDENTITY, PAGE, URL, bearer, opened, settings, token

MEMBERSHIP = "membership-0b5e1f9c-41f5-4a51-9f0e-6f2d2a9b7c11"
SIGNAL = f"/api/v1/namespaces/default/workflows/{MEMBERSHIP}/signal/decide_application"
QUERY = f"/api/v1/namespaces/default/workflows/{MEMBERSHIP}/query/state"
HISTORY = f"/api/v1/namespaces/default/workflows/{MEMBERSHIP}/history"


async def posted(gateway, path=SIGNAL, *, body=b"{}", **headers):
    """The status and the reason of what is posted, with hyphens for underscores in headers."""
    given = {"content-type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await gateway.client().post(path, content=body, headers=given)
    return answer.status_code, answer.json()["reason"]


async def test_nobody_gets_in_without_a_login(gateway):
    """A page leads to the login and back, everything else says what is missing."""
    for path in (HISTORY, "/api/v1/settings", "/_app/start.js", "/me"):
        answer = await gateway.client().get(path)
        assert (answer.status_code, answer.json()["reason"]) == (401, "not_logged_in"), path
    answer = await gateway.client().get("/namespaces/default/workflows?query=a%3D1", headers=PAGE)
    assert answer.status_code == 303
    assert answer.headers["location"] == (
        "/login?next=%2Fnamespaces%2Fdefault%2Fworkflows%3Fquery%3Da%253D1"
    )
    for path in (SIGNAL, QUERY, "/decode", "/encode"):
        assert await posted(gateway, path) == (401, "not_logged_in")


@pytest.mark.parametrize(
    ("headers", "refusal"),
    [
        ({"host": "evil.example"}, (421, "wrong_host")),
        ({"host": "evil.example:8233"}, (421, "wrong_host")),
        ({"origin": "https://evil.example"}, (403, "wrong_origin")),
        ({"origin": "null"}, (403, "wrong_origin")),
        ({"origin": "http://127.0.0.1:8234"}, (403, "wrong_origin")),
        ({"sec_fetch_site": "cross-site"}, (403, "wrong_origin")),
        ({"content_type": "text/plain"}, (415, "wrong_content_type")),
        ({"content_type": "application/x-www-form-urlencoded"}, (415, "wrong_content_type")),
        ({"content_type": "application/json-patch+json"}, (415, "wrong_content_type")),
        ({"content_type": "multipart/form-data; boundary=x"}, (415, "wrong_content_type")),
    ],
)
async def test_what_a_page_from_elsewhere_can_send_is_refused(gateway, headers, refusal):
    """Rebinding, a foreign origin and what needs no preflight: refused, even with a good token."""
    assert await posted(gateway, **bearer("caseworker"), **headers) == refusal


async def test_a_second_address_answers_the_codec_alone(shared_pool):
    """`temporal --codec-endpoint` goes there; a page that was led there finds nothing else."""
    other = "127.0.0.1:8234"
    gateway = opened(shared_pool, settings(codec_url=f"http://{other}"))
    for path, found in (("/decode", 401), ("/encode", 401), (SIGNAL, 421), ("/logout", 421)):
        assert (await posted(gateway, path, host=other))[0] == found, path
    for path in ("/login", "/me", "/", HISTORY):
        answer = await gateway.client().get(path, headers={"host": other})
        assert answer.status_code == 421, path


async def test_a_body_has_a_limit(gateway):
    """Two megabytes, whether the header says how long it is or not."""
    big = b'{"input":["' + b"a" * (2 * 1024 * 1024) + b'"]}'
    assert await posted(gateway, body=big, **bearer("caseworker")) == (413, "too_big")

    async def in_pieces():
        for _ in range(33):
            yield b"a" * 65_536

    given = {"content-type": "application/json", **bearer("caseworker")}
    answer = await gateway.client().post(SIGNAL, content=in_pieces(), headers=given)
    assert (answer.status_code, answer.json()["reason"]) == (413, "too_big")


@pytest.mark.parametrize(
    "body",
    [b"[]", b"not JSON", b'{"input":{"payloads":7}}', b'{"input":[],"input":[1]}', b"\xff",
     b'{"input":' + b"[" * 5_000 + b"]" * 5_000 + b"}", b'{"input":[NaN]}'],
)  # fmt: skip
async def test_what_is_no_request_is_said_to_be_none(gateway, body):
    """No JSON, no object, a name twice, a depth that no reader survives: 400, and nothing else."""
    assert await posted(gateway, body=body, **bearer("caseworker")) == (400, "unreadable")


def forged() -> dict[str, str]:
    """Tokens that are none: what is wrong with each, and the token."""
    now = int(time.time())
    good = {"iss": f"{URL}/identity", "aud": "medlemsflyt", "sub": "x", "roles": ["caseworker"],
            "exp": now + 600}  # fmt: skip
    own, other = ECKey.import_key(IDENTITY.key), ECKey.generate_key("P-256")
    kid = IDENTITY.key["kid"]

    def made(key=own, alg="ES256", **changes):
        claims = {k: v for k, v in {**good, **changes}.items() if v is not None}
        return jwt.encode({"alg": alg, "kid": kid}, claims, key, algorithms=[alg])

    public = json.dumps(own.as_dict(private=False)).encode()
    unsigned = made().split(".")
    head = "eyJhbGciOiJub25lIn0"
    return {
        "another key": made(other),
        "another issuer": made(iss="https://evil.example"),
        "another audience": made(aud="someone"),
        "an id token": token("caseworker", audience="medlemsflyt-gateway"),
        "expired": made(exp=now - 120),
        "no expiry": made(exp=None),
        "no subject": made(sub=None),
        "a subject of two lines": made(sub="a\nb"),
        "not yet": made(nbf=now + 600),
        "signed with the public key": made(OctKey.import_key(public), "HS256"),
        "unsigned": f"{head}.{unsigned[1]}.",
        "cut short": made()[:-4],
        "garbage": "garbage",
        "empty": "",
        "long": "a" * 9_000,
    }


@pytest.mark.parametrize("wrong", forged())
async def test_a_token_that_is_none_opens_nothing(gateway, wrong):
    """Forged, expired, for another, unsigned: each is refused in the same words."""
    refused = await posted(gateway, authorization=f"Bearer {forged()[wrong]}")
    assert refused == (401, "invalid_token")


async def test_clocks_may_differ_by_a_minute(gateway):
    """A token that has been over for half a minute still counts; one for two does not (above)."""
    claims = {"exp": int(time.time()) - 30}
    own = ECKey.import_key(IDENTITY.key)
    made = {"iss": f"{URL}/identity", "aud": "medlemsflyt", "sub": "x", "roles": ["system"]}
    given = jwt.encode({"alg": "ES256", "kid": IDENTITY.key["kid"]}, made | claims, own)
    assert await posted(gateway, authorization=f"Bearer {given}") == (403, "not_allowed")


@pytest.mark.parametrize("cookie", ["", "x", "e30=.abc.def", "%00", "a" * 5_000, "null"])
async def test_a_cookie_that_is_not_ours_is_none(gateway, cookie):
    """Garbage in the cookie is nobody, and no fault."""
    assert await posted(gateway, cookie=f"medlemsflyt={cookie}") == (401, "not_logged_in")


async def test_too_much_is_refused(shared_pool):
    """Each caller has a share of its own, and is told to wait."""
    gateway = opened(shared_pool, settings(rate="2/hour", ui_url="http://127.0.0.1:9"))
    found = [(await posted(gateway, **bearer("auditor", sub="one")))[1] for _ in range(3)]
    assert found == ["not_allowed", "not_allowed", "too_many"]
    assert (await posted(gateway, **bearer("auditor", sub="two")))[1] == "not_allowed"


async def test_passwords_cannot_be_tried_fast(gateway):
    """An address has so many attempts a minute, however they fail."""
    form = {"origin": URL, "content-type": "application/x-www-form-urlencoded"}
    client = gateway.client()
    # At once: one after the other they take over a minute where the machine is busy.
    answers = await asyncio.gather(
        *(client.post("/identity/token", content=b"", headers=form) for _ in range(121))
    )
    assert Counter(answer.status_code for answer in answers) == {400: 120, 429: 1}


async def test_every_answer_has_our_headers(gateway):
    """Also a refusal's: nobody frames it, sniffs it, or learns where its reader comes from."""
    for path in ("/healthz", HISTORY):
        headers = (await gateway.client().get(path)).headers
        assert "frame-ancestors 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"


async def test_what_is_behind_is_down(gateway):
    """A readable page in both languages for people, JSON for programs."""
    browser = gateway.browser()
    await browser.log_in("caseworker")
    page = await browser.client.get("/namespaces/default/workflows", headers=PAGE)
    assert page.status_code == 502
    assert "Temporal svarer ikke akkurat nå" in page.text
    assert "Temporal does not answer just now" in page.text
    answer = await gateway.client().get(HISTORY, headers=bearer("caseworker"))
    assert (answer.status_code, answer.json()["reason"]) == (502, "upstream_unavailable")


@pytest.mark.parametrize(
    ("role", "path", "allowed"),
    [
        ("auditor", SIGNAL, False),
        ("branch", SIGNAL, False),
        ("system", SIGNAL, False),
        ("insurance_office", SIGNAL, False),
        ("service", SIGNAL, False),
        ("caseworker", SIGNAL, True),
        ("caseworker", SIGNAL.replace("decide_application", "reprice"), False),
        ("caseworker", SIGNAL.replace("decide_application", "record_payment"), False),
        ("system", SIGNAL.replace("decide_application", "record_payment"), True),
        ("caseworker", SIGNAL.replace("decide_application", "unknown"), False),
        ("caseworker", SIGNAL.replace(MEMBERSHIP, "membership-Kari"), False),
        ("caseworker", SIGNAL.replace("default", "other"), False),
        ("caseworker", QUERY.replace("query/state", "terminate"), False),
        ("team_lead", QUERY.replace("query/state", "terminate"), True),
        ("team_lead", QUERY.replace("query/state", "signal-with-start/resign"), False),
        ("team_lead", "/api/v1/namespaces/default/batch-operations/x", False),
        ("team_lead", "/api/v1/namespaces/default/schedules/dues-run", False),
        ("team_lead", "/api/v1/namespaces", False),
        ("team_lead", "/api/v1/nexus/endpoints", False),
        ("branch", QUERY, False),  # it is nobody's member yet
        ("auditor", QUERY, True),
    ],
)
async def test_the_table_of_roles_holds(gateway, role, path, allowed):
    """Whoever may is passed on, to where nothing answers here; nobody else comes so far."""
    found = await posted(gateway, path, **bearer(role))
    assert found == ((502, "upstream_unavailable") if allowed else (403, "not_allowed"))


async def test_everything_is_kept_before_it_happens(gateway):
    """Who, with which roles, what about whom, why, and the refusal; an odd id is not kept."""
    why = {"x-medlemsflyt-reason": "called about an invoice"}
    one = bearer("caseworker", sub="kept-1", name="Ola")
    await gateway.client().get(HISTORY, headers=one | why)
    await posted(gateway, SIGNAL.replace("decide_application", "reprice"), **one)
    await gateway.client().get(HISTORY.replace(MEMBERSHIP, "membership-Kari"), headers=one)
    odd, refused, read = await access_log.read(gateway.pool, subject="kept-1")
    assert (read.name, read.roles, read.act, read.what) == (
        "Ola", ("caseworker",), "read", "GetWorkflowExecutionHistory",
    )  # fmt: skip
    assert (read.workflow_id, read.why, read.refused) == (
        MEMBERSHIP, "called about an invoice", None,
    )  # fmt: skip
    assert (refused.act, refused.what, refused.refused) == ("message", "reprice", "not_allowed")
    assert odd.workflow_id is None


async def test_the_log_is_never_rewritten(shared_pool):
    """Not even by its own database role."""
    for statement in ("DELETE FROM access_log", "UPDATE access_log SET subject = 'x'",
                      "TRUNCATE access_log"):  # fmt: skip
        with pytest.raises(Exception, match="append-only"):
            await shared_pool.execute(statement)
