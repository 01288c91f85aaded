"""What a mail server's refusal means, and whose matter it is: a table, and nothing else.

Source: RFC 5321 (reply codes), RFC 3463 and RFC 5248 (enhanced status codes), RFC 4954 (login),
RFC 7504 (521, 556), and what large providers answer in practice.
"""

import re
from enum import StrEnum
from typing import NamedTuple


class Part(StrEnum):
    """The part of a dialogue that an answer belongs to."""

    CONNECTION = "connection"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


class Remedy(StrEnum):
    """Whose matter a refusal is.

    ``address``: it takes no mail; another one must be found. ``ours``: the server speaks of us, and
    the letter is kept until that is mended. ``later``: it passes by itself, or does not.
    """

    ADDRESS = "address"
    OURS = "ours"
    LATER = "later"


class Reply(NamedTuple):
    """A refusal. ``enhanced``: such as 5.1.1; None: the server gave none."""

    code: int
    enhanced: str | None
    part: Part

    def __str__(self) -> str:
        """Return it without the server's words, which may repeat the address."""
        return f"{self.code} {self.enhanced}" if self.enhanced else str(self.code)


class Rule(NamedTuple):
    """One line of the table: the first that fits decides.

    Attributes:
        code, enhanced: patterns of the whole; an enhanced code that was not given is empty.
        parts: where in the dialogue.
    """

    code: str
    enhanced: str
    parts: frozenset[Part]
    fate: Remedy
    why: str


ANYWHERE = frozenset(Part)
OF_LETTER = frozenset({Part.RECIPIENT, Part.CONTENT})
AT_RECIPIENT = frozenset({Part.RECIPIENT})
AT_CONTENT = frozenset({Part.CONTENT})

_ANY = r".*"
_NONE = r""

RULES: tuple[Rule, ...] = (
    Rule("53[0458]", _ANY, ANYWHERE, Remedy.OURS, "it wants our login or encryption (RFC 4954)"),
    Rule(
        _ANY, _ANY, ANYWHERE - OF_LETTER, Remedy.OURS, "it speaks before it has heard of a letter"
    ),
    Rule("421", _ANY, OF_LETTER, Remedy.OURS, "the server goes away, whatever the letter"),
    # Addresses, X.1
    Rule(_ANY, r"\d\.1\.[789]", OF_LETTER, Remedy.OURS, "our own address, or our relay's next hop"),
    Rule("5..", r"5\.1\.\d+", OF_LETTER, Remedy.ADDRESS, "no such mailbox, domain or syntax"),
    Rule("4..", r"4\.1\.\d+", OF_LETTER, Remedy.LATER, "whether there is one can't be told now"),
    # Mailboxes, X.2
    Rule(_ANY, r"\d\.2\.2", OF_LETTER, Remedy.LATER, "the mailbox is full"),
    Rule(_ANY, r"\d\.2\.3", OF_LETTER, Remedy.OURS, "our letter is too long"),
    Rule("5..", r"5\.2\.\d+", OF_LETTER, Remedy.ADDRESS, "the mailbox is closed, or a broken list"),
    Rule("4..", r"4\.2\.\d+", OF_LETTER, Remedy.LATER, "the mailbox takes no mail for the moment"),
    # Mail systems, X.3
    Rule(_ANY, r"\d\.3\.1", OF_LETTER, Remedy.LATER, "their disk is full"),
    Rule(_ANY, r"\d\.3\.\d+", OF_LETTER, Remedy.OURS, "size, features or settings of the servers"),
    # Networks, X.4
    Rule("5..", r"5\.4\.1", AT_RECIPIENT, Remedy.ADDRESS, "Exchange says so of unknown recipients"),
    Rule("5..", r"5\.4\.(4|310)", OF_LETTER, Remedy.ADDRESS, "no way leads to the domain"),
    Rule("5..", r"5\.4\.(7|300|316|317)", OF_LETTER, Remedy.ADDRESS, "given up after days"),
    Rule(_ANY, r"\d\.4\.[56]", OF_LETTER, Remedy.OURS, "a limit of ours, or mail in a circle"),
    Rule("4..", r"4\.4\.\d+", OF_LETTER, Remedy.LATER, "their server is not to be reached now"),
    Rule("5..", r"5\.4\.\d+", OF_LETTER, Remedy.OURS, "our relay's own network"),
    # Protocol, X.5, and content, X.6
    Rule("550", r"5\.5\.0", AT_RECIPIENT, Remedy.ADDRESS, "Outlook.com says so of no mailbox"),
    Rule(_ANY, r"\d\.5\.\d+", OF_LETTER, Remedy.OURS, "how we speak to the server"),
    Rule("5..", r"5\.6\.7", OF_LETTER, Remedy.ADDRESS, "letters beyond ASCII can't reach it"),
    Rule(_ANY, r"\d\.6\.\d+", OF_LETTER, Remedy.OURS, "what we send"),
    # Security and policy, X.7
    Rule("5..", r"5\.7\.1[78]", OF_LETTER, Remedy.ADDRESS, "it has another owner now (RFC 7293)"),
    Rule("4..", r"4\.7\.\d+", OF_LETTER, Remedy.LATER, "greylisting"),
    Rule(_ANY, r"\d\.7\.\d+", OF_LETTER, Remedy.OURS, "relaying, reputation, signatures"),
    # No enhanced code, or X.0.0 that says as little
    Rule("552", _ANY, OF_LETTER, Remedy.LATER, "the mailbox is full (RFC 5321)"),
    Rule("55[0136]|521", _ANY, AT_RECIPIENT, Remedy.ADDRESS, "no such mailbox or domain"),
    Rule("501|555", _NONE, AT_RECIPIENT, Remedy.ADDRESS, "no address at all"),
    Rule("55[13]", _ANY, AT_CONTENT, Remedy.ADDRESS, "the mailbox is elsewhere, or is none"),
    Rule("4..", _ANY, OF_LETTER, Remedy.LATER, "greylisting, a full disk, a busy server"),
    Rule(_ANY, _ANY, ANYWHERE, Remedy.OURS, "nobody's address is closed on a guess"),
)
"""Read from above: a line may rely on those before it."""


def rule_of(reply: Reply) -> Rule:
    """Return the line of the table that decides about a refusal."""
    return next(
        rule
        for rule in RULES
        if reply.part in rule.parts
        and re.fullmatch(rule.code, str(reply.code))
        and re.fullmatch(rule.enhanced, reply.enhanced or "")
    )


_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")


def enhanced_in(text: str) -> str | None:
    """Return the enhanced status code in a server's words, or None."""
    found = _ENHANCED.search(text)
    return found.group(1) if found else None
