"""Whose matter a mail server's refusal is: the table, line by line."""

import pytest

from activities.letters.replies import (
    RULES,
    Part,
    Remedy,
    Reply,
    enhanced_in,
    rule_of,
)

CONNECTION, SENDER, RECIPIENT, CONTENT = Part
ADDRESS, OURS, LATER = Remedy

ANSWERS = [
    # What speaks of us, whatever the code: nine letters of a new member were lost by these.
    (RECIPIENT, "550 5.4.5 Daily user sending limit exceeded.", OURS),
    (RECIPIENT, "554 5.7.1 <x>: Relay access denied", OURS),
    (CONTENT, "552 5.2.2 mailbox full", LATER),
    (CONNECTION, "554 no SMTP service here", OURS),
    (CONNECTION, "554 5.7.1 your address is on a list", OURS),
    (CONNECTION, "421 4.3.2 try again", OURS),
    (SENDER, "550 5.1.8 sender's domain does not exist", OURS),
    (SENDER, "553 sender rejected", OURS),
    (SENDER, "552 5.3.4 message too big", OURS),
    (RECIPIENT, "530 5.7.0 authentication required", OURS),
    (CONTENT, "535 5.7.8 bad credentials", OURS),
    (RECIPIENT, "550 5.7.1 blocked by policy", OURS),
    (CONTENT, "550 5.7.26 not authenticated (SPF, DKIM)", OURS),
    (CONTENT, "554 5.6.0 malformed message", OURS),
    (CONTENT, "552 5.3.4 message too big", OURS),
    (CONTENT, "552 5.2.3 message length exceeds limit", OURS),
    (RECIPIENT, "503 5.5.1 bad sequence", OURS),
    (RECIPIENT, "550 5.4.6 routing loop", OURS),
    (RECIPIENT, "553 5.1.7 bad sender's mailbox syntax", OURS),
    (RECIPIENT, "554 transaction failed", OURS),
    (CONTENT, "554 looks like spam", OURS),
    (CONTENT, "550 content rejected", OURS),
    (RECIPIENT, "421 4.7.0 too many connections", OURS),
    (RECIPIENT, "452 4.3.4 too big", OURS),
    (RECIPIENT, "599 whatever", OURS),
    # What speaks of the address.
    (RECIPIENT, "550 5.1.1 no such user", ADDRESS),
    (CONTENT, "550 5.1.1 no such user", ADDRESS),
    (RECIPIENT, "550 no such user", ADDRESS),
    (RECIPIENT, "551 user not local", ADDRESS),
    (RECIPIENT, "553 mailbox name not allowed", ADDRESS),
    (RECIPIENT, "556 domain takes no mail", ADDRESS),
    (RECIPIENT, "556 5.1.10 null MX", ADDRESS),
    (RECIPIENT, "550 5.1.2 no such domain", ADDRESS),
    (RECIPIENT, "501 5.1.3 bad address syntax", ADDRESS),
    (RECIPIENT, "501 bad address", ADDRESS),
    (RECIPIENT, "550 5.2.1 mailbox disabled", ADDRESS),
    (RECIPIENT, "550 5.4.1 Recipient address rejected: Access denied", ADDRESS),
    (RECIPIENT, "550 5.4.310 domain does not exist", ADDRESS),
    (RECIPIENT, "550 5.5.0 mailbox unavailable", ADDRESS),
    (RECIPIENT, "550 5.0.0 no such user here", ADDRESS),
    (RECIPIENT, "550 5.7.17 mailbox has another owner", ADDRESS),
    # What passes by itself, or does not.
    (RECIPIENT, "552 mailbox full", LATER),
    (RECIPIENT, "452 4.2.2 over quota", LATER),
    (RECIPIENT, "450 4.2.0 greylisted", LATER),
    (RECIPIENT, "451 4.7.1 greylisted, try later", LATER),
    (RECIPIENT, "450 mailbox busy", LATER),
    (RECIPIENT, "452 4.3.1 disk full", LATER),
    (RECIPIENT, "450 4.1.2 domain not found just now", LATER),
    (CONTENT, "451 local error", LATER),
    (CONTENT, "431 4.4.1 host does not answer", LATER),
]


def reply(part: Part, text: str) -> Reply:
    """Read an answer as the postbox does."""
    return Reply(int(text[:3]), enhanced_in(text[4:]), part)


@pytest.mark.parametrize(("part", "text", "fate"), ANSWERS)
def test_whose_matter_a_refusal_is(part: Part, text: str, fate: Remedy) -> None:
    """Only what says that the address takes no mail closes a letter."""
    assert rule_of(reply(part, text)).fate is fate


def test_every_line_of_the_table_is_needed() -> None:
    """None is hidden by those before it."""
    used = {rule_of(reply(part, text)) for part, text, _ in ANSWERS}
    more = [
        "550 5.4.4 unrouteable",
        "550 5.4.7 expired",
        "550 5.4.3 directory",
        "550 5.6.7 no SMTPUTF8",
        "550 5.2.9 odd",
        "551 elsewhere",
    ]
    used |= {rule_of(reply(CONTENT, text)) for text in more}
    assert [rule.why for rule in RULES if rule not in used] == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.1.1 <x@5.example>: unknown", "5.1.1"),
        ("host 192.0.2.5.1 said no", None),
        ("see https://x.example/3.1.4", None),
        ("[4.7.1] later", "4.7.1"),
        ("", None),
    ],
)
def test_an_enhanced_code_is_found_in_a_servers_words(text: str, code: str | None) -> None:
    """Numbers of other kinds are none."""
    assert enhanced_in(text) == code
