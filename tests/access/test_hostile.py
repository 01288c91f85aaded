"""What a stranger with a keyboard tries: refused, without effect, and nobody else is stopped."""

import asyncio
from typing import Any

import pytest

from tests.access.asking import Gateway, bearer
from tests.access.test_serving import Served, served

__all__ = ["served"]

ONE = "membership-0b5e1f9c-41f5-4a51-9f0e-6f2d2a9b7c14"
OTHER = "membership-0b5e1f9c-41f5-4a51-9f0e-6f2d2a9b7c15"
WORKFLOWS = "/api/v1/namespaces/default/workflows"
SIGNAL = f"{WORKFLOWS}/{ONE}/signal/decide_application"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "QUERY"])
@pytest.mark.parametrize("path", [SIGNAL, "/export", "/desk/search", "/login", "/me"])
async def test_another_method_does_nothing(gateway: Gateway, method: str, path: str) -> None:
    """Nor tells a page of elsewhere that it may ask."""
    headers = bearer("team_lead") | JSON | {"origin": "http://127.0.0.1:8233"}
    answer = await gateway.client().request(method, path, headers=headers)
    assert answer.status_code in {403, 404, 405, 415}
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "said",
    [
        {"x-http-method-override": "POST"},
        {"x-method-override": "POST"},
        {"x-original-url": f"{WORKFLOWS}/{ONE}/terminate"},
        {"x-rewrite-url": f"{WORKFLOWS}/{ONE}/terminate"},
        {"x-forwarded-host": "evil.example"},
        {"x-forwarded-prefix": "/evil"},
        {"forwarded": "host=evil.example"},
        {"grpc-metadata-authorization": "Bearer x"},
        {"temporal-namespace": "temporal-system"},
    ],
)
async def test_a_header_makes_no_other_request_of_it(gateway: Gateway, said: Any) -> None:
    """Whatever else a header claims, it is the request that its first line says."""
    path = f"{WORKFLOWS}/{ONE}/query/state"
    answer = await gateway.client().post(path, json={}, headers=bearer("auditor") | said)
    assert answer.json()["reason"] == "upstream_unavailable"
    answer = await gateway.client().get(SIGNAL, headers=bearer("team_lead") | said)
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_allowed")
    assert "evil" not in str(answer.headers)


@pytest.mark.parametrize(
    "path",
    [
        f"/api/v1/namespaces/temporal-system/workflows/{ONE}/query/state",
        f"/api/v1/namespaces/default%2F..%2Ftemporal-system/workflows/{ONE}/query/state",
        f"/api/v1/namespaces/default/workflows/{ONE}/query/state/",
        f"/api/v1//namespaces/default/workflows/{ONE}/query/state",
        f"/api/v1/namespaces/default/workflows/{ONE};x=1/query/state",
        f"/api/v1/namespaces/DEFAULT/workflows/{ONE}/query/state",
        f"/namespaces/default/workflows/{ONE}/query/state",
        "/api/v1/namespaces/default/batch-operations/all",
        "/api/v1/namespaces/default/batch-operations/all/stop",
        "/api/v1/namespaces/default/schedules/dues-run",
        "/api/v1/namespaces/default/worker-deployments/x/set-current-version",
        "/api/v1/namespaces/default/activities-deprecated/complete",
        "/api/v1/namespaces/default/search-attributes",
        "/api/v1/namespaces",
        "/temporal.api.workflowservice.v1.WorkflowService/TerminateWorkflowExecution",
    ],
)
async def test_no_other_call_is_reached(gateway: Gateway, path: str) -> None:
    """Other namespaces, batches, schedules, versions, and Temporal's gRPC by its names."""
    answer = await gateway.client().post(path, json={}, headers=bearer("team_lead"))
    assert answer.status_code in {400, 403, 404, 405}, answer.text


@pytest.mark.parametrize(
    "kind",
    ["application/grpc", "application/grpc-web", "application/grpc-web+proto",
     "application/grpc-web-text", "application/json, text/plain", "application/jsonx",
     'text/plain; charset="application/json"', "application/csp-report", ""],
)  # fmt: skip
async def test_only_json_is_json(gateway: Gateway, kind: str) -> None:
    """What a browser sends without asking, and what Temporal would take as gRPC."""
    headers = bearer("team_lead") | {"content-type": kind}
    answer = await gateway.client().post(SIGNAL, content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (415, "wrong_content_type")


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.example/", "//evil.example", "/%5cevil.example", "/\\evil.example",
     "/%0d%0aSet-Cookie:%20a=b", "javascript:alert(1)", "/\r\nX: y", "http:evil.example"],
)  # fmt: skip
async def test_a_login_leads_nowhere_else(gateway: Gateway, wanted: str) -> None:
    """Wherever an address asks to be led after the login, it is a page here, and one header."""
    browser = gateway.browser()
    begun = await browser.client.get("/login", params={"next": wanted}, follow_redirects=False)
    assert "evil" not in begun.headers["location"]
    page = await browser.log_in("caseworker")
    for answer in (*page.history, page):
        assert answer.url.host == "127.0.0.1"
        assert "x" not in answer.headers
        assert "a" not in answer.cookies


