"""What a task asks for, as the page where it is done: a caseworker goes there by one click."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from activities.desk.cases import Item
from schemas.desk.forms import FORMS
from workers.gateway.callers import Caller
from workers.gateway.desk.sending import may_fill_in
from workers.gateway.desk.texts import texts


@dataclass(frozen=True)
class Action:
    """A link to where something is done."""

    label: str
    path: str


_FORMS: Mapping[str, tuple[str, ...]] = {
    "application": ("approve", "ask", "reject"),
    "letter_bounced": ("contact", "moved"),
    "letter_given_up": ("contact", "moved"),
    "letter_returned": ("contact", "moved"),
    "letter_unanswered": ("contact", "moved"),
    "private_address": ("contact", "moved"),
    "record_death": ("death",),
    "reinstatement": ("reopen",),
    "hidden_named": ("set_hidden",),
    "payroll_channel": ("employer",),
    "dues_quarantine": ("employer", "change_category"),
}
"""By kind of task, the forms of the member that put it right."""

_LINE = re.compile(r"(?:deduction|deduction-contradicted)/([^/]+)/(membership-[^/]+)")
_LIST = re.compile(r"(?:deduction-corrected|withheld|hidden-named)/([^/]+)/.*")
_REFUND = re.compile(r"refund/([^/]+)/.*")


def actions_of(item: Item, caller: Caller) -> tuple[Action, ...]:
    """Return where an item is dealt with, the likeliest first; none: on its own page alone.

    Args:
        item: of a case.
        caller: who looks; what they may not send is left out.
    """
    found: list[Action] = []
    words = texts()["action"]
    key = item.key or ""
    if item.kind == "suspense" and item.task_id is not None:
        found.append(Action(words["place"], f"/desk/payments/{item.task_id}"))
    if refund := _REFUND.fullmatch(key):
        found.append(Action(words["refund"], f"/desk/refunds/{refund[1]}"))
    if line := _LINE.fullmatch(key):
        found.append(Action(words["line"], f"/desk/lists/{line[1]}/{line[2]}"))
    if on_list := _LINE.fullmatch(key) or _LIST.fullmatch(key):
        found.append(Action(words["list"], f"/desk/lists/{on_list[1]}"))
    if item.membership_id is None:
        return tuple(found)
    one = f"/desk/members/{item.membership_id}"
    if item.kind == "final_settlement":
        found.append(Action(words["pay_out"], f"{one}/refund"))
    found += [
        Action(texts()["forms"][name]["button"], f"{one}/forms/{name}")
        for name in _FORMS.get(item.kind, ())
        if may_fill_in(caller, FORMS[name])
    ]
    return tuple(found)
