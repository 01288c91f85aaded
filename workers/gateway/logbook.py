"""Writes down who asks for what before it is passed on: a row, and a line without names."""

from datetime import UTC, datetime
from http import HTTPStatus

import asyncpg
import structlog

from activities.access import log as access_log
from activities.access.log import Act, Entry
from workers.gateway.callers import Caller
from workers.gateway.calls import type_of
from workers.gateway.refusals import Refused, Sentence

LONGEST_REASON = 500

log = structlog.stdlib.get_logger("gateway")


class Logbook:
    """The access log of one gateway.

    Args:
        pool: of the database.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool

    async def write(
        self,
        caller: Caller,
        act: Act,
        what: str,
        *,
        workflow_id: str | None = None,
        why: str | None = None,
        refused: str | None = None,
        hits: int | None = None,
    ) -> None:
        """Keep what somebody asks for.

        Args:
            caller: who asks.
            act: what kind of asking it is.
            what: the call, the message or the query; kept only where it is a word of ours.
            workflow_id: about whom; kept only where it is an id of ours, which can say nothing.
            why: the reason given.
            refused: the code of why it is refused.
            hits: how many a search found.

        Raises:
            Refused: it can't be written down, so it does not happen.
        """
        known = workflow_id if workflow_id and type_of(workflow_id) else None
        entry = Entry(
            at=datetime.now(UTC),
            subject=caller.subject,
            name=caller.name,
            roles=tuple(sorted(caller.roles)),
            act=act,
            what=what,
            workflow_id=known,
            why=(why or "")[:LONGEST_REASON].replace("\0", "") or None,
            refused=refused,
            hits=hits,
        )
        try:
            await access_log.keep(self.pool, entry)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            log.exception("access_log.unwritten", act=act, what=what)
            raise unwritten() from None
        told = log.warning if refused else log.info
        told(
            "gateway.refused" if refused else "gateway.passed",
            act=act,
            what=what,
            workflow_id=known,
            roles=entry.roles,
            **({"code": refused} if refused else {}),
        )


def unwritten() -> Refused:
    """Return the refusal while nothing can be kept."""
    return Refused(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "log_unavailable",
        Sentence(
            "The access log can't be written just now, so nothing is shown: try again in a moment.",
            "Innsynsloggen kan ikke skrives akkurat nå, så ingenting vises: prøv igjen om litt.",
        ),
    )
