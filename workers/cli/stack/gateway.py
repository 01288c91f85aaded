"""`medlemsflyt gateway` and `token`: the one door, and a key to it on a developer's machine."""

import importlib
from pathlib import Path
from typing import Annotated

import typer

from schemas.access.roles import GRANTED, AccessRole
from workers.cli.shared.printing import say
from workers.errors import UserError
from workers.settings import DEFAULT_DATA_DIR, Environment, load_settings, load_stack


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(gateway)
    app.command()(token)


def gateway() -> None:
    """Run the gateway until SIGTERM or Ctrl-C; settings come from the environment.

    People log in with the OpenID provider, systems bring its tokens. Behind it are the Temporal UI
    and Temporal's HTTP API; what each role may do there stands in docs/for-operators.md.
    """
    settings = load_settings()
    # The web framework is loaded only in its own process.
    importlib.import_module("workers.gateway.serving").main(settings)


def token(
    role: Annotated[AccessRole, typer.Option("--role", help="What its bearer is.")],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Who its bearer is.")],
    branch: Annotated[
        str | None, typer.Option("--branch", metavar="CODE", help="The branch of `branch`.")
    ] = None,
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="Folder of the running stack.")
    ] = DEFAULT_DATA_DIR,
) -> None:
    """Print a token for the gateway of a running `medlemsflyt dev`, good for an hour.

    Send it as `Authorization: Bearer TOKEN`. Elsewhere the provider that the gateway goes by gives
    tokens, and this is refused.
    """
    if load_settings().environment is Environment.PRODUCTION:
        raise UserError("Tokens come from the login provider in production: ask it for one.")
    if role not in GRANTED:
        raise UserError(f"Nobody can be {role}: that is this service itself.")
    if not name.strip() or not name.isprintable():
        raise UserError("--name must be one line of text.")
    from workers.gateway.identity import kept
    from workers.gateway.identity.provider import signed
    from workers.gateway.settings import DEFAULT_AUDIENCE

    stack = load_stack(data)
    identity = kept.load(data / kept.FILE)
    claims = {"sub": f"{role}:{name}", "name": name, "roles": [str(role)]}
    if branch is not None:
        claims["branch"] = branch
    say(signed(identity, f"{stack.gateway_url}{kept.PATH}", DEFAULT_AUDIENCE, claims))
