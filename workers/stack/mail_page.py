"""The mail sink's page: what was sent, newest first, with letters and attachments to look at."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote

import jinja2
from aiohttp import web
from aiohttp.typedefs import Handler

from workers.stack.mailbox import Mail, Mailbox
from workers.stack.ports import LOCAL_NAMES

# A mail's HTML may style itself and show embedded pictures; it runs nothing and fetches nothing.
# Its links open beside it.
_LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_LINKS_OPEN_BESIDE = '<base target="_blank">'
_PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; img-src data:"
_SHOWN_IN_THE_BROWSER = {"application/pdf", "image/png", "image/jpeg", "text/plain"}

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("workers.stack", "pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def mail_page(mailbox: Mailbox) -> web.Application:
    """The pages over a mailbox: the list, one mail, its letter, its attachments, its source."""
    pages = _Pages(mailbox)
    application = web.Application(middlewares=[_known_by_a_local_name])
    application.router.add_get("/", pages.overview)
    application.router.add_get("/mail/{name}", pages.one(pages.mail))
    application.router.add_get("/mail/{name}/letter", pages.one(pages.letter))
    application.router.add_get("/mail/{name}/attachment/{number:\\d+}", pages.one(pages.attachment))
    application.router.add_get("/mail/{name}/source", pages.one(pages.source))
    return application


@web.middleware
async def _known_by_a_local_name(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer to this machine's names only: another one was led here to read the letters."""
    if request.host.partition(":")[0] not in LOCAL_NAMES:
        return web.Response(
            status=HTTPStatus.FORBIDDEN,
            text=f"This page answers to {' and '.join(LOCAL_NAMES)} only.\n",
        )
    return await handler(request)


class _Pages:
    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def one(
        self, page: Callable[[web.Request, Mail], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.Response]]:
        """A handler that looks up the mail named in the address."""

        async def handler(request: web.Request) -> web.Response:
            mail = self._mailbox.find(request.match_info["name"])
            if mail is None:
                return _page("missing.html", status=HTTPStatus.NOT_FOUND)
            return await page(request, mail)

        return handler

    async def overview(self, _request: web.Request) -> web.Response:
        return _page("overview.html", mails=self._mailbox.newest_first())

    async def mail(self, _request: web.Request, mail: Mail) -> web.Response:
        return _page("mail.html", mail=mail, html=mail.body("html"), plain=mail.body("plain"))

    async def letter(self, _request: web.Request, mail: Mail) -> web.Response:
        headers = {"Content-Security-Policy": _LETTER_POLICY, "X-Content-Type-Options": "nosniff"}
        text = (mail.body("html") or "").replace("<head>", f"<head>{_LINKS_OPEN_BESIDE}", 1)
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def attachment(self, request: web.Request, mail: Mail) -> web.Response:
        attachments = mail.attachments()
        number = int(request.match_info["number"])
        if number >= len(attachments):
            return _page("missing.html", status=HTTPStatus.NOT_FOUND)
        found = attachments[number]
        shown = found.content_type in _SHOWN_IN_THE_BROWSER
        disposition = "inline" if shown else "attachment"
        headers = {
            "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(found.filename)}",
            "X-Content-Type-Options": "nosniff",
        }
        kind = found.content_type if shown else "application/octet-stream"
        return web.Response(body=found.content, content_type=kind, headers=headers)

    async def source(self, _request: web.Request, mail: Mail) -> web.Response:
        text = mail.message.as_bytes().decode(errors="replace")
        return web.Response(text=text, headers={"X-Content-Type-Options": "nosniff"})


def _page(template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: object) -> web.Response:
    return web.Response(
        text=_templates.get_template(template).render(**values),
        status=status,
        content_type="text/html",
        headers={"Content-Security-Policy": _PAGE_POLICY},
    )
