"""Problem details (RFC 9457): the form in which the API says why something was not done."""

from starlette.requests import Request

from schemas.shared.base import PublishedModel

MEDIA_TYPE = "application/problem+json"
TYPE = "urn:medlemsflyt:problem:"

API = ("/api/v1/memberships", "/api/v1/events", "/api/v1/openapi.json")
"""What is ours below /api/v1; the rest is Temporal's."""


class Problem(PublishedModel):
    """Why something was not done (RFC 9457)."""

    type: str
    """`urn:medlemsflyt:problem:` with the code."""
    title: str
    """The kind of problem, in words."""
    status: int
    """The status of the answer."""
    detail: str
    """What is wrong this time, and what to do; nothing that was sent is repeated in it."""
    code: str
    """The kind of problem, for programs: see the list of codes."""
    melding: str
    """The detail in Norwegian."""
    faults: tuple[str, ...] = ()
    """Each fault of what was sent, as `field: what is wrong`."""


def is_api(request: Request) -> bool:
    """Tell whether a request is one of the API's, and not of Temporal's."""
    path = request.url.path
    return any(path == own or path.startswith(f"{own}/") for own in API)
