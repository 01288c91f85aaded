"""`medlemsflyt forecast` and `explain`: what a membership comes to, and why it is as it is."""

import asyncio

import typer

from schemas.membership.forecast import Forecast
from schemas.membership.state import Explanation
from workers.cli.membership.forecast_view import render_forecast
from workers.cli.membership.priced import ask_by_prices
from workers.cli.membership.show_view import explanation
from workers.cli.shared.connections import membership_id
from workers.cli.shared.options import AsJson, DataDir, MembershipId
from workers.cli.shared.printing import console
from workers.cli.shared.queries import ask
from workers.settings import resolve_settings


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(forecast)
    app.command()(explain)


def forecast(id_: MembershipId, data: DataDir = None, as_json: AsJson = False) -> None:
    """Show what will happen to a member until 80 if nobody else does anything.

    Every date, letter and amount comes from the decisions the membership itself will make. With
    --json exactly what its query `forecast` answers.
    """
    settings, target = resolve_settings(data), membership_id(id_)
    if as_json:
        typer.echo(asyncio.run(ask(settings, target, "forecast"))[0])
        return
    answer = asyncio.run(ask_by_prices(settings, target, "forecast"))
    found = Forecast.model_validate_json(answer.text)
    console().print(render_forecast(found, settings.rules_url, asleep=answer.asleep))


def explain(id_: MembershipId, data: DataDir = None, as_json: AsJson = False) -> None:
    """Show why: of every amount and wait the rule and the fact, who reported it, and when.

    With --json exactly what its query `explain` answers. `show --explain` is the same.
    """
    settings, target = resolve_settings(data), membership_id(id_)
    if as_json:
        typer.echo(asyncio.run(ask(settings, target, "explain"))[0])
    else:
        answer = asyncio.run(ask_by_prices(settings, target, "explain"))
        found = Explanation.model_validate_json(answer.text)
        console().print(explanation(found, settings.rules_url, asleep=answer.asleep))
