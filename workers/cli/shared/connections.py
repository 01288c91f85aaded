"""Reaching Temporal and PostgreSQL; what stands in the way becomes a sentence."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from functools import cache
from urllib.parse import quote

import asyncpg
from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.common import RawValue
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError, RPCStatusCode

from activities.secrecy.codec import Encryption
from activities.secrecy.errors import KeysUnavailable
from activities.shared.stamping import stamping_client
from schemas import names
from workers.cli.shared.interrupted import DATABASE_GONE, database_gone, refusal
from workers.connecting import connect
from workers.database import connect_database
from workers.encryption import converter_for, for_a_command, opened, words_by
from workers.errors import UserError
from workers.settings import Settings
from workers.signing import sender_of

# A pool that has lost its server logs its attempts to come back, with tracebacks: where nobody has
# set up logs, as in a command, they would stand among what we print.
logging.getLogger("asyncpg").addHandler(logging.NullHandler())

PREFIX = names.membership_id("")

QUERY_TIMEOUT = timedelta(seconds=10)
"""A query is answered from memory, or after one replay of a whole life; longer means nobody is
there to answer."""

_START = "start everything with `medlemsflyt dev`, or name a running"


def membership_id(given: str) -> str:
    """Return a membership's whole id.

    Args:
        given: with or without its prefix.

    Raises:
        UserError: it is empty.
    """
    bare = given.strip().removeprefix(PREFIX)
    if not bare:
        raise UserError("The id is empty: give the membership's, such as membership-….")
    return PREFIX + bare


def page_url(settings: Settings, client: Client, workflow_id: str) -> str:
    """Return the address of a membership in the Temporal UI."""
    return f"{settings.ui_url}/namespaces/{client.namespace}/workflows/{quote(workflow_id)}"


def as_it_is(data: bytes) -> RawValue:
    """Return JSON as an argument that is sent without being read first."""
    return RawValue(Payload(metadata={"encoding": b"json/plain"}, data=data))


async def reach_temporal(settings: Settings) -> Client:
    """Return a client.

    Raises:
        UserError: Temporal does not answer, or the settings can't be those of a server.
    """
    address = settings.temporal.get("target_host")
    _quieten_the_core()
    try:
        client = await connect(
            settings, converter_for(pydantic_data_converter, for_a_command(settings))
        )
    except RuntimeError as error:
        raise UserError(
            f"Temporal does not answer at {address}: {_START} server with TEMPORAL_ADDRESS "
            f"({_last_words(error)})."
        ) from None
    sender = sender_of(settings)
    return stamping_client(client, sender) if sender is not None else client


@cache
def _quieten_the_core() -> None:
    """Keep Temporal's core from logging its retries to standard output, among what we print."""
    with suppress(RuntimeError):  # whoever runs commands in a process of theirs has set it up
        Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))


@contextmanager
def temporal_answers(settings: Settings) -> Iterator[None]:
    """Turn what Temporal says about itself into a sentence.

    Raises:
        UserError: it went away, is overloaded, refuses us, or no worker answers for it. Whatever
            is about one workflow stays an RPCError.
    """
    try:
        yield
    except RPCError as error:
        sentence = _sentence(error, settings)
        if sentence is None:
            raise
        raise UserError(sentence) from None


def _sentence(error: RPCError, settings: Settings) -> str | None:
    namespace = settings.temporal.get("namespace")
    match error.status:
        case RPCStatusCode.UNAVAILABLE:
            return f"Temporal has stopped answering: {_START} server with TEMPORAL_ADDRESS."
        case RPCStatusCode.DEADLINE_EXCEEDED | RPCStatusCode.CANCELLED:
            return NO_WORKER
        case RPCStatusCode.FAILED_PRECONDITION if "worker" in error.message:
            return NO_WORKER
        case RPCStatusCode.NOT_FOUND if "amespace" in error.message:
            return f"Temporal has no namespace {namespace}: name one with TEMPORAL_NAMESPACE."
        case RPCStatusCode.PERMISSION_DENIED | RPCStatusCode.UNAUTHENTICATED:
            return f"Temporal refuses us ({error.message}): see TEMPORAL_API_KEY and TEMPORAL_TLS*."
        case RPCStatusCode.INVALID_ARGUMENT if "search attribute" in error.message.lower():
            return (
                f"Temporal's namespace {namespace} lacks our search attributes: add them with "
                "`medlemsflyt search-attributes`."
            )
        case _:
            return None


NO_WORKER = (
    "No worker answers for memberships: start one with `medlemsflyt worker workflows`, or "
    "everything with `medlemsflyt dev`."
)


def _last_words(error: RuntimeError) -> str:
    """Return the innermost reason in the text of a nested Rust error."""
    reasons = str(error).split('"')
    return reasons[-2] if len(reasons) > 2 else str(error)


@asynccontextmanager
async def database(settings: Settings, size: int = 1) -> AsyncIterator[asyncpg.Pool]:
    """Yield connections to PostgreSQL, closed afterwards.

    Args:
        settings: where it is.
        size: the most connections at a time.

    Raises:
        UserError: it is not named, does not answer, refuses us, or was never migrated.
    """
    async with opened(settings) as encryption, _open(settings, size, encryption) as pool:
        yield pool


@asynccontextmanager
async def _open(
    settings: Settings, size: int, encryption: Encryption | None
) -> AsyncIterator[asyncpg.Pool]:
    try:
        pool = await connect_database(settings, size, words_by(encryption))
    except (OSError, TimeoutError, ValueError, *DATABASE_GONE) as error:
        raise UserError(
            f"The database does not answer: {_START} PostgreSQL with DATABASE_URL "
            f"({str(error) or type(error).__name__})."
        ) from None
    except asyncpg.PostgresError as error:
        raise UserError(f"The database refuses: {refusal(error)}.") from None
    try:
        yield pool
        await pool.close()
    except asyncpg.UndefinedTableError:
        raise UserError("The database has no tables yet: run `medlemsflyt migrate`.") from None
    except KeysUnavailable as error:
        raise UserError(f"The keys can't be reached, and nothing was written: {error}.") from None
    except (OSError, TimeoutError, *DATABASE_GONE) as error:
        raise UserError(database_gone(error)) from None
    except asyncpg.PostgresError as error:
        raise UserError(f"The database refuses: {refusal(error)}.") from None
    finally:
        # At once: a server that is gone would keep us waiting for its farewell.
        pool.terminate()


@asynccontextmanager
async def transaction(settings: Settings) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """Yield a connection in a transaction.

    Raises:
        UserError: as ``database`` does.
    """
    async with trying(settings, keep=True) as connection:
        yield connection


@asynccontextmanager
async def trying(
    settings: Settings, *, keep: bool
) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    """Yield a connection in a transaction, which a dry run takes back.

    Args:
        keep: what is written stays.

    Raises:
        UserError: as ``database`` does.
    """
    async with database(settings) as pool, pool.acquire() as connection:
        attempt = connection.transaction()
        await attempt.start()
        try:
            yield connection
        except BaseException:
            await attempt.rollback()
            raise
        await (attempt.commit() if keep else attempt.rollback())
