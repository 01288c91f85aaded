"""`medlemsflyt refund`, `refunds`, `approve-refund`, `refund-file`: money that is paid out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import asyncpg
import typer

from activities.payments import refunds as refund_rows
from activities.payments.outgoing import Outgoing, confirm_by_hand, list_outgoing
from activities.payments.pain import Payer
from activities.payments.refund_files import (
    RefundFile,
    list_held_back,
    make_refund_file,
    read_refund_file,
)
from activities.payments.suspense import NotPossible
from activities.payments.transactions import account_number
from activities.register.private_files import NotWritten, private_file
from schemas.payments.refunds import Refund
from schemas.shared.amounts import in_kroner, kroner
from workers.cli.shared.amounts import ore_of
from workers.cli.shared.clock import today
from workers.cli.shared.connections import transaction
from workers.cli.shared.listing import FIRST_PAGE, Limit
from workers.cli.shared.options import AsJson, DataDir
from workers.cli.shared.printing import counted, plain, print_json, print_table, say
from workers.cli.shared.reading import one_line
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workers.signing import subject_of

By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
RefundId = Annotated[str, typer.Argument(metavar="REFUND", help="Its id, as `refunds` lists it.")]
Why = Annotated[str, typer.Option("--reason", metavar="TEXT", help="For the books.")]
To = Annotated[
    str | None,
    typer.Option("--to", metavar="NAME", help="Who receives it. Default: who paid, or the member."),
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(refund)
    app.command()(refunds)
    app.command("refund-account")(refund_account)
    app.command("approve-refund")(approve_refund)
    app.command("refund-file")(refund_file)
    app.command("refund-paid")(refund_paid)
    app.command("refund-rejected")(refund_rejected)


def refund(
    by: By,
    reason: Why,
    reference: Annotated[
        str | None,
        typer.Argument(metavar="[REFERENCE]", help="A payment's, as `suspense` lists it."),
    ] = None,
    member: Annotated[
        str | None,
        typer.Option("--member", metavar="NUMBER", help="Or all the credit of this member."),
    ] = None,
    amount: Annotated[
        str | None, typer.Option(metavar="KRONER", help="Default: all there is.")
    ] = None,
    account: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="The receiver's. Default: where the money came from."),
    ] = None,
    to: To = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Ask for money in suspense, or a member's credit, to be paid out.

    Nothing leaves before somebody else has approved it (approve-refund) and the bank has been told
    (refund-file).
    """
    settings = resolve_settings(data)
    if (reference is None) == (member is None):
        raise UserError("Nothing was changed: name a payment, or a member with --member.")
    _check_not_ours(settings, account)
    asked: dict[str, Any] = {
        "reference": reference,
        "member_number": member,
        "amount_ore": None if amount is None else ore_of(amount, "--amount"),
        "account": account,
        "receiver": None if to is None else one_line("to", to),
        "by": one_line("by", by),
        "reason": one_line("reason", reason),
        "subject": subject_of(settings),
    }
    found = _do(settings, lambda at: refund_rows.ask_refund(at, today=today(), **asked))
    if as_json:
        # The first two are what this command has always said.
        old = {"reference": reference, "refunded_ore": found.amount_ore}
        print_json(old | found.model_dump(mode="json"))
        return
    what = f"{kroner(found.amount_ore)} of {reference or f'member {member}'}"
    if found.account is None:
        say(
            f"{what} are to be paid back as {found.refund_id}. Nobody knows to which account: ask "
            f"for it, and name it with refund-account {found.refund_id}."
        )
    else:
        say(f"{what} are to be paid back as {found.refund_id}, once somebody else approves it.")


def _check_not_ours(settings: Settings, account: str | None) -> None:
    if account is not None and account_number(account) == settings.union.account_number:
        raise UserError("Nothing was changed: that is our own account.")


