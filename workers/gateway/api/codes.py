"""The kinds of refusals that other systems can rely on."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from workers.gateway.refusals import Refused, Sentence

CODES: Mapping[str, tuple[HTTPStatus, str]] = {
    "unreadable": (HTTPStatus.BAD_REQUEST, "the body is no JSON object that can be read"),
    "invalid_request": (HTTPStatus.BAD_REQUEST, "a header, or a part of the address, is wrong"),
    "unknown_cursor": (HTTPStatus.BAD_REQUEST, "the cursor is none that a page has given"),
    "wrong_address": (HTTPStatus.BAD_REQUEST, "the address is not written in the one way"),
    "invalid_token": (HTTPStatus.UNAUTHORIZED, "the token is forged, expired or another's"),
    "not_logged_in": (HTTPStatus.UNAUTHORIZED, "no token came"),
    "not_allowed": (HTTPStatus.FORBIDDEN, "none of the caller's roles may"),
    "csrf": (
        HTTPStatus.FORBIDDEN,
        "a browser's session, and no proof that a page of ours asks",
    ),
    "wrong_origin": (HTTPStatus.FORBIDDEN, "a page from elsewhere asks"),
    "not_found": (HTTPStatus.NOT_FOUND, "there is nothing here that the caller may see"),
    "unknown_message": (HTTPStatus.NOT_FOUND, "no message is called that"),
    "too_slow": (HTTPStatus.REQUEST_TIMEOUT, "the body took too long to come"),
    "ended": (HTTPStatus.GONE, "the membership has ended, and does not take this message"),
    "erased": (HTTPStatus.GONE, "the membership was erased"),
    "too_big": (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "the body is over 2 MB, or the message over 256 kB",
    ),
    "wrong_content_type": (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "the body is not application/json"),
    "wrong_host": (HTTPStatus.MISDIRECTED_REQUEST, "the address does not answer to that name"),
    "invalid_application": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "the application has the faults that `faults` names: nothing was started",
    ),
    "invalid_message": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "the message has the faults that `faults` names: nothing has happened",
    ),
    "refused": (
        HTTPStatus.CONFLICT,
        "the membership does not take it as it stands, or under this key: see `detail`",
    ),
    "too_many": (HTTPStatus.TOO_MANY_REQUESTS, "too many requests: see Retry-After"),
    "no_answer": (
        HTTPStatus.SERVICE_UNAVAILABLE,
        "nobody answered in time: send it again with the same key, it counts once",
    ),
    "keys_unavailable": (HTTPStatus.SERVICE_UNAVAILABLE, "the keys can't be reached just now"),
    "log_unavailable": (HTTPStatus.SERVICE_UNAVAILABLE, "the access log can't be written just now"),
    "issuer_unavailable": (HTTPStatus.SERVICE_UNAVAILABLE, "the login provider does not answer"),
}
"""By code: its status, and what it means. A code keeps its meaning; others may come."""


def told(code: str, detail: str, melding: str, faults: Sequence[str] = ()) -> Refused:
    """Return the refusal of a kind that the API alone has."""
    return Refused(CODES[code][0], code, Sentence(detail, melding), tuple(faults))