async def test_a_session_that_somebody_else_planted_is_not_taken(gateway: Gateway) -> None:
    """Whoever logs in has another session than the cookie that was there before."""
    browser, planted = gateway.browser(), gateway.browser()
    await planted.log_in("auditor")
    before = planted.client.cookies["medlemsflyt"]
    browser.client.cookies.set("medlemsflyt", before, domain="127.0.0.1")
    await browser.client.get("/login?again")
    await browser.log_in("caseworker")
    assert before not in {cookie.value for cookie in browser.client.cookies.jar}
    assert "caseworker" in (await browser.client.get("/me")).text
    assert (await planted.client.get("/me")).status_code == 401, "given up, it is over everywhere"


@pytest.mark.parametrize("host", ["[", "[::1", "127.0.0.1]:8233", "[::g]"])
async def test_a_host_that_is_none_is_refused(gateway: Gateway, host: str) -> None:
    """With our headers and a sentence, as any other that is not ours."""
    answer = await gateway.client().get("/login", headers={"host": host})
    assert (answer.status_code, answer.json()["reason"]) == (421, "wrong_host")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"[" + b"{}," * 4_999 + b"{}]", (400, "several_arguments")),
        (b'["' + b"a" * 256 * 1024 + b'"]', (413, "too_big")),
        # A blank is put behind each comma on the way.
        (b"[[" + b"1," * 99_999 + b"1]]", (413, "too_big")),
        (b"[1e999]", (400, "unreadable")),
    ],
)
@pytest.mark.parametrize("what", ["signal", "update"])
async def test_what_no_worker_could_pass_on_is_not_sent(
    gateway: Gateway, what: str, said: bytes, found: Any
) -> None:
    """A workflow that is handed more than it may answer with stands still for good."""
    body = b'{"input":' + said + b"}"
    if what == "update":
        body = b'{"request":{"input":{"args":' + said + b"}}}"
    path = f"{WORKFLOWS}/{ONE}/{what}/decide_application"
    answer = await gateway.client().post(path, content=body, headers=bearer("team_lead") | JSON)
    assert (answer.status_code, answer.json()["reason"]) == found


SMUGGLED = f"POST {SIGNAL} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def requests(served: Served) -> dict[str, bytes]:
    """What each reader on the way may read as something else."""
    head = served.head
    return {
        "two lengths": head + b"Content-Length: 0\r\nContent-Length: 60\r\n\r\n" + SMUGGLED,
        "a list of lengths": head + b"Content-Length: 0, 60\r\n\r\n" + SMUGGLED,
        "a length with a sign": head + b"Content-Length: +2\r\n\r\n{}",
        "chunks and a length": head
        + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
        + SMUGGLED,
        "chunks of another name": head + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        "two encodings": head + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
        "a blank before the colon": head + b"Content-Length : 60\r\n\r\n" + SMUGGLED,
        "a header on two lines": head + b"X: y\r\n Content-Length: 60\r\n\r\n" + SMUGGLED,
        "a control character": head + b"X: y\x00z\r\n\r\n",
        "two hosts": head + b"Host: evil.example\r\n\r\n",
        "another host in the first line": head.replace(
            b"POST /decode", b"POST http://evil.example/decode"
        )
        + b"Content-Length: 2\r\n\r\n{}",
        "a tunnel": head.replace(b"POST /decode", b"CONNECT evil.example:443") + b"\r\n",
        "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n",
        "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "a websocket": head.replace(b"POST /decode", b"GET /api/v1/settings")
        + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        + b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        "HTTP/2 over the line": head.replace(b"POST /decode", b"GET /api/v1/settings")
        + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n",
    }


REFUSALS = {b"400", b"401", b"403", b"404", b"405", b"408", b"415", b"421", b"501"}


async def test_what_is_read_in_two_ways_is_not_read(served: Served) -> None:
    """Smuggled, upgraded, of another host: one refusal at most, and never a second request.

    Whoever comes after is answered.
    """
    said = requests(served)
    answers = await asyncio.gather(*(served.answered(each) for each in said.values()))
    statuses = {
        name: [line.split()[1] for line in found.split(b"\r\n") if line.startswith(b"HTTP/1")]
        for name, found in zip(said, answers, strict=True)
    }
    wrong = {n: got for n, got in statuses.items() if len(got) > 1 or not set(got) <= REFUSALS}
    assert not wrong
    assert (await served.answered(served.well)).startswith(b"HTTP/1.1 200")
