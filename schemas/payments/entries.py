"""What becomes of an entry of a bank's file that is not simply a payment (P5)."""

from enum import StrEnum


class SetAside(StrEnum):
    """Why an entry is set aside: the others of its file are booked without it.

    ``NOT_BOOKED``: it comes again once it is booked, and asks nobody for anything. ``UNCLEAR``: the
    same money once more or a second payment, which nobody but a person can tell.
    """

    NOT_BOOKED = "not_booked"
    OTHER_ACCOUNT = "other_account"
    NOTHING = "nothing"
    CURRENCY = "currency"
    UNREADABLE = "unreadable"
    FUTURE = "future"
    PARTS = "parts"
    MANDATE = "mandate"
    SERVICE = "service"
    FEE = "fee"
    INTEREST = "interest"
    REFUND = "refund"
    RETURNED = "returned"
    OUTGOING = "outgoing"
    UNCLEAR = "unclear"


TOO_EARLY = frozenset({SetAside.NOT_BOOKED, SetAside.OTHER_ACCOUNT, SetAside.MANDATE})
"""Of these no caseworker has a task: they are no money of ours, or not yet."""

OF_THE_BANK = frozenset({SetAside.FEE, SetAside.INTEREST})
OF_REFUNDS = frozenset({SetAside.REFUND, SetAside.RETURNED})
"""These are booked, and are no payment of anybody."""

IN_WORDS: dict[SetAside, str] = {
    SetAside.NOT_BOOKED: "the bank has not booked it yet, and will send it again",
    SetAside.OTHER_ACCOUNT: "it is for another account than ours",
    SetAside.NOTHING: "it is of no amount",
    SetAside.CURRENCY: "it has no amount in NOK",
    SetAside.UNREADABLE: "it can't be read",
    SetAside.FUTURE: "its date lies in the future",
    SetAside.PARTS: "what it consists of does not add up to it, or is not said",
    SetAside.MANDATE: "it is an AvtaleGiro mandate, which is taken in, and no money",
    SetAside.SERVICE: "it is of a service that is not read here",
    SetAside.FEE: "it is a fee or interest of the bank",
    SetAside.INTEREST: "it is interest that the bank pays",
    SetAside.REFUND: "it is a refund of ours that has left",
    SetAside.RETURNED: "it is a refund of ours that the bank sends back",
    SetAside.OUTGOING: "it is money that has left the account",
    SetAside.UNCLEAR: "it is the same money once more, or a second payment",
}
