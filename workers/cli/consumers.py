"""`medlemsflyt consumer`: the systems that events are posted to."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
from pydantic import TypeAdapter, ValidationError
from temporalio.common import WorkflowIDConflictPolicy

from activities.events import consumers as rows
from activities.events.addresses import NotAllowed, check_url
from activities.events.consumers import Changing, Consumer, NotPossible
from activities.events.posting import Answer, Destination, Poster
from activities.events.reading import UnknownCursor, cursor_of, last_number
from activities.events.signing import REFERENCE
from activities.shared.tasks import Connection
from schemas.events.cloud_event import PREFIX, CloudEvent, EventData
from schemas.events.delivery import ConsumerName, DeliveryOrder
from schemas.events.types import TYPES
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, events_delivery_id, membership_id
from workers.cli.shared.clock import today
from workers.cli.shared.connections import reach_temporal, temporal_answers, transaction
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import print_json, print_table, say
from workers.cli.shared.reading import one_line
from workers.errors import UserError
from workers.settings import Environment, Settings, resolve_settings
from workers.signing import subject_of

Found = TypeVar("Found")

Name = Annotated[
    str, typer.Argument(metavar="NAME", help="The consumer's: lower case, digits, dashes.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
Type = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="TYPE", help="Only events of this type; may be repeated."),
]
Batch = Annotated[
    int, typer.Option("--batch", min=1, max=500, metavar="N", help="Events in one request.")
]
WHERE_KEPT = "Where its secret is: file:/… or env:MEDLEMSFLYT_WEBHOOK_…, of the worker."


def register(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(
        name="consumer",
        help="The systems that events are posted to: add, list, pause, resume, replay.",
        no_args_is_help=True,
    )
    group.command("add")(_add)
    group.command("list")(_list)
    group.command("change")(_change)
    group.command("clear")(_clear)
    group.command("pause")(_pause)
    group.command("resume")(_resume)
    group.command("replay")(_replay)
    group.command("test")(_test)
    app.add_typer(group, name="consumer")


def _add(
    name: Name,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where it listens: https://….")],
    secret: Annotated[str, typer.Option(metavar="REFERENCE", help=WHERE_KEPT)],
    by: By,
    kind: Type = None,
    batch: Batch = 1,
    since: Annotated[
        str | None,
        typer.Option(metavar="CURSOR", help="Behind this event. Default: from now on."),
    ] = None,
    with_hidden: Annotated[
        bool,
        typer.Option(
            "--with-hidden", help="Also of hidden members, once somebody else allows it: clear."
        ),
    ] = False,
    data: DataDir = None,
) -> None:
    """Add a system that events are posted to."""
    settings = resolve_settings(data)
    who, cursor = _who(settings, by), None if since is None else _cursor(since)
    new = Consumer(
        consumer=_name(name),
        url=_url(settings, url),
        types=_types(kind),
        batch_size=batch,
        secret=_reference(secret),
        former_secret=None,
        delivered_to=0,
        caught_up_at=who.at,
    )

    async def add(connection: Connection) -> None:
        begins = await last_number(connection) if cursor is None else cursor
        await rows.add_consumer(
            connection, replace(new, delivered_to=begins), who, asks_clearance=with_hidden
        )

    _do(settings, add)
    _deliver(settings, new.consumer)
    say(f"{new.consumer} is told what happens from now on." if since is None else "It is added.")
    if with_hidden:
        say(f"Of hidden members once somebody else allows it: consumer clear {new.consumer}.")


def _list(data: DataDir = None, as_json: AsJson = False) -> None:
    """List who is told, how far each has come, and what waits for it."""
    at = datetime.now(UTC)
    found = _do(resolve_settings(data), rows.list_consumers)
    if as_json:
        print_json({"consumers": [_as_json(one, at) for one in found]})
        return
    columns = ("Name", "Where", "Types", "Has come to", "Waiting", "Hidden", "Stands")
    print_table("Consumers", columns, [_row(one, at) for one in found])


def _change(
    name: Name,
    by: By,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where it listens. Who was cleared has to be anew."),
    ] = None,
    kind: Type = None,
    all_types: Annotated[bool, typer.Option("--all-types", help="Events of all types.")] = False,
    batch: Annotated[
        int | None, typer.Option(min=1, max=500, metavar="N", help="Events in one request.")
    ] = None,
    secret: Annotated[
        str | None,
        typer.Option(
            metavar="REFERENCE",
            help=f"{WHERE_KEPT} The former one signs, too, until --retire.",
        ),
    ] = None,
    retire: Annotated[
        bool, typer.Option("--retire", help="The secret before this one signs no more.")
    ] = False,
    with_hidden: Annotated[
        bool | None,
        typer.Option(
            "--with-hidden/--without-hidden",
            help="Ask that it be told of hidden members, too; or have it be no more, at once.",
        ),
    ] = None,
    data: DataDir = None,
) -> None:
    """Change where a system listens, what it is told, or the secret that signs it."""
    settings = resolve_settings(data)
    who, consumer = _who(settings, by), _name(name)
    if kind and all_types:
        raise UserError("Nothing was changed: --type and --all-types contradict each other.")
    fields = {
        **({} if url is None else {"url": _url(settings, url)}),
        **({"types": _types(kind)} if kind or all_types else {}),
        **({} if batch is None else {"batch_size": batch}),
        **({} if secret is None else {"secret": _reference(secret)}),
        **({"former_secret": None} if retire else {}),
    }
    if not fields and with_hidden is None:
        raise UserError("Nothing was changed: say what should be.")

    async def change(connection: Connection) -> Consumer:
        before = await rows.read_consumer(connection, consumer)
        changed = _changed(before, fields)
        if changed != before:
            await rows.change_consumer(connection, changed, who)
        if with_hidden is True:
            await rows.ask_clearance(connection, consumer, who)
        elif with_hidden is False:
            await rows.withdraw_clearance(connection, consumer, who)
        return await rows.read_consumer(connection, consumer)

    changed = _do(settings, change)
    say(f"{consumer} is changed.")
    if changed.clearance_asked_by is not None and changed.cleared_by is None:
        say(f"Of hidden members once somebody else allows it: consumer clear {consumer}.")


def _changed(before: Consumer, fields: Mapping[str, Any]) -> Consumer:
    changed = replace(before, **fields)
    if changed.secret == before.secret or "former_secret" in fields:
        return changed
    return replace(changed, former_secret=before.secret)


def _clear(name: Name, by: By, data: DataDir = None) -> None:
    """Allow what somebody else has asked for: that a system be told of hidden members."""
    settings = resolve_settings(data)
    who, consumer = _who(settings, by), _name(name)
    _do(settings, lambda connection: rows.clear_consumer(connection, consumer, who))
    say(f"{consumer} is told of hidden members, too.")


def _pause(
    name: Name,
    by: By,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; it names nobody.")],
    data: DataDir = None,
) -> None:
    """Post nothing to a system for now; what happens meanwhile waits for it."""
    settings = resolve_settings(data)
    who, consumer, why = _who(settings, by), _name(name), one_line("reason", reason)
    new = _do(settings, lambda connection: rows.pause_consumer(connection, consumer, who, why))
    say(f"{consumer} is paused." if new else f"{consumer} was paused already.")


def _resume(name: Name, by: By, data: DataDir = None) -> None:
    """Post to a system again, from where it stands."""
    settings = resolve_settings(data)
    who, consumer, on = _who(settings, by), _name(name), today()
    new = _do(settings, lambda connection: rows.resume_consumer(connection, consumer, who, on))
    _deliver(settings, consumer)
    say(f"{consumer} goes on." if new else f"{consumer} was not paused.")


def _replay(
    name: Name,
    since: Annotated[
        str, typer.Option(metavar="CURSOR", help="What came after this event, by its `sequence`.")
    ],
    by: By,
    data: DataDir = None,
) -> None:
    """Tell a system again what came after an event; each comes with the id it had."""
    settings = resolve_settings(data)
    who, consumer, after = _who(settings, by), _name(name), _cursor(since)
    _do(settings, lambda connection: rows.replay_consumer(connection, consumer, after, who))
    _deliver(settings, consumer)
    say(f"{consumer} is told again what came after {after}.")


def _test(name: Name, data: DataDir = None) -> None:
    """Post an event of nobody's to a system, from here, and say what it answers.

    Its type is `no.lederne.medlemsflyt.delivery_tested`. The secret must be where we are, too.
    """
    settings = resolve_settings(data)
    consumer = _do(settings, lambda connection: rows.read_consumer(connection, _name(name)))
    event = CloudEvent(
        id=str(uuid.uuid4()),
        type=f"{PREFIX}delivery_tested",
        subject=membership_id(uuid.UUID(int=0)),
        sequence=f"{0:020}",
        data=EventData(happened_on=today()),
    )
    answer = asyncio.run(_post(settings, consumer, event))
    if answer.trouble is None:
        say(f"{consumer.consumer} has taken it: {answer.status}.")
        return
    says = f"it answered {answer.status}" if answer.status else answer.trouble.replace("_", " ")
    raise UserError(f"{consumer.consumer} has not taken it: {says}.")


async def _post(settings: Settings, consumer: Consumer, event: CloudEvent) -> Answer:
    secrets = (consumer.secret, *filter(None, [consumer.former_secret]))
    to = Destination(consumer.url, secrets, batched=consumer.batch_size > 1)
    async with Poster(anywhere=_anywhere(settings)) as poster:
        return await poster.post(to, [event])


def _do(settings: Settings, asked: Callable[[Connection], Awaitable[Found]]) -> Found:
    async def do() -> Found:
        async with transaction(settings) as connection:
            return await asked(connection)

    try:
        return asyncio.run(do())
    except NotPossible as error:
        raise UserError(f"Nothing was changed: {error}.") from None


def _deliver(settings: Settings, consumer: str) -> None:
    """Have events posted to a consumer: begin, or look at once.

    Raises:
        UserError: Temporal does not answer, or something else stands there.
    """
    try:
        asyncio.run(_start(settings, consumer))
    except UserError as error:
        raise UserError(
            f"It is noted, and nothing is posted yet. {error} Then run medlemsflyt consumer "
            f"resume {consumer}; or leave it to the nightly audit."
        ) from None


async def _start(settings: Settings, consumer: str) -> None:
    client = await reach_temporal(settings)
    with temporal_answers(settings):
        handle = await client.start_workflow(
            WorkflowType.EVENT_DELIVERY,
            DeliveryOrder(consumer=consumer),
            id=events_delivery_id(consumer),
            task_queue=MEMBERSHIP_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="look_again",
            static_summary=f"events to {consumer}",
        )
        found = await handle.describe()
    if found.workflow_type != WorkflowType.EVENT_DELIVERY:
        raise UserError(f"Another workflow stands under {handle.id}: terminate it.")


def _anywhere(settings: Settings) -> bool:
    return settings.environment is Environment.DEVELOPMENT


def _who(settings: Settings, by: str) -> Changing:
    return Changing(one_line("by", by), datetime.now(UTC), subject_of(settings))


def _name(given: str) -> str:
    try:
        return TypeAdapter(ConsumerName).validate_python(given)
    except ValidationError:
        raise UserError(
            "Nothing was changed: a consumer's name is of lower case, digits and dashes."
        ) from None


def _url(settings: Settings, given: str) -> str:
    try:
        check_url(given, anywhere=_anywhere(settings))
    except NotAllowed as error:
        raise UserError(f"Nothing was changed: {error}.") from None
    return given


def _reference(given: str) -> str:
    if REFERENCE.fullmatch(given) is None:
        raise UserError(
            "Nothing was changed: a secret stands in a file or a variable, file:/… or "
            "env:MEDLEMSFLYT_WEBHOOK_…."
        )
    return given


def _types(given: list[str] | None) -> tuple[str, ...] | None:
    if not given:
        return None
    if unknown := sorted(set(given) - TYPES):
        raise UserError(f"There are no events of the type {unknown[0]}.")
    return tuple(sorted(set(given)))


def _cursor(given: str) -> int:
    try:
        return cursor_of(given.lstrip("0") or "0")
    except UnknownCursor:
        raise UserError("--since is not the `sequence` of an event, such as 4711.") from None


def _as_json(consumer: Consumer, at: datetime) -> dict[str, Any]:
    found = asdict(consumer)
    del found["clearance_asked_by_subject"]
    moments = {name: value.isoformat() for name, value in found.items() if hasattr(value, "hour")}
    delivery = events_delivery_id(consumer.consumer)
    return found | moments | {"behind": consumer.is_behind(at), "delivery": delivery}


def _row(consumer: Consumer, at: datetime) -> tuple[str, ...]:
    hidden = "–"
    if consumer.cleared_by is not None:
        hidden = f"cleared by {consumer.cleared_by}"
    elif consumer.clearance_asked_by is not None:
        hidden = f"asked by {consumer.clearance_asked_by}"
    stands = "is told"
    if consumer.paused_at is not None:
        day = consumer.paused_at.date()
        stands = f"paused on {day} by {consumer.paused_by}: {consumer.paused_why}"
    elif consumer.is_behind(at):
        stands = f"behind since {consumer.caught_up_at.date()}"
    types = "all" if consumer.types is None else ", ".join(consumer.types)
    number, waiting = f"{consumer.delivered_to:,}", f"{consumer.waiting:,}"
    return consumer.consumer, consumer.url, types, number, waiting, hidden, stands
