"""The receiver of docs/events.md, as it stands there."""

import re
import threading
import time
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpcore2
import pytest

from activities.events.posting import Destination
from schemas.events.cloud_event import CloudEvent, EventData
from schemas.events.delivery import Trouble
from tests.events.receiver import AT_CRM, AT_CRM_2, SECRET
from tests.membership.making import TODAY

PAGE = Path(__file__).parents[2] / "docs/events.md"


@contextmanager
def served(monkeypatch):
    """Run what the page says, and yield its address."""
    monkeypatch.setenv("WEBHOOK_SECRET", SECRET)
    [code] = re.findall(r"(?ms)^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"))
    there: dict[str, Any] = {"__name__": "receiver"}
    exec(compile(code, "receiver.py", "exec"), there)
    there["Receiver"].log_message = lambda *_: None
    with ThreadingHTTPServer(("127.0.0.1", 0), there["Receiver"]) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


async def test_it_takes_what_is_ours_once(receiver, poster, monkeypatch, capsys):  # noqa: ARG001
    """One by one, in a batch and again; what another secret signed it refuses."""
    data = EventData(happened_on=TODAY)
    events = [
        CloudEvent(id=str(n), type=f"t{n}", subject="s", sequence="1", data=data) for n in range(3)
    ]
    with served(monkeypatch) as url:
        one, batch = Destination(url, (AT_CRM,)), Destination(url, (AT_CRM_2, AT_CRM), batched=True)
        for to, sent in ((one, events[:1]), (batch, events), (one, events[:1])):
            assert (await poster.post(to, sent)).trouble is None
        refused = await poster.post(Destination(url, (AT_CRM_2,)), events[:1])
    assert (refused.trouble, refused.status) == (Trouble.ANSWER, 401)
    assert capsys.readouterr().out.splitlines() == ["t0 s", "t1 s", "t2 s"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-id": "1", "webhook-timestamp": "soon", "webhook-signature": "v1,AA=="},
        {"webhook-id": "1", "webhook-timestamp": "²", "webhook-signature": "v1,AA=="},
        {"webhook-id": "1", "webhook-timestamp": "{now}", "webhook-signature": "v1,æøå"},
        {"webhook-id": "1", "webhook-timestamp": "{now}", "webhook-signature": ""},
    ],
)
async def test_what_is_not_signed_by_us_it_refuses(headers, monkeypatch):
    """Also where a header is missing, or holds what no signature and no moment does."""
    # A receiver holds the moment of posting against the clock on its wall (Standard Webhooks).
    now = str(int(time.time()))
    given = {name: text.replace("{now}", now).encode() for name, text in headers.items()}
    with served(monkeypatch) as url:
        async with httpcore2.AsyncConnectionPool() as pool:
            answer = await pool.request("POST", url, content=b'{"id": "1"}', headers=given)
    assert answer.status == 401
