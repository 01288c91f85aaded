"""One story an end: played on the real server to record a history, replayed for ever after."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.life import Life, application

Story = Callable[[Callable[..., Awaitable[Life]]], Awaitable[Life]]

ASK = {"decision": "request_information", "caseworker": "ola", "reason": "Hvilken avdeling?"}


async def active_through_payroll(apply: Callable[..., Awaitable[Life]]) -> Life:
    """An ordinary member: paid, deducted, covered."""
    life = await apply(application())
    await life.approve(branch="OSLO")
    invoice = (await life.state())["first_invoice"]
    await life.signal(
        "record_payment",
        {
            "reference": f"replay-{life.id}",
            "amount_ore": invoice["total_ore"],
            "paid_on": str(await life.today()),
            "kid": invoice["kid"],
        },
    )
    await life.update("answer_payroll_request", {"answer": "accepted"})
    await life.days(31)
    await life.state()
    return life


async def active_unanswered(apply: Callable[..., Awaitable[Life]]) -> Life:
    """An employer that never answers, an office whose notice comes back and arrives later."""
    life = await apply(application())
    await life.approve()
    await life.update(
        "record_insurance_notice", {"outcome": "bounced", "on": str(await life.today())}
    )
    await life.days(32)
    today = str(await life.today())
    await life.signal("record_insurance_notice", {"outcome": "delivered", "on": today})
    await life.signal("reserve_insurance", {"received_on": today})
    await life.state()
    return life


async def active_hidden(apply: Callable[..., Awaitable[Life]]) -> Life:
    """A hidden member with everything wrong sent in between."""
    life = await apply(application(hidden=True))
    for values in ((), (None,), ("x",), ({}, {}), ([1],)):
        await life.signal("decide_application", *values)
    await life.signal("nobody_knows_this", 1)
    await life.approve()
    await life.days(31)
    await life.state()
    return life


async def active_student(apply: Callable[..., Awaitable[Life]]) -> Life:
    """A student is active at once."""
    study = {"school": "UiB", "ends_on": "2035-06-15"}
    life = await apply(application(category="student", employment=None, study=study))
    await life.approve()
    await life.state()
    return life


async def asks_for_the_form(apply: Callable[..., Awaitable[Life]]) -> Life:
    """The reservation form asked for, asked for once more in vain, and returned."""
    life = await apply(application(employment=None))
    await life.approve()
    await life.update("request_reservation_form", {})
    await life.signal("request_reservation_form", {})
    await life.update("reserve_insurance", {"received_on": str(await life.today())})
    await life.state()
    return life


async def chooses_payment(apply: Callable[..., Awaitable[Life]]) -> Life:
    """Two ways of paying, by an update and by a signal, and one that there is not yet."""
    life = await apply(application(employment=None))
    await life.approve()
    await life.update("choose_payment", {"by": "avtalegiro"})
    await life.signal("choose_payment", {"by": "efaktura"})
    await life.signal("choose_payment", {"by": "invoice"})
    await life.state()
    return life


async def rejected(apply: Callable[..., Awaitable[Life]]) -> Life:
    """Reminded, escalated, asked, answered, rejected."""
    life = await apply(application())
    await life.days(8)
    await life.days(14)
    await life.update("decide_application", ASK)
    await life.update("supply_information", {"information": "Oslo"})
    await life.signal(
        "decide_application", {"decision": "reject", "caseworker": "ola", "reason": "Nei"}
    )
    await life.result()
    return life


async def withdrawn(apply: Callable[..., Awaitable[Life]]) -> Life:
    """Withdrawn before the decision."""
    life = await apply(application())
    await life.signal("withdraw_application", {})
    await life.result()
    return life


async def lapsed(apply: Callable[..., Awaitable[Life]]) -> Life:
    """A question nobody answers."""
    life = await apply(application())
    await life.update("decide_application", ASK)
    await life.days(31)
    await life.result()
    return life


async def invalid(apply: Callable[..., Awaitable[Life]]) -> Life:
    """An application that breaks rules."""
    life = await apply(application(consents={"terms": False}))
    await life.result()
    return life


async def invalid_unreadable(apply: Callable[..., Awaitable[Life]]) -> Life:
    """A start with two arguments."""
    life = await apply("not", "an application")
    await life.result()
    return life


async def duplicate(apply: Callable[..., Awaitable[Life]]) -> Life:
    """The second application of somebody who has become a member."""
    form = application()
    first, second = await apply(form), await apply(form)
    await first.approve()
    await second.approve()
    await second.result()
    return second


STORIES: dict[str, Any] = {
    story.__name__: story
    for story in (
        active_through_payroll,
        active_unanswered,
        active_hidden,
        active_student,
        asks_for_the_form,
        chooses_payment,
        rejected,
        withdrawn,
        lapsed,
        invalid,
        invalid_unreadable,
        duplicate,
    )
}
