"""What the Temporal UI's server says about its pages reaches the browser, and ours beside it."""

from http import HTTPStatus

import asyncpg
import pytest
from httpx2 import ASGITransport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.access.asking import PAGE, Gateway, bearer, opened, settings

THEIRS = "default-src 'none'; script-src 'nonce-1'; sandbox allow-same-origin"
LINK = "/render?content=%3Cscript%3Ealert(1)%3C/script%3E"
FRAMED = {"sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin"}


async def _rendered(request: Request) -> Response:
    """Return what stands in the address, as the UI's server does, with its own policy."""
    policy = {} if "old" in request.query_params else {"Content-Security-Policy": THEIRS}
    return HTMLResponse(request.query_params["content"], headers=policy)


async def _index(_request: Request) -> Response:
    return HTMLResponse("<script>start()</script>")


UI = Starlette(routes=[Route("/render", _rendered), Route("/{path:path}", _index)])


@pytest.fixture
def before_ui(shared_pool: asyncpg.Pool) -> Gateway:
    """A gateway in front of a UI."""
    return opened(shared_pool, settings(), upstream=ASGITransport(UI))


async def policies(gateway: Gateway, path: str) -> list[dict[str, str]]:
    """Return what each policy of an answer says, by what it is about; a browser goes by all."""
    answer = await gateway.client().get(path, headers=bearer("caseworker") | PAGE)
    assert answer.status_code == HTTPStatus.OK
    said = [
        dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
        for policy in answer.headers["content-security-policy"].split(",")
    ]
    assert answer.headers["cache-control"] == "no-store"
    return said


@pytest.mark.parametrize("path", [LINK, f"{LINK}&old", "/%72ender?content=x", "/Render?content=x"])
async def test_nothing_runs_that_stands_in_an_address(before_ui: Gateway, path: str) -> None:
    """Whoever sends a caseworker a link says what the page holds: it runs and loads nothing."""
    *theirs, ours = await policies(before_ui, path)
    assert ours["default-src"] == "'none'"
    assert "script-src" not in ours
    assert "allow-scripts" not in ours["sandbox"]
    if path == LINK:
        assert theirs[0]["script-src"] == "'nonce-1'"


@pytest.mark.parametrize(
    "said",
    [{"sec-fetch-dest": "document"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "none"}],
)
async def test_it_is_shown_in_a_frame_of_ours_alone(
    before_ui: Gateway, said: dict[str, str]
) -> None:
    """Filling a window its words would pass for ours: log in here, call this number."""
    for headers, status in ((FRAMED, 200), (FRAMED | said, 403)):
        answer = await before_ui.client().get(LINK, headers=bearer("caseworker") | headers)
        assert answer.status_code == status


async def test_inline_scripts_are_the_uis_alone(before_ui: Gateway) -> None:
    """Its pages begin with one; none of ours has any, and no answer of the API's."""
    [of_ui] = await policies(before_ui, "/namespaces/default/workflows")
    assert "'unsafe-inline'" in of_ui["script-src"]
    for path in ("/healthz", "/login?again", "/api/v1/settings", "/desk/search", "/identity/x"):
        answer = await before_ui.client().get(path)
        said = answer.headers["content-security-policy"]
        assert "script-src 'self';" in said, path
        assert answer.headers["cache-control"] == "no-store", path
