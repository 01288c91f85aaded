"""`medlemsflyt erase`, `erasure-hold`, `erasure-certificate`: who is to be nobody any more."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.membership.kept import kept_state
from activities.privacy import erasing
from activities.privacy.certifying import (
    BadCertificate,
    SignedCertificate,
    certificate_of,
    checked,
)
from activities.shared.rulebook import RulebookReader
from schemas.access.roles import AccessRole
from schemas.names import MEMBERSHIP_QUEUE, WorkflowType, erasure_id
from schemas.privacy.certificate import Certificate
from schemas.privacy.erasure import IN_WORDS, ErasureOrder, ErasurePlan, Explained
from schemas.privacy.fates import STAYS
from workers.cli.persons import whole_id
from workers.cli.shared.clock import today
from workers.cli.shared.connections import (
    as_it_is,
    membership_id,
    reach_temporal,
    temporal_answers,
    transaction,
)
from workers.cli.shared.options import AsJson, DataDir, MembershipId
from workers.cli.shared.printing import counted, print_json, print_table, say
from workers.cli.shared.reading import day_of, one_line
from workers.errors import UserError
from workers.settings import Settings, resolve_settings
from workers.signing import ring_of

WhoseId = Annotated[
    str, typer.Argument(metavar="ID", help="A person's id, or that of a membership of theirs.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(erase)
    app.command()(erasure_hold)
    app.command()(erasure_certificate)


def erase(
    id_: WhoseId,
    by: Annotated[
        str,
        typer.Option("--by", metavar="WHO", help="Who asks: a role, or `member`; never a name."),
    ] = AccessRole.DATA_PROTECTION_OFFICER,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what goes, what stays and until when.")
    ] = False,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Erase a person with all memberships: at once, or as soon as nothing stands in the way.

    What the law on bookkeeping wants stays, as nobody's. It can't be undone: see --dry-run first.
    """
    settings, whose = resolve_settings(data), whole_id(id_)
    plan = asyncio.run(_planned(settings, whose))
    if dry_run:
        _show_plan(plan, as_json=as_json)
        return
    started = asyncio.run(_started(settings, plan.whose, one_line("by", by)))
    if as_json:
        waits = [one.model_dump(mode="json") for one in plan.obstacles]
        print_json({"erasure": started, "whose": plan.whose, "waits_for": waits})
        return
    say(f"{started} has begun: see it in the Temporal UI, and then its certificate.")
    _show_obstacles(plan.obstacles)


async def _planned(settings: Settings, whose: str) -> ErasurePlan:
    """Return what would be done.

    Raises:
        UserError: nobody is known under that id, or whoever was is erased.
    """
    rulebooks = RulebookReader(allow_synthetic_ids=settings.allow_synthetic_ids)
    async with transaction(settings) as connection:
        person = await erasing.person_of(connection, whose)
        policies = (await rulebooks.current(connection)).policies_on(today())
        plan = await erasing.plan_erasure(connection, person or whose, policies, today())
        if plan is not None:
            return plan
        gone = await kept_state(connection, whose)
    if gone is not None and gone.erased_on is not None:
        raise UserError(
            f"{whose} was erased on {gone.erased_on}: see `medlemsflyt erasure-certificate "
            f"{gone.erasure}`."
        )
    raise UserError(f"There is nobody to erase under {whose}, or retention has begun to erase it.")


async def _started(settings: Settings, whose: str, by: str) -> str:
    order = ErasureOrder(whose=whose, requested_by=by)
    client = await reach_temporal(settings)
    try:
        with temporal_answers(settings):
            await client.start_workflow(
                WorkflowType.ERASURE,
                as_it_is(order.model_dump_json().encode()),
                id=erasure_id(whose),
                task_queue=MEMBERSHIP_QUEUE,
                # An erasure that failed begins again; of one that is done there is nothing left.
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            )
    except WorkflowAlreadyStartedError:
        pass
    return erasure_id(whose)


