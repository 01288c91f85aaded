"""What the notifications worker must be told: the mail server, our own addresses, our account."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from stdnum.no import kontonr, orgnr

SMTP_SECONDS = 15.0
"""One letter's dialogue with the mail server until all of it has been handed over. The member's
row stays locked meanwhile: whoever waits for it waits longer than this (``LOCK_SECONDS`` of
``activities.database.pool``)."""

ANSWER_SECONDS = 600.0
"""How long the answer to a whole letter is waited for: ten minutes, by RFC 5321, 4.5.3.2.6. Who
gives up sooner makes a slow relay send each letter as often as it is asked. Only the letter itself
is locked meanwhile."""


class Tls(StrEnum):
    """How the connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True)
class Organisation:
    """The union as it presents itself in letters and on invoices.

    Attributes:
        orgnr: 9 digits, MOD11.
        address: the lines of the postal address.
        email: where a reader's question goes; every letter's Reply-To.
        account_number: 11 digits, MOD11; where members pay.
        phone, statutes_url, privacy_url, insurance_url, insurer: what letters say where it is
            known: a number to ring, where the statutes, the privacy policy and the terms of the
            insurance package stand, and whose insurance it is.

    The defaults are fictitious: nobody has this account or this organisation number.
    """

    name: str = "Lederne"
    orgnr: str = "999999999"
    address: tuple[str, ...] = ("Eksempelveien 1", "0001 Oslo")
    email: str = "post@example.org"
    account_number: str = "12345678903"
    phone: str | None = None
    statutes_url: str | None = None
    privacy_url: str | None = None
    insurance_url: str | None = None
    insurer: str | None = None

    def __post_init__(self) -> None:
        """Refuse numbers nobody could pay to.

        Raises:
            ValueError: a check digit is wrong.
        """
        if not kontonr.is_valid(self.account_number):
            raise ValueError("the account number is not valid: 11 digits, MOD11")
        if not orgnr.is_valid(self.orgnr):
            raise ValueError("the organisation number is not valid: 9 digits, MOD11")


@dataclass(frozen=True)
class NotificationSettings:
    """Everything the notifications worker is told from outside.

    Attributes:
        sender: the From address and the envelope's sender.
        sender_name: what mail readers show in its place.
        caseworkers: the caseworkers' mailbox.
        insurance_office: the insurance office's mailbox.
        ui_url: the Temporal UI, without a slash at the end.
        rules_url: where the page of the rules is shown, a URL or a path in the repository.
        namespace: the Temporal namespace the links point into.
        list_folder: where employers fetch their deduction lists; None: there is no such folder.
        smtp_seconds: the longest it may take to hand a letter over.
        answer_seconds: the longest its answer is waited for.
    """

    host: str
    port: int
    sender: str
    caseworkers: str
    insurance_office: str
    ui_url: str
    namespace: str = "default"
    tls: Tls = Tls.NONE
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    organisation: Organisation = Organisation()
    smtp_seconds: float = SMTP_SECONDS
    answer_seconds: float = ANSWER_SECONDS
    list_folder: Path | None = None
    rules_url: str = "docs/rules.md"
    sender_name: str = "Lederne medlemsservice"
