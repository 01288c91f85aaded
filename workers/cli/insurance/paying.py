"""`medlemsflyt insurance-account`: where the insurance office's money goes."""

import asyncio
from datetime import date
from typing import Annotated

import typer

from activities.insurance import paying
from activities.payments.suspense import NotPossible
from activities.payments.transactions import account_number
from workers.cli.shared.clock import today
from workers.cli.shared.connections import trying
from workers.cli.shared.options import DataDir
from workers.cli.shared.printing import say
from workers.cli.shared.reading import day_of, one_line
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workers.signing import subject_of


def insurance_account(
    account: Annotated[str, typer.Argument(metavar="NUMBER", help="Its account: 11 digits.")],
    to: Annotated[str, typer.Option("--to", metavar="NAME", help="Whose account it is.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who has been told it.")],
    from_on: Annotated[
        str | None, typer.Option("--from", metavar="YYYY-MM-DD", help="Default: today.")
    ] = None,
    data: DataDir = None,
) -> None:
    """Say to which account the insurance office's money goes from a day on."""
    settings = resolve_settings(data)
    day = today() if from_on is None else day_of("from", from_on)
    if account_number(account) == settings.union.account_number:
        raise UserError("Nothing was changed: that is our own account.")
    receiver, who = one_line("to", to), one_line("by", by)
    kept = asyncio.run(_named(settings, account, receiver, day, who))
    say(f"The insurance office is paid to {kept} from {day}.")


async def _named(settings: Settings, account: str, receiver: str, day: date, by: str) -> str:
    async with trying(settings, keep=True) as connection:
        try:
            return await paying.name_account(
                connection,
                account,
                receiver,
                from_on=day,
                today=today(),
                by=by,
                subject=subject_of(settings),
            )
        except NotPossible as error:
            raise UserError(f"Nothing was changed: {error}.") from None
