"""What takes two people, and what one decides alone: a table, no more.

Of each matter the database refuses that anybody approves what they have asked for; tests put every
matter of the table before it, and hold the table to the constraints and policies that there are.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Matter(StrEnum):
    """Something that two people stand behind."""

    DEATH = "a death"
    UNHIDE = "lifting hidden status"
    WRITE_OFF = "letting an invoice go"
    REFUND = "a refund"
    BRANCH_PAYOUT = "a payout to a branch"
    INSURANCE_PAYOUT = "a payout to the insurance office"
    CLEARANCE = "telling another system of hidden members"


class ByTwo(NamedTuple):
    """How the database tells the two apart.

    Attributes:
        table: where the approval stands.
        constraint: what refuses the same person.
        approver: the column of who approves; who they are for ever has its name and ``_subject``.
        askers: those of whoever has asked, each of whom must be somebody else.
        policy: what has to be on; None: it always takes two.
    """

    table: str
    constraint: str
    approver: str
    askers: tuple[str, ...]
    policy: str | None


def _message(policy: str) -> ByTwo:
    return ByTwo(
        "decision_approvals", "decision_approvals_by_another", "approved_by", ("asked_by",), policy
    )


_PAID = ByTwo("refunds", "refunds_by_two", "approved_by", ("requested_by", "account_by"), None)

BY_TWO: Mapping[Matter, ByTwo] = {
    Matter.DEATH: _message("four_eyes_death"),
    Matter.UNHIDE: _message("four_eyes_unhide"),
    Matter.WRITE_OFF: ByTwo(
        "write_offs", "write_offs_by_two", "decided_by", ("asked_by",), "four_eyes_write_off"
    ),
    Matter.REFUND: _PAID,
    # What a branch or the office is paid is an instruction to the bank as a refund is.
    Matter.BRANCH_PAYOUT: _PAID,
    Matter.INSURANCE_PAYOUT: _PAID,
    Matter.CLEARANCE: ByTwo(
        "consumers", "consumers_cleared_by_two", "cleared_by", ("clearance_asked_by",), None
    ),
}
"""By matter: how the two are told apart."""

BY_ONE: Mapping[str, str] = {
    "an erasure": "the data-protection officer; it waits for whatever stands in its way",
    "a change of prices": "who may write to the rulebook; it is announced before it holds",
    "a difference on an employer's list": "a caseworker, within the policy's bounds",
    "reopening a membership": "a caseworker; it can be ended again",
}
"""What one person decides, who, and what stands beside it in place of a second."""
