"""What the gateway refuses, in words: JSON for programs, a page in two languages for people.

The API says it as problem details, Temporal's own addresses as Temporal does.
"""

from dataclasses import dataclass
from http import HTTPStatus

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from workers.gateway.problem_details import MEDIA_TYPE, TYPE, Problem, is_api

_templates = jinja2.Environment(
    loader=jinja2.PackageLoader("workers.gateway", "pages"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_GRPC = {
    HTTPStatus.BAD_REQUEST: 3,
    HTTPStatus.FORBIDDEN: 7,
    HTTPStatus.TOO_MANY_REQUESTS: 8,
    HTTPStatus.SERVICE_UNAVAILABLE: 14,
    HTTPStatus.BAD_GATEWAY: 14,
    HTTPStatus.GATEWAY_TIMEOUT: 4,
    HTTPStatus.UNAUTHORIZED: 16,
}
"""Temporal's clients read its own codes; the UI shows the message beside one."""


@dataclass(frozen=True)
class Sentence:
    """One thing said in both languages."""

    en: str
    nb: str


class Refused(Exception):
    """A request is not passed on.

    Args:
        status: of the answer.
        code: a word that programs can rely on.
        sentence: why, for people; nothing of the request is repeated in it.
        faults: what is wrong with each part of what was sent.
    """

    def __init__(
        self, status: HTTPStatus, code: str, sentence: Sentence, faults: tuple[str, ...] = ()
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.sentence = sentence
        self.faults = faults


def forbidden(code: str, en: str, nb: str) -> Refused:
    """Return the refusal of what somebody may not do."""
    return Refused(HTTPStatus.FORBIDDEN, code, Sentence(en, nb))


def bad_request(code: str, en: str, nb: str) -> Refused:
    """Return the refusal of what can't be read."""
    return Refused(HTTPStatus.BAD_REQUEST, code, Sentence(en, nb))


def answer(request: Request, refused: Refused) -> Response:
    """Return a refusal as whoever asked can read it."""
    headers = {"Cache-Control": "no-store"}
    if refused.status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if refused.status is HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = "60"
    if is_api(request):
        problem = Problem(
            type=f"{TYPE}{refused.code}",
            title=refused.code.replace("_", " ").capitalize(),
            status=refused.status,
            detail=refused.sentence.en,
            code=refused.code,
            melding=refused.sentence.nb,
            faults=refused.faults,
        )
        return Response(problem.model_dump_json(), refused.status, headers, media_type=MEDIA_TYPE)
    if wants_a_page(request):
        return page(
            "refused.html",
            status=refused.status,
            headers=headers,
            sentence=refused.sentence,
            code=refused.code,
        )
    body = {
        "code": _GRPC.get(refused.status, 2),
        "message": refused.sentence.en,
        "melding": refused.sentence.nb,
        "reason": refused.code,
        "details": [],
    }
    return JSONResponse(body, status_code=refused.status, headers=headers)


def wants_a_page(request: Request) -> bool:
    """Tell whether a browser asks for something to look at."""
    reading = request.method in {"GET", "HEAD"}
    form = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    return (reading or form) and "text/html" in request.headers.get("accept", "")


def page(
    template: str,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    headers: dict[str, str] | None = None,
    **values: object,
) -> HTMLResponse:
    """Return one of our own pages."""
    text = _templates.get_template(template).render(**values)
    return HTMLResponse(
        text, status_code=status, headers={"Cache-Control": "no-store"} | (headers or {})
    )


def not_found() -> Refused:
    """Return the refusal of what there is not, or what somebody may not know that there is."""
    return Refused(
        HTTPStatus.NOT_FOUND,
        "not_found",
        Sentence("There is nothing here that you may see.", "Her er det ingenting som du kan se."),
    )