def _show_plan(plan: ErasurePlan, *, as_json: bool) -> None:
    if as_json:
        print_json(plan.model_dump(mode="json"))
        return
    whom = "the person" if plan.person else "a part of what is known of the person"
    say(f"{plan.whose}: {whom}, {counted(len(plan.memberships), 'membership')}.")
    _show_obstacles(plan.obstacles)
    print_table("Goes", ("Table", "Rows"), [(name, str(n)) for name, n in plan.erased.items()])
    print_table(
        "Stays as nobody's",
        ("Table", "Rows", "Why"),
        [
            (name, str(rows), STAYS[name].because)
            for name, rows in (plan.pseudonymised | plan.kept).items()
        ],
    )
    if plan.kept_until is not None:
        say(f"The accounts need it until {plan.kept_until}.")
    say("The keys and all runs in Temporal go as well.")


def _show_obstacles(obstacles: tuple[Explained, ...]) -> None:
    print_table(
        "It waits for",
        ("Membership", "What", "Until"),
        [
            (
                one.membership_id,
                ": ".join(filter(None, (IN_WORDS[one.obstacle], one.reason))),
                str(one.until_on or "it is over"),
            )
            for one in obstacles
        ],
    )


def erasure_hold(
    member: MembershipId,
    until: Annotated[
        str,
        typer.Option(
            metavar="YYYY-MM-DD", help="The first day without it; today ends an earlier hold."
        ),
    ],
    by: By,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: a dispute.")],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Keep a membership from being erased before a day, by request or by itself."""
    until_on, target = day_of("until", until), membership_id(member)
    asyncio.run(
        _held(
            resolve_settings(data),
            erasing.HoldOrder(
                membership_id=target,
                until=until_on,
                reason=one_line("reason", reason),
                decided_by=one_line("by", by),
                today=today(),
            ),
        )
    )
    if as_json:
        print_json({"membership_id": target, "until": str(until_on)})
    else:
        say(f"{target} is not erased before {until_on}.")


async def _held(settings: Settings, order: erasing.HoldOrder) -> None:
    try:
        async with transaction(settings) as connection:
            await erasing.hold_erasure(connection, order)
    except erasing.NotHeld as why:
        raise UserError(f"Nothing is held: {why}.") from None


def erasure_certificate(
    which: Annotated[
        str,
        typer.Argument(
            metavar="ID|FILE", help="An erasure's id, a membership's, or a file of this --json."
        ),
    ],
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Show the certificate of an erasure, once its signature holds.

    With --json as a file that anybody can check who has the service's public key.
    """
    settings = resolve_settings(data)
    found = _read(Path(which)) if Path(which).is_file() else asyncio.run(_kept(settings, which))
    if as_json:
        print_json({"certificate": found.text, "signature": found.signature, "key": found.key_id})
        return
    try:
        _show(checked(found, ring_of(settings)))
        say(f"Its signature holds (key {found.key_id}).")
    except BadCertificate as why:
        raise UserError(f"The certificate proves nothing: {why}.") from None


def _read(path: Path) -> SignedCertificate:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return SignedCertificate(found["certificate"], found["signature"], found["key"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{path} is no certificate as --json writes it.") from None


async def _kept(settings: Settings, which: str) -> SignedCertificate:
    async with transaction(settings) as connection:
        found = await certificate_of(connection, which)
    if found is None:
        raise UserError(f"There is no certificate of {which}: it is not erased, or not yet.")
    return found


def _show(certificate: Certificate) -> None:
    say(
        f"{certificate.erasure_id}: erased on {certificate.erased_on}, asked for by "
        f"{certificate.requested_by} on {certificate.requested_on}."
    )
    say(
        f"{counted(certificate.runs_deleted, 'run')} deleted, "
        f"{counted(certificate.keys_destroyed, 'key')} destroyed."
    )
    print_table(
        "Went", ("Table", "Rows"), [(name, str(rows)) for name, rows in certificate.erased.items()]
    )
    print_table(
        "Stays as nobody's",
        ("Table", "Rows", "Why"),
        [(name, str(kept.rows), kept.because) for name, kept in certificate.kept.items()],
    )
    if certificate.kept_until is not None:
        say(f"The accounts need it until {certificate.kept_until}.")
    print_table("Elsewhere", ("What", "Until"), list(certificate.elsewhere.items()))
