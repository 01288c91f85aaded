"""Money that waits: what is in suspense and where it goes, and refunds with their second person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from activities.access.log import Act
from activities.desk import money
from activities.desk.member import read_member
from activities.desk.money import Payable
from activities.letters.settings import NotificationSettings
from activities.payments import refunds
from activities.payments.placing import Paid, Share, Target, place_shares
from activities.payments.proposals import proposals_for
from activities.payments.suspense import NotPossible, Suspended, stream_suspense
from activities.payments.transactions import account_number
from schemas.access.roles import View, Work, may_do
from schemas.payments.proposals import Proposal
from schemas.payments.refunds import Refund
from workers.gateway.callers import Caller
from workers.gateway.desk.frame import Form, Frame, see_other, today
from workers.gateway.desk.refusals_in_norwegian import Complaint, complaints
from workers.gateway.desk.texts import texts
from workers.gateway.desk.writing import ore_of
from workers.gateway.memberships import Memberships
from workers.gateway.refusals import not_found

MOST = 100
"""Rows of a list: whoever has more works them off first."""

SHARES = 4
"""Lines for what a payment is split into."""

LONGEST = 300


@dataclass(frozen=True)
class Ordered:
    """What a form says of where a payment goes.

    Attributes:
        shares: in their order.
        wrong: what of it can't be read.
    """

    shares: Sequence[Share]
    wrong: Sequence[Complaint]


class MoneyPages:
    """What waits for somebody, and where it is dealt with.

    Args:
        frame: what all pages share.
        memberships: who tells settlements.
        letters: who we are: no refund goes to our own account.
    """

    def __init__(
        self, frame: Frame, memberships: Memberships, letters: NotificationSettings
    ) -> None:
        self._frame = frame
        self._memberships = memberships
        self._letters = letters

    async def show(self, request: Request) -> Response:
        """Show what is in suspense, and the refunds that are not over."""
        caller = await self._frame.caller(request, View.TASKS)
        await self._frame.logbook.write(caller, "list", "desk/money")
        async with self._frame.pool.acquire() as connection:
            waiting = await money.list_waiting(connection, MOST + 1)
            open_refunds = await refunds.list_refunds(connection, only_open=True, most=MOST)
            whose = [one.payment.membership_id for one in waiting]
            whose += [one.membership_id for one in open_refunds]
            names = await money.names_of(connection, [one for one in whose if one])
        return self._frame.page(
            caller,
            "money.html",
            waiting=waiting[:MOST],
            more=len(waiting) > MOST,
            refunds=open_refunds,
            names=names,
            done=request.query_params.get("done", ""),
        )

    async def payment(self, request: Request) -> Response:
        """Show a payment in suspense, for whom it may be, and what can be done with it."""
        caller = await self._frame.caller(request, View.TASKS)
        task = await self._task(request, caller, "read")
        return await self._payment(caller, task, {})

    async def place(self, request: Request) -> Response:
        """Show where a payment would go, place it there, or ask for it to be paid back."""
        caller, form = await self._frame.handling(request)
        task = await self._task(request, caller, "message")
        step = form.get("step", "look")
        if step == "refund":
            return await self._pay_back(caller, task, form)
        ordered = await self._ordered(task.reference, form)
        seen_ore = ore_of(form.get("seen", "")) or 0
        if ordered.wrong or step == "change":
            return await self._payment(caller, task, form, ordered.wrong)
        sent = step == "send" and form.get("confirmed") == "yes"
        try:
            placed, periods = await self._placed(
                caller, task.reference, ordered.shares, seen_ore, keep=sent
            )
        except NotPossible as why:
            return await self._payment(caller, task, form, complaints(str(why), ()))
        if sent:
            for number, period in periods.items():
                await self._memberships.wake_settlement(number, period)
            return see_other("/desk/money?done=placed")
        async with self._frame.pool.acquire() as connection:
            known: dict[Paid, Payable] = await money.payables(connection, placed)
        rows = [(known[paid], ore) for paid, ore in placed.items()]
        return self._frame.page(
            caller,
            "payment_ahead.html",
            task=task,
            given=form,
            rows=rows,
            left_ore=seen_ore - sum(placed.values()),
            unconfirmed=step == "send",
        )

    async def credit(self, request: Request) -> Response:
        """Show what a member has with us, and ask where it is to be paid."""
        caller = await self._frame.caller(request, View.TASKS)
        membership_id = await self._frame.member(request, caller, "read", "desk/credit")
        return await self._credit(caller, membership_id, {})

    async def pay_out(self, request: Request) -> Response:
        """Ask for what a member has with us to be paid out."""
        caller, form = await self._frame.handling(request)
        membership_id = await self._frame.member(request, caller, "message", "desk/credit")
        async with self._frame.pool.acquire() as connection:
            member = await read_member(connection, membership_id, today())
        if member is None or member.member_number is None:
            raise not_found()
        if wrong := _missing(form, "why"):
            return await self._credit(caller, membership_id, form, wrong)
        try:
            asked = await self._asked_for(caller, form, member_number=member.member_number)
        except NotPossible as error:
            return await self._credit(caller, membership_id, form, complaints(str(error), ()))
        return see_other(f"/desk/refunds/{asked.refund_id}?done=asked")

    async def _credit(
        self,
        caller: Caller,
        membership_id: str,
        given: Mapping[str, str],
        wrong: Sequence[Complaint] = (),
    ) -> Response:
        async with self._frame.pool.acquire() as connection:
            member = await read_member(connection, membership_id, today())
            if member is None or member.member_number is None:
                raise not_found()
            credit = await money.read_credit(connection, membership_id)
        return self._frame.page(
            caller,
            "credit.html",
            status=HTTPStatus.CONFLICT if wrong else HTTPStatus.OK,
            member=member,
            credit=credit,
            given=given,
            handles=may_do(caller.roles, Work.HANDLE),
            wrong=wrong,
        )

    async def refund(self, request: Request) -> Response:
        """Show a refund."""
        caller = await self._frame.caller(request, View.TASKS)
        return await self._refund(caller, await self._refund_of(request, caller, "read"))

    async def decide(self, request: Request) -> Response:
        """Approve a refund, give it up, or name the account it goes to."""
        caller, form = await self._frame.handling(request)
        found = await self._refund_of(request, caller, "message")
        why = _line(form.get("why", ""))
        step = form.get("step", "")
        if wrong := _missing(form, "why") if step == "refuse" else []:
            return await self._refund(caller, found, wrong)
        try:
            async with self._frame.pool.acquire() as connection, connection.transaction():
                if step == "approve":
                    await refunds.approve_refund(
                        connection,
                        found.refund_id,
                        today=today(),
                        by=caller.name,
                        subject=caller.subject,
                    )
                elif step == "refuse":
                    await refunds.refuse_refund(
                        connection, found.refund_id, today=today(), by=caller.name, why=why
                    )
                else:
                    await self._name_account(connection, caller, found, form)
        except NotPossible as error:
            return await self._refund(caller, found, complaints(str(error), ()))
        return see_other(f"/desk/refunds/{found.refund_id}?done={step}")

    async def _name_account(
        self,
        connection: asyncpg.pool.PoolConnectionProxy,
        caller: Caller,
        found: Refund,
        form: Form,
    ) -> None:
        account = self._account(form) or ""
        await refunds.name_receiver(
            connection,
            found.refund_id,
            account=account,
            receiver=_line(form.get("receiver", "")) or None,
            by=caller.name,
            subject=caller.subject,
        )

    def _account(self, form: Form) -> str | None:
        """Return the account that a form names.

        Raises:
            NotPossible: it is our own.
        """
        account = form.get("account", "").strip() or None
        if account and account_number(account) == self._letters.organisation.account_number:
            raise NotPossible("that is our own account")
        return account

    async def _refund_of(self, request: Request, caller: Caller, act: Act) -> Refund:
        refund_id = str(request.path_params["refund_id"])
        async with self._frame.pool.acquire() as connection:
            found = await refunds.list_refunds(connection, refund_id=refund_id)
        if not found:
            raise not_found()
        await self._frame.logbook.write(
            caller, act, "desk/refund", workflow_id=found[0].membership_id
        )
        return found[0]

    async def _refund(
        self, caller: Caller, found: Refund, wrong: Sequence[Complaint] = ()
    ) -> Response:
        async with self._frame.pool.acquire() as connection:
            now = await refunds.read_refund(connection, found.refund_id)
            names = await money.names_of(
                connection, [now.membership_id] if now.membership_id else []
            )
        return self._frame.page(
            caller,
            "refund.html",
            status=HTTPStatus.CONFLICT if wrong else HTTPStatus.OK,
            refund=now,
            name=names.get(now.membership_id or ""),
            handles=may_do(caller.roles, Work.HANDLE),
            wrong=wrong,
        )

    async def _task(self, request: Request, caller: Caller, act: Act) -> money.PaymentTask:
        """Return the task about the payment that is asked for, once it stands in the log."""
        task_id = int(request.path_params["task_id"])
        async with self._frame.pool.acquire() as connection:
            task = await money.payment_of_task(connection, task_id)
        if task is None:
            raise not_found()
        about = task.membership_id or f"task-{task.task_id}"
        await self._frame.logbook.write(caller, act, "desk/payment", workflow_id=about)
        return task

    async def _payment(
        self,
        caller: Caller,
        task: money.PaymentTask,
        given: Mapping[str, str],
        wrong: Sequence[Complaint] = (),
    ) -> Response:
        async with self._frame.pool.acquire() as connection:
            found = [one async for one in stream_suspense(connection, only=[task.reference])]
            payment: Suspended | None = found[0] if found else None
            proposals: tuple[Proposal, ...] = ()
            if payment is not None:
                proposals = (await proposals_for(connection, found))[task.reference]
            whose = [payment.membership_id] if payment and payment.membership_id else []
            names = await money.names_of(connection, whose)
        return self._frame.page(
            caller,
            "payment.html",
            status=HTTPStatus.CONFLICT if wrong else HTTPStatus.OK,
            task=task,
            payment=payment,
            proposals=proposals,
            name=names.get(payment.membership_id or "") if payment else None,
            given=given,
            shares=range(SHARES),
            targets=tuple(Target),
            handles=may_do(caller.roles, Work.HANDLE),
            wrong=wrong,
        )

    async def _ordered(self, reference: str, form: Form) -> Ordered:
        """Return where a form says that a payment goes."""
        shares: list[Share] = []
        wrong: list[Complaint] = []
        chosen = form.get("proposal", "")
        if chosen:
            async with self._frame.pool.acquire() as connection:
                found = [one async for one in stream_suspense(connection, only=[reference])]
                offered = (await proposals_for(connection, found))[reference] if found else ()
            # By its number, not by its place: what is proposed may be another by now.
            one = next((one for one in offered if one.number == chosen), None)
            if one is None:
                wrong.append(_wrong("proposal", "proposal_gone"))
            else:
                target = Target.MEMBER if one.membership_id is not None else Target.LIST
                shares.append(Share(target, one.number, first=one.pays))
        for nth in range(SHARES):
            number = form.get(f"number-{nth}", "").strip()
            written = form.get(f"amount-{nth}", "").strip()
            ore = ore_of(written) if written else None
            if written and (ore is None or ore <= 0 or not number):
                wrong.append(_wrong(f"number-{nth}", "amount"))
            elif number:
                shares.append(Share(_target(form.get(f"target-{nth}", "")), number, ore))
        if not shares and not wrong:
            wrong.append(_wrong("", "nothing_chosen"))
        return Ordered(shares, wrong)

    async def _placed(
        self, caller: Caller, reference: str, shares: Sequence[Share], seen_ore: int, *, keep: bool
    ) -> tuple[dict[Paid, int], dict[str, str]]:
        """Place a payment; to look ahead it is done by the same rules, and undone."""
        async with self._frame.pool.acquire() as connection:
            trial = connection.transaction()
            await trial.start()
            kept = False
            try:
                found = await place_shares(
                    connection, reference, shares, seen_ore=seen_ore, today=today(), by=caller.name
                )
                kept = keep
            finally:
                await (trial.commit() if kept else trial.rollback())
        return found

    async def _pay_back(self, caller: Caller, task: money.PaymentTask, form: Form) -> Response:
        if wrong := _missing(form, "why"):
            return await self._payment(caller, task, form, wrong)
        try:
            asked = await self._asked_for(caller, form, reference=task.reference)
        except NotPossible as error:
            return await self._payment(caller, task, form, complaints(str(error), ()))
        return see_other(f"/desk/refunds/{asked.refund_id}?done=asked")

    async def _asked_for(
        self,
        caller: Caller,
        form: Form,
        *,
        reference: str | None = None,
        member_number: str | None = None,
    ) -> Refund:
        """Ask for money to be paid out, as a form says it.

        Raises:
            NotPossible: there is none, or it can't go there.
        """
        async with self._frame.pool.acquire() as connection, connection.transaction():
            return await refunds.ask_refund(
                connection,
                today=today(),
                by=caller.name,
                subject=caller.subject,
                reason=_line(form["why"]),
                reference=reference,
                member_number=member_number,
                account=self._account(form),
                receiver=_line(form.get("receiver", "")) or None,
            )


def _target(text: str) -> Target:
    return Target(text) if text in set(Target) else Target.INVOICE


def _line(text: str) -> str:
    return " ".join(text.split())[:LONGEST]


def _wrong(path: str, what: str) -> Complaint:
    return Complaint(path, texts()["money_wrong"][what], known=True)


def _missing(form: Form, name: str) -> list[Complaint]:
    return [] if _line(form.get(name, "")) else [_wrong(name, "why_missing")]