def refunds(
    everything: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    debits: Annotated[
        bool,
        typer.Option("--debits", help="What has left the account, and no refund is known for."),
    ] = False,
    limit: Limit = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """List the refunds that are not over, the oldest first, and how far each has come."""
    settings = resolve_settings(data)
    if debits:
        _show_debits(_do(settings, list_outgoing), as_json=as_json)
        return
    most = None if as_json and limit is None else (limit or FIRST_PAGE) + 1
    found = _do(
        settings,
        lambda at: refund_rows.list_refunds(at, only_open=not everything, most=most),
    )
    shown = found if most is None else found[: most - 1]
    if as_json:
        print_json({"refunds": [one.model_dump(mode="json") for one in shown]})
        return
    print_table(
        "Refunds",
        ("Refund", "State", "Asked", "By", "Kroner", "To", "Account", "Reason"),
        [
            (
                one.refund_id,
                str(one.state),
                str(one.requested_on),
                plain(one.requested_by),
                in_kroner(one.amount_ore),
                plain(one.receiver or "–"),
                one.account or "asked for",
                plain(one.reason),
            )
            for one in shown
        ],
    )
    if len(found) > len(shown):
        say("There is more: see --limit.")


def _show_debits(found: list[Outgoing], *, as_json: bool) -> None:
    if as_json:
        print_json({"debits": [one.model_dump(mode="json") for one in found]})
        return
    print_table(
        "What has left the account",
        ("Entry", "On", "Kroner", "To whom, as the bank says"),
        [
            (
                one.entry,
                str(one.booked_on),
                in_kroner(one.amount_ore),
                plain(" · ".join(filter(None, (one.receiver, one.account, one.text)))) or "–",
            )
            for one in found
        ],
    )


def refund_account(
    refund_id: RefundId,
    account: Annotated[str, typer.Option(metavar="NUMBER", help="The receiver's: 11 digits.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who has been told it.")],
    to: To = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Name the account that a refund goes to, until somebody has approved it."""
    settings = resolve_settings(data)
    _check_not_ours(settings, account)
    who: dict[str, Any] = {
        "by": one_line("by", by),
        "receiver": None if to is None else one_line("to", to),
        "subject": subject_of(settings),
    }
    _said(
        _do(settings, lambda at: refund_rows.name_receiver(at, refund_id, account=account, **who)),
        "has its account, once somebody else approves it",
        as_json=as_json,
    )


def approve_refund(
    refund_id: RefundId,
    by: By,
    refuse: Annotated[
        bool, typer.Option("--refuse", help="Give it up: what it was of is free again.")
    ] = False,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Of a refusal.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Approve a refund that somebody else has asked for, or refuse it."""
    settings, who = resolve_settings(data), one_line("by", by)
    if refuse and reason is None:
        raise UserError("Nothing was changed: say why with --reason.")
    if not refuse:
        found = _do(
            settings,
            lambda at: refund_rows.approve_refund(
                at, refund_id, today=today(), by=who, subject=subject_of(settings)
            ),
        )
        _said(found, "is approved: tell the bank with refund-file", as_json=as_json)
        return
    why = one_line("reason", reason or "")
    found = _do(
        settings,
        lambda at: refund_rows.refuse_refund(at, refund_id, today=today(), by=who, why=why),
    )
    _said(found, "is given up", as_json=as_json)


def refund_file(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Where it is written; nothing may be there."),
    ],
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Who tells the bank.")
    ] = None,
    again: Annotated[
        str | None,
        typer.Option("--again", metavar="MESSAGE", help="Write this file once more, as it was."),
    ] = None,
    bic: Annotated[
        str | None, typer.Option("--bic", metavar="BIC", help="Of our bank, if it asks for it.")
    ] = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write what is approved into a file for the bank (pain.001), for its owner's eyes only.

    Each refund is in one file. From then on it is on its way, until the bank's own debit comes.
    What the bank has taken back meanwhile is in none.
    """
    settings = resolve_settings(data)
    if (by is None) == (again is None):
        raise UserError("Nothing was written: name yourself with --by, or a file with --again.")
    if file.exists():
        raise UserError(f"Nothing was written: {file.name} is there already.")
    if not file.parent.is_dir():
        raise UserError(f"Nothing was written: there is no folder for {file.name}.")
    made, of_it = _do(settings, lambda at: _made(at, settings, by, again, _checked_bic(bic)))
    held = _do(settings, list_held_back)
    if made is None:
        say(" ".join(["No refund is approved that may go into a file.", *_held_back(held)]))
        return
    _write(file, made)
    total = sum(one.amount_ore for one in of_it)
    if as_json:
        ids = [one.refund_id for one in of_it]
        told = {"message_id": made.message_id, "refunds": ids, "amount_ore": total}
        print_json(told | {"held_back": held})
    else:
        told_of = f"{made.message_id}: {counted(len(of_it), 'refund')}, {kroner(total)}."
        say(" ".join([told_of, *_held_back(held)]))


def _held_back(refund_ids: list[str]) -> list[str]:
    return [
        f"Not {one}: the bank has taken back what it is of, or as much that was paid back before. "
        f"Give it up with approve-refund {one} --refuse."
        for one in refund_ids
    ]


def _checked_bic(bic: str | None) -> str | None:
    if bic is not None and not (bic.isascii() and bic.isalnum() and len(bic) in {8, 11}):
        raise UserError("Nothing was written: a BIC has 8 or 11 letters and digits.")
    return None if bic is None else bic.upper()


async def _made(
    connection: asyncpg.pool.PoolConnectionProxy,
    settings: Settings,
    by: str | None,
    again: str | None,
    bic: str | None,
) -> tuple[RefundFile | None, list[Refund]]:
    """Return a file with the refunds in it: a new one, or one that was written."""
    if by is None:
        made: RefundFile | None = await read_refund_file(connection, again or "")
    else:
        union = settings.union
        payer = Payer(union.name, union.orgnr, union.account_number, bic)
        made = await make_refund_file(connection, payer, today=today(), by=one_line("by", by))
    if made is None:
        return None, []
    return made, await refund_rows.list_refunds(connection, message_id=made.message_id)


def _write(path: Path, made: RefundFile) -> None:
    try:
        with private_file(path) as file:
            file.write(made.content)
    except NotWritten as error:
        raise UserError(
            f"{made.message_id} is booked, and can't be written: {error}. Write it again with "
            f"refund-file FILE --again {made.message_id}."
        ) from None


def refund_paid(
    refund_id: RefundId,
    entry: Annotated[
        str, typer.Option("--entry", metavar="ENTRY", help="As `refunds --debits` lists it.")
    ],
    by: By,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say which of the bank's debits a refund is, where the bank does not tell."""
    who = one_line("by", by)
    found = _do(
        resolve_settings(data),
        lambda at: confirm_by_hand(at, refund_id, entry, today=today(), by=who),
    )
    _said(found, "is paid", as_json=as_json)


def refund_rejected(
    refund_id: RefundId,
    by: By,
    reason: Why,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Say that the bank has rejected an instruction, so that nothing has left."""
    who, why = one_line("by", by), one_line("reason", reason)
    found = _do(
        resolve_settings(data),
        lambda at: refund_rows.note_rejected(at, refund_id, today=today(), by=who, why=why),
    )
    _said(found, "is owed again: ask for another account, and for a new refund", as_json=as_json)


def _said(found: Refund, what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        say(f"{found.refund_id}, {kroner(found.amount_ore)}, {what}.")


def _do(
    settings: Settings, work: Callable[[asyncpg.pool.PoolConnectionProxy], Awaitable[Any]]
) -> Any:
    """Return what a change comes to, in a transaction; what can't be done becomes a sentence.

    Raises:
        UserError: the database does not answer, or says no.
    """

    async def do() -> Any:
        async with _changing(settings) as connection:
            return await work(connection)

    return asyncio.run(do())


@asynccontextmanager
async def _changing(settings: Settings) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
    async with transaction(settings) as connection:
        try:
            yield connection
        except NotPossible as error:
            raise UserError(f"Nothing was changed: {error}.") from None
