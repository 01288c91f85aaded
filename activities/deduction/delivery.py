"""A deduction list on its way to its employer: the gate for each line, then the channel."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import structlog
from temporalio import activity

from activities.database.pool import load_queries, patiently
from activities.declarations.deduction import ListDeliveryActivities
from activities.deduction.list_post import ListPost, Stopped
from activities.letters.conditions import GateFacts, GateOutcome
from activities.letters.errors import DeliveryFailed
from activities.letters.gate import basis_of, pass_gate
from activities.letters.list_channels import list_mail, list_text, put_files
from activities.letters.list_files import (
    ShownList,
    csv_file,
    locked,
    xlsx_file,
)
from activities.letters.postbox import Postbox
from activities.letters.settings import NotificationSettings
from activities.shared.heartbeats import heartbeats
from activities.shared.tasks import close_task_of, open_task
from activities.shared.unknown import Unknown
from schemas.deduction.basis import rests_on
from schemas.deduction.contracts import Code, ListDelivered, ListRequest
from schemas.deduction.list_file import ShownLine
from schemas.shared.vocabulary import Audience, Outcome, Stage, Template

_SQL = load_queries(Path(__file__).with_name("sql") / "queries.sql")
_log = structlog.get_logger(__name__)

Connection = asyncpg.pool.PoolConnectionProxy

NO_FOLDER = "there is no folder for lists: set MEDLEMSFLYT_LIST_FOLDER"
SILENT = "whom it is about must not be known to the employer any more: nothing is sent about them"
NO_ADDRESS = "the employer has no address and password for lists: set them with contact employer"


@dataclass(frozen=True)
class Package:
    """A list ready to go out.

    Attributes:
        shown: what it says, to compare with what it has to say under the lock.
        files: name and content of each.
    """

    shown: ShownList
    files: tuple[tuple[str, bytes], ...]


class ListDelivery(ListDeliveryActivities):
    """Hands deduction lists to employers.

    Args:
        pool: of connections to PostgreSQL; each order uses one.
        settings: the mail server, our numbers, the folder for lists.
    """

    def __init__(self, pool: asyncpg.Pool, settings: NotificationSettings) -> None:
        self._pool = pool
        self._settings = settings

    @activity.defn(name="deliver_deduction_list")
    async def deliver_deduction_list(self, request: ListRequest) -> ListDelivered:
        """Written outside any transaction, and handed over under a lock on the list.

        What is handed over again goes to the same place under the same name.

        Returns:
            Whether it has reached the employer; if not, what is missing.

        Raises:
            DeliveryFailed: the mail server did not take it for a passing reason; retried.
        """
        async with heartbeats(), self._pool.acquire() as connection:
            prepared = await self._prepare(connection, request)
            while not isinstance(prepared, ListDelivered):
                package = await asyncio.to_thread(self._pack, *prepared)
                prepared = await self._send(connection, request, package)
            _log.info(
                "list.delivered" if prepared.delivered else "list.waits",
                why=prepared.why,
                list_number=request.list_number,
            )
            return prepared

    @activity.defn(name="remind_employer")
    async def remind_employer(self, request: ListRequest) -> bool:
        """Under a lock on the list, in the transaction that notes it.

        Raises:
            DeliveryFailed: the mail server did not take it for a passing reason; retried.
        """
        async with heartbeats(), self._pool.acquire() as connection:
            again = await self._remind(connection, request)
            if isinstance(again, str):
                raise DeliveryFailed(f"a reminder is to be sent again: {again}")
            return again

    async def _remind(self, connection: Connection, request: ListRequest) -> bool | str:
        """Return whether a reminder is out, or why it is to be tried again."""
        async with Postbox(self._settings) as postbox, patiently(connection):
            found = await _lock(connection, request.list_number)
            if found["reminded"] or found["email"] is None:
                return bool(found["reminded"])
            key = f"deduction/not_reminded/{request.list_number}"
            post = self._post(connection, postbox, request, "reminder")
            mail = list_mail(
                self._settings, _figures(found, "reminder"), found["email"], request.today
            )
            try:
                await post.check()
                savepoint = connection.transaction()
                await savepoint.start()
                await _check_reminder(connection, request)
                if not await post.send(mail, savepoint):
                    return str(post.again)
            except Stopped as stopped:
                await open_task(
                    connection,
                    key=key,
                    kind="deduction_not_reminded",
                    says=f"The reminder of list {request.list_number} is not out: {stopped}.",
                    today=request.today,
                )
                return False
            await _SQL.mark_reminded(
                connection, list_number=request.list_number, reminded_on=request.today
            )
            await close_task_of(connection, key, today=request.today, by="delivery")
        return True

    def _post(
        self, connection: Connection, postbox: Postbox, request: ListRequest, about: str
    ) -> ListPost:
        seconds = self._settings.answer_seconds
        return ListPost(connection, postbox, seconds, request.list_number, about)

    async def _prepare(
        self, connection: Connection, request: ListRequest
    ) -> ListDelivered | tuple[Mapping[str, Any], ShownList]:
        """Ask the gate for each line, and note what it says before anything goes out.

        A disclosure is logged first: better one too many than one too few.
        """
        async with patiently(connection):
            found = await _lock(connection, request.list_number)
            if found["delivered_count"] is not None:
                return _delivered(found)
            missing = channel_missing(found, self._settings)
            shown = None
            if missing is None:
                shown = await self._pass_gate(connection, request, found)
            if await _SQL.is_for_nobody(connection, list_number=request.list_number):
                return await self._keep_back(connection, request)
            if shown is None:
                return await _wait(connection, request, str(missing))
        return found, shown

    async def _pass_gate(
        self, connection: Connection, request: ListRequest, found: Mapping[str, Any]
    ) -> ShownList:
        """Return what the employer may be shown; log that, and withhold the rest."""
        await _SQL.lock_listed(connection, list_number=request.list_number)
        shown: list[Mapping[str, Any]] = []
        withheld: list[tuple[str, str]] = []
        async for row in _SQL.read_listed(connection, list_number=request.list_number):
            known = circumstances_of(row, request.today)
            verdict = pass_gate(Audience.EMPLOYER, Template.DEDUCTION_LIST, known)
            if verdict.passage is GateOutcome.SEND:
                shown.append(row)
            else:
                withheld.append((row["membership_id"], verdict.note or "stopped"))
        if withheld:
            await _SQL.withhold(
                connection,
                list_number=request.list_number,
                memberships=[member for member, _ in withheld],
                reasons=[reason for _, reason in withheld],
                withheld_on=request.today,
            )
        await _SQL.log_list_disclosures(
            connection,
            key=f"deduction-list-{request.list_number}",
            memberships=[row["membership_id"] for row in shown],
            basis=deduction_basis(Template.DEDUCTION_LIST, found),
            disclosed_on=request.today,
        )
        return ShownList(
            union_orgnr=self._settings.organisation.orgnr,
            employer_orgnr=found["employer_orgnr"],
            period_from=found["period_from"],
            number=found["number"],
            kid=found["kid"],
            lines=tuple(line_of(row) for row in shown),
        )

    def _pack(self, found: Mapping[str, Any], shown: ShownList) -> Package:
        """Write the files: seconds of work for a long list, so before anything is locked."""
        name, workbook = shown.number, xlsx_file(shown)
        if found["list_channel"] == "folder":
            said = list_text(self._settings, _figures(found, "list")).plain
            letter = said.replace("\n", "\r\n").encode("utf-8-sig")
            files = ((f"{name}.csv", csv_file(shown)), (f"{name}.xlsx", workbook))
            return Package(shown, (*files, (f"{name}.txt", letter)))
        return Package(shown, ((f"{name}.xlsx", locked(workbook, found["list_password"])),))

    async def _send(
        self, connection: Connection, request: ListRequest, package: Package
    ) -> ListDelivered | tuple[Mapping[str, Any], ShownList]:
        """Hand over a list under the lock, unless it has to say something else by now.

        Raises:
            DeliveryFailed: the mail server did not take it, which is noted; retried.
        """
        async with Postbox(self._settings) as postbox, patiently(connection):
            found = await _lock(connection, request.list_number)
            if found["delivered_count"] is not None:
                return _delivered(found)
            missing = channel_missing(found, self._settings)
            if missing is not None:
                return await _wait(connection, request, missing)
            post = self._post(connection, postbox, request, "list")
            try:
                changed = await self._go_out(connection, request, package, found, post)
            except Stopped as stopped:
                return await _wait(connection, request, str(stopped))
            nobody = await _SQL.is_for_nobody(connection, list_number=request.list_number)
            if nobody:
                return await self._keep_back(connection, request)
            if changed is not None:
                return found, changed
            if post.again is None:
                lines = package.shown.lines
                return await self._note_delivered(
                    connection, request, package.shown.total_ore, len(lines), found["list_channel"]
                )
        raise DeliveryFailed(f"a list is to be sent again: {post.again}")

    async def _go_out(
        self,
        connection: Connection,
        request: ListRequest,
        package: Package,
        found: Mapping[str, Any],
        post: ListPost,
    ) -> ShownList | None:
        """Let a list out by its channel; return what it has to say if that is something else.

        The members are locked in a savepoint: what was logged of them stands since ``_prepare``,
        so that undoing it unlocks them and nothing else.
        """
        by_mail = found["list_channel"] == "email"
        if by_mail:
            await post.check()
        savepoint = connection.transaction()
        await savepoint.start()
        shown = await self._pass_gate(connection, request, found)
        if shown != package.shown or by_mail != (len(package.files) == 1):
            await savepoint.commit()
            return shown
        if by_mail:
            mail = list_mail(
                self._settings,
                _figures(found, "list"),
                found["email"],
                request.today,
                package.files,
            )
            await post.send(mail, savepoint)
        else:
            assert self._settings.list_folder is not None, "asked for a moment ago"
            folder = self._settings.list_folder / found["payer_number"]
            await asyncio.to_thread(put_files, folder, package.files)
            await savepoint.commit()
        return None

    async def _keep_back(self, connection: Connection, request: ListRequest) -> ListDelivered:
        """Note a list without a line to show: it goes nowhere, not even an empty one (S30)."""
        return await self._note_delivered(connection, request, 0, 0, "none")

    async def _note_delivered(
        self,
        connection: Connection,
        request: ListRequest,
        shown_ore: int,
        shown_count: int,
        channel: str,
    ) -> ListDelivered:
        await _SQL.mark_delivered(
            connection,
            list_number=request.list_number,
            channel=channel,
            delivered_on=request.today,
            shown_ore=shown_ore,
            shown_count=shown_count,
        )
        key = _waiting_key(request.list_number)
        await close_task_of(connection, key, today=request.today, by="delivery")
        return _delivered(await _lock(connection, request.list_number))


def _figures(found: Mapping[str, Any], about: str) -> dict[str, Any]:
    """Return what the letter with a list, or its reminder, says."""
    return {
        "about": about,
        "list_number": found["number"],
        "kid": found["kid"],
        "due_on": found["report_due_on"],
        "folder": found["list_channel"] == "folder",
    }


def deduction_basis(template: Template, found: Mapping[str, Any]) -> str:
    """Return by what right an employer is shown lines, but for each member's consent. D4."""
    basis = basis_of(Audience.EMPLOYER, template)
    assert basis is not None, "nothing goes to an employer without a basis"
    return rests_on(basis, found["agreement"], found["agreed_on"], None)


