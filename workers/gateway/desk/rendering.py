"""Puts the pages together: one layout, one stylesheet, one short script, all of them our own."""

import hashlib
from collections.abc import Mapping
from http import HTTPStatus
from importlib.resources import files
from urllib.parse import urlsplit

import jinja2
from starlette.responses import HTMLResponse, Response

from schemas.access.roles import View, may_view
from schemas.desk.languages import SENTENCES
from workers.gateway import sessions
from workers.gateway.callers import Caller
from workers.gateway.desk import writing
from workers.gateway.desk.texts import texts
from workers.gateway.settings import GatewaySettings
from workers.reference.rules_page import anchor

PREFIX = "/desk"

_STATIC: Mapping[str, str] = {"desk.css": "text/css", "desk.js": "text/javascript"}

A_YEAR = "public, max-age=31536000, immutable"


class Static:
    """The stylesheet and the script, under names that change with what stands in them."""

    def __init__(self) -> None:
        folder = files("workers.gateway.desk") / "static"
        self._content = {name: (folder / name).read_bytes() for name in _STATIC}

    def path(self, name: str) -> str:
        """Return where a browser gets a file, and keeps it for as long as it is the same."""
        digest = hashlib.sha256(self._content[name]).hexdigest()[:16]
        return f"{PREFIX}/static/{digest}/{name}"

    def answer(self, name: str) -> Response:
        """Return a file; whoever asks for another gets nothing."""
        if name not in self._content:
            return Response(status_code=HTTPStatus.NOT_FOUND)
        headers = {"Cache-Control": A_YEAR}
        return Response(self._content[name], media_type=_STATIC[name], headers=headers)


class Pages:
    """Renders the desk's pages.

    Args:
        settings: of the gateway.
        static: what they load.
    """

    def __init__(self, settings: GatewaySettings, static: Static) -> None:
        self._settings = settings
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("workers.gateway.desk", "pages"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.globals |= {
            "t": texts(),
            "in_norwegian": SENTENCES.translated,
            "css": static.path("desk.css"),
            "js": static.path("desk.js"),
            "View": View,
            "day": writing.day,
            "moment": writing.moment,
            "kroner": writing.kroner,
            "month": writing.month,
            "anchor": anchor,
            "percent": writing.percent,
        }
        self._policy = _policy(settings)

    def page(
        self,
        caller: Caller,
        template: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        **values: object,
    ) -> HTMLResponse:
        """Return a page for whoever is logged in.

        Args:
            caller: who looks.
            template: which page.
            status: of the answer.
            values: what the page says.
        """
        text = self._templates.get_template(template).render(
            caller=caller,
            csrf=sessions.csrf_token(self._settings, caller.session or ""),
            sees=lambda view: may_view(caller.roles, view),
            **values,
        )
        headers = {"Cache-Control": "no-store", "Content-Security-Policy": self._policy}
        return HTMLResponse(text, status_code=status, headers=headers)


def _policy(settings: GatewaySettings) -> str:
    """Return what a page of the desk may load: our own files and nothing else, no inline script."""
    issuer = urlsplit(settings.issuer or "")
    # Logging out leads there.
    elsewhere = f" {issuer.scheme}://{issuer.netloc}" if issuer.netloc else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        f"form-action 'self'{elsewhere}; base-uri 'none'; frame-ancestors 'none'"
    )
