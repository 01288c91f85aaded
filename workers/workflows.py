"""The worker that decides and waits: task queue ``membership``."""

import asyncio
import dataclasses
from contextlib import AbstractAsyncContextManager

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import PollerBehaviorAutoscaling, Worker

from schemas.desk.languages import WORDINGS, Language
from schemas.names import MEMBERSHIP_QUEUE
from schemas.shared.faults import field_names
from workers import versions
from workers.running import GRACE, Workers, just, serve
from workers.settings import DEVELOPMENT_BUILD, Settings
from workers.signing import door_of
from workflows.arrears.run import ArrearsRun
from workflows.audit.run import Audit
from workflows.deduction.report import DeductionReport
from workflows.deduction.settlement import DeductionSettlement
from workflows.direct_debit.run import DirectDebitRun
from workflows.dues.run import DuesRun
from workflows.events.delivery import EventDelivery
from workflows.letters.mailing import Mailing
from workflows.membership.workflow import Membership
from workflows.payments.bank_import import BankImport
from workflows.pricing.announcement import PriceAnnouncement
from workflows.pricing.repricing import Repricing
from workflows.privacy.erasure import Erasure
from workflows.privacy.retention import Retention
from workflows.shared.on_schedule import OnSchedule
from workflows.shared.sandbox import sandboxed_runner
from workflows.shared.tolerance import (
    Door,
    ToleranceInterceptor,
    TolerantFailureConverter,
    TolerantPayloadConverter,
)
from workflows.statements.year_end import YearEndStatements

CONVERTER = dataclasses.replace(
    pydantic_data_converter,
    payload_converter_class=TolerantPayloadConverter,
    failure_converter_class=TolerantFailureConverter,
)

CACHED_WORKFLOWS = 2000
"""More than are ever active at once: a cache that is too small replays whole histories."""


WORKFLOWS = (
    Membership,
    ArrearsRun,
    Audit,
    BankImport,
    DirectDebitRun,
    DuesRun,
    Erasure,
    EventDelivery,
    Mailing,
    OnSchedule,
    PriceAnnouncement,
    Repricing,
    Retention,
    YearEndStatements,
    DeductionReport,
    DeductionSettlement,
)
"""Everything it runs."""


def worker(
    client: Client,
    build_id: str = DEVELOPMENT_BUILD,
    *,
    plain_answers: bool = False,
    door: Door | None = None,
    language: Language = Language.NB,
    deployment: str | None = None,
) -> Worker:
    """Return the worker with everything it runs; it is given work once its build is current.

    Args:
        client: whose work it does.
        build_id: of its code.
        plain_answers: whether it encrypts, and clients without keys can read its answers.
        door: what each update is looked at by first; None: nothing.
        language: of the pages in the Temporal UI.
        deployment: whose build it is, where an orchestrator gives it a name.
    """
    # It takes a tenth of a second: the first fault of a busy process would seem a deadlock.
    field_names()
    return Worker(
        client,
        task_queue=MEMBERSHIP_QUEUE,
        workflows=WORKFLOWS,
        workflow_runner=sandboxed_runner(),
        interceptors=[
            ToleranceInterceptor(plain_answers=plain_answers, door=door, say=WORDINGS[language])
        ],
        max_cached_workflows=CACHED_WORKFLOWS,
        workflow_task_poller_behavior=PollerBehaviorAutoscaling(),
        graceful_shutdown_timeout=GRACE,
        deployment_config=versions.deployment(build_id, deployment),
    )


def main(settings: Settings) -> None:
    """Run the worker until it is told to stop."""

    async def claim(client: Client) -> None:
        if settings.deployment is not None:
            # Its controller says which build is current, and lets go of what somebody else has set.
            return
        await versions.claim(client, settings.build_id, always=settings.promote)

    door = door_of(settings)

    def worker_of(client: Client) -> AbstractAsyncContextManager[Workers]:
        plain_answers = settings.keys is not None and settings.plain_clients
        return just(
            worker(
                client,
                settings.build_id,
                plain_answers=plain_answers,
                door=door,
                language=settings.ui_language,
                deployment=settings.deployment,
            )
        )

    asyncio.run(serve(settings, CONVERTER, worker_of, before=claim))