def channel_missing(found: Mapping[str, Any], settings: NotificationSettings) -> str | None:
    """Return why nothing can go out by the channel an employer has, or None."""
    if found["list_channel"] == "folder":
        return None if settings.list_folder is not None else NO_FOLDER
    usable = found["email"] is not None and found["list_password"] is not None
    return None if usable else NO_ADDRESS


async def _lock(connection: Connection, list_number: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = await _SQL.lock_deduction_list(
        connection, list_number=list_number
    )
    if found is None:
        raise Unknown("there is no such list")
    return found


def _delivered(found: Mapping[str, Any]) -> ListDelivered:
    return ListDelivered(delivered=True, shown=found["delivered_count"], withheld=found["withheld"])


async def _check_reminder(connection: Connection, request: ListRequest) -> None:
    """Lock the members of a list that an employer is to be reminded of.

    Raises:
        Stopped: nothing about any of them may leave any more.
    """
    await _SQL.lock_listed(connection, list_number=request.list_number)
    if await _SQL.is_about_the_hidden(connection, list_number=request.list_number):
        raise Stopped(SILENT)


def _waiting_key(list_number: str) -> str:
    return f"deduction/not_delivered/{list_number}"


async def _wait(connection: Connection, request: ListRequest, why: str) -> ListDelivered:
    """Ask a caseworker for what a list needs to go out."""
    await open_task(
        connection,
        key=_waiting_key(request.list_number),
        kind="deduction_not_delivered",
        says=f"List {request.list_number} has not reached its employer: {why}. It is looked at "
        "again every day.",
        today=request.today,
    )
    return ListDelivered(delivered=False, why=why)


def circumstances_of(row: Mapping[str, Any], today: date, *, attached: bool = True) -> GateFacts:
    """Return what the gate knows of a line; who deducts has been settled by the charge itself."""
    return GateFacts(
        stage=Stage(row["stage"]),
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        hidden=row["hidden"],
        hiding=row["hiding"],
        attached=attached,
        told=True,
        overtaken=False,
        asked_on=None,
        has_national_id=row["national_id"] is not None,
        may_tell_recruiter=False,
        ends_cover=False,
        stops=row["code"] == Code.STOP,
        today=today,
    )


def line_of(row: Mapping[str, Any]) -> ShownLine:
    """Return a line as its employer is shown it."""
    return ShownLine(**{name: row[name] for name in ShownLine.__dataclass_fields__})
