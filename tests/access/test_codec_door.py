"""`/encode` and `/decode` from a page of elsewhere, in odd JSON, by roles that may not: refused."""

import pytest

from tests.access.asking import URL, bearer

JSON = {"content-type": "application/json"}
PAYLOADS = b'{"payloads":[{"metadata":{"encoding":"anNvbi9wbGFpbg=="},"data":"e30="}]}'
ELSEWHERE = "http://127.0.0.1:9999"

REFUSED = [
    (403, JSON | {"origin": ELSEWHERE}, PAYLOADS),
    (403, JSON | {"origin": "null"}, PAYLOADS),
    (403, JSON | {"sec-fetch-site": "same-site"}, PAYLOADS),
    (403, JSON | {"sec-fetch-site": "cross-site"}, PAYLOADS),
    (415, {"content-type": "text/plain"}, PAYLOADS),
    (415, {"content-type": "text/plain", "origin": URL}, PAYLOADS),
    (415, {"content-type": "application/x-www-form-urlencoded"}, PAYLOADS),
    (400, JSON, b'{"payloads":[],"payloads":[]}'),
    (400, JSON, b'{"payloads":NaN}'),
    (400, JSON, b"[" * 100_000),
    (400, JSON, b'{"payloads":[{"metadata":{"\\ud800":"eA=="}}]}'),
]


@pytest.mark.parametrize("path", ["/encode", "/decode"])
async def test_only_our_pages_and_known_programs_ask(gateway, path):
    """What needs no preflight is refused, and so is the preflight of any other page."""
    client = gateway.client(headers=bearer("caseworker"))
    for status, headers, body in REFUSED:
        answer = await client.post(path, content=body, headers=headers)
        assert (answer.status_code, answer.headers["cache-control"]) == (status, "no-store")
        assert "access-control-allow-origin" not in answer.headers
    assert (await client.options(path, headers={"origin": ELSEWHERE})).status_code == 403
    fine = await client.post(path, content=PAYLOADS, headers=JSON)
    assert (fine.status_code, fine.headers["access-control-allow-origin"]) == (200, URL)
    assert (await gateway.client().post(path, content=PAYLOADS, headers=JSON)).status_code == 401
    nobody = bearer("no_role_of_ours") | JSON
    assert (await client.post(path, content=PAYLOADS, headers=nobody)).status_code == 403
