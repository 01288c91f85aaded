"""The worker that keeps PostgreSQL: queues ``membership-persistence`` and ``membership-bulk``."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass

import asyncpg
from temporalio.client import Client
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from activities.arrears.activities import Arrears
from activities.audit.activities import Audit
from activities.deduction.activities import Deduction
from activities.direct_debit.activities import DirectDebit
from activities.direct_debit.claims import Creditor
from activities.dues.activities import Dues
from activities.dues.letters import DuesLetters
from activities.membership.activities import Persistence
from activities.payments.activities import Bank
from activities.pricing.activities import Pricing
from activities.privacy.activities import Destroy, Privacy
from activities.shared.signatures import UNKNOWN, Signatures
from activities.shared.stamping import stamping_client
from activities.statements.activities import Statements
from schemas.names import BULK_QUEUE, PERSISTENCE_QUEUE
from workers.database import connect_database
from workers.deleting_runs import deleting_runs
from workers.encryption import destroyer_of, words_over
from workers.observability.metrics import Business, measuring, registry
from workers.observability.readiness import migrated
from workers.observability.traced import Lines
from workers.running import ACTIVITIES_CONVERTER, GRACE, Workers, serve
from workers.settings import Settings, UnionSettings
from workers.signing import sender_of, signatures_of

AT_ONCE = 10
"""Decisions under way at once: as many as their pool has connections."""

BULK_AT_ONCE = 6
"""Long transactions under way at once, beside them and from a pool of their own: however many wait
or run, a decision finds a place and a connection."""


@dataclass(frozen=True)
class Activities:
    """Everything that keeps something in PostgreSQL, one room for each matter."""

    persistence: Persistence
    dues: Dues
    dues_letters: DuesLetters
    arrears: Arrears
    audit: Audit
    bank: Bank
    deduction: Deduction
    direct_debit: DirectDebit
    pricing: Pricing
    privacy: Privacy
    statements: Statements


def rooms(
    pool: asyncpg.Pool,
    client: Client,
    *,
    allow_synthetic_ids: bool,
    account_number: str = UnionSettings.account_number,
    giro_sender: str | None = UnionSettings.giro_sender,
    signatures: Signatures = UNKNOWN,
    destroy: Destroy | None = None,
) -> Activities:
    """Return the rooms over one pool.

    Args:
        pool: from ``activities.database.pool.open_pool``; whoever opened it closes it.
        client: to start and tell workflows.
        allow_synthetic_ids: test numbers count as national ids; never in production.
        account_number: where members pay, 11 digits.
        giro_sender: our number with the bank's processing centre, 8 digits; None: claim nothing.
        signatures: whose stamps are believed, and whether every message must have one.
        destroy: destroys the keys of a membership; None: nothing is encrypted here.
    """
    return Activities(
        persistence=Persistence(
            pool, allow_synthetic_ids=allow_synthetic_ids, signatures=signatures, client=client
        ),
        dues=Dues(pool),
        dues_letters=DuesLetters(pool),
        arrears=Arrears(pool, client),
        audit=Audit(pool, client),
        bank=Bank(pool, client, account=account_number),
        deduction=Deduction(pool, client, signatures),
        direct_debit=DirectDebit(pool, Creditor(sender=giro_sender, account=account_number)),
        pricing=Pricing(pool, client),
        privacy=Privacy(pool, client, destroy, signatures.own),
        statements=Statements(pool),
    )


def worker(client: Client, at: Activities, bulk: Activities | None = None) -> Workers:
    """Return the workers with everything they run, one for each queue.

    Args:
        client: of the namespace.
        at: the rooms, over the connections that decisions use.
        bulk: the rooms over the connections of runs over many members; None: the same.
    """
    return Workers(
        _worker(client, PERSISTENCE_QUEUE, at, AT_ONCE),
        _worker(client, BULK_QUEUE, bulk or at, BULK_AT_ONCE),
    )


def _worker(client: Client, queue: str, at: Activities, at_once: int) -> Worker:
    # Both take everything: what was asked for by older workflows stands in the queue of that time.
    return Worker(
        client,
        task_queue=queue,
        activities=[
            at.persistence.receive_application,
            at.persistence.record_decision,
            at.persistence.load_membership,
            at.persistence.forward_message,
            at.persistence.check_sender,
            at.persistence.read_rulebook,
            at.dues.open_dues_run,
            at.dues.charge_dues_page,
            at.dues.attach_dues_month,
            at.dues.report_dues_run,
            at.dues_letters.order_invoice_letters,
            at.arrears.plan_arrears,
            at.arrears.pursue_arrears,
            at.arrears.report_arrears_to_members,
            at.arrears.reinstate_members,
            at.audit.open_audit,
            at.audit.audit_ledger,
            at.audit.audit_month,
            at.audit.audit_amounts,
            at.audit.audit_members,
            at.audit.audit_sample,
            at.audit.audit_errands,
            at.audit.find_untold_file,
            at.audit.compare_workflows,
            at.audit.look_again,
            at.audit.check_occupant,
            at.audit.close_audit,
            at.bank.book_bank_file,
            at.bank.tell_about_payments,
            at.deduction.make_deduction_lists,
            at.deduction.start_settlements,
            at.deduction.take_deduction_report,
            at.deduction.settle_list,
            at.deduction.decide_deduction,
            at.direct_debit.make_claims,
            at.pricing.open_repricing,
            at.pricing.announce_prices,
            at.pricing.refresh_records,
            at.pricing.tell_repricing_page,
            at.pricing.close_repricing,
            at.privacy.open_erasure,
            at.privacy.tell_partners,
            at.privacy.erase_rows,
            at.privacy.delete_histories,
            at.privacy.destroy_keys,
            at.privacy.certify_erasure,
            at.privacy.find_due_erasures,
            at.privacy.forget_accesses,
            at.statements.open_year_end,
            at.statements.make_year_end_page,
            at.statements.report_year_end,
        ],
        max_concurrent_activities=at_once,
        activity_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=GRACE,
        interceptors=[Lines()],
    )


def main(settings: Settings) -> None:
    """Run the worker until it is told to stop."""
    signatures, sender = signatures_of(settings), sender_of(settings)
    kept_in = registry()
    business = Business(kept_in)

    @asynccontextmanager
    async def opened(client: Client) -> AsyncIterator[Workers]:
        client = stamping_client(client, sender) if sender is not None else client
        async with (
            await connect_database(settings, AT_ONCE, words_over(client)) as pool,
            await connect_database(settings, BULK_AT_ONCE, words_over(client)) as bulk,
            deleting_runs(bulk, client),
            measuring(business, bulk, client) if settings.health_listen else nullcontext(),
        ):
            destroy = destroyer_of(client)
            workers = worker(client, over(pool, client, destroy), over(bulk, client, destroy))
            workers.looks["database"] = migrated(pool)
            yield workers

    def over(pool: asyncpg.Pool, client: Client, destroy: Destroy | None) -> Activities:
        return rooms(
            pool,
            client,
            allow_synthetic_ids=settings.allow_synthetic_ids,
            account_number=settings.union.account_number,
            giro_sender=settings.union.giro_sender,
            signatures=signatures,
            destroy=destroy,
        )

    asyncio.run(serve(settings, ACTIVITIES_CONVERTER, opened, kept_in=kept_in))
