"""An event as others get it: CloudEvents 1.0, as JSON."""

from datetime import date
from typing import Literal

from schemas.shared.base import PublishedModel

PREFIX = "no.lederne.medlemsflyt."
"""What the types begin with, so that they are nobody else's."""


class EventData(PublishedModel):
    """What an event carries: when, and of what. Whatever else holds is asked for by its subject."""

    happened_on: date
    """The business date of what happened."""
    decision: int | None = None
    """The number of the decision in the membership's log."""
    invoice: int | None = None
    """Which of the member's invoices it is about: their serial, which no person is known by."""


class CloudEvent(PublishedModel):
    """A fact about a membership. It names nobody, and no amount."""

    specversion: Literal["1.0"] = "1.0"
    """Of CloudEvents."""
    id: str
    """A UUID: the same whenever the event comes again."""
    source: Literal["/medlemsflyt"] = "/medlemsflyt"
    """Where it comes from; with the id it is one event."""
    type: str
    """What happened: `no.lederne.medlemsflyt.` and its name, such as `application_approved`."""
    subject: str
    """The membership's id, which is opaque."""
    sequence: str
    """Its number among all events, twenty digits: of one membership a later fact has a greater
    one. Numbers may be missing.
    """
    datacontenttype: Literal["application/json"] = "application/json"
    """Of `data`."""
    data: EventData
    """When, and of what."""


class EventPage(PublishedModel):
    """Events in their order."""

    items: tuple[CloudEvent, ...]
    """The events."""
    next: str
    """To ask for what comes after these, now or later, as `after`."""
    more: bool
    """Whether there is more already."""
