"""Messages of the bank that stand in one file twice: what they tell counts once."""

import re
from collections import defaultdict
from hashlib import blake2b
from xml.etree.ElementTree import Element, tostring

from activities.payments.camt_messages import Message

_BEGINS = re.compile(rb"<(?:[\w.-]+:)?(?:Ntfctn|Stmt)[\s>]")


def holds_several(content: bytes) -> bool:
    """Tell whether a document holds several messages, whatever its encoding."""
    return len(_BEGINS.findall(content.replace(b"\0", b""))) > 1


class Copies:
    """Knows a message again by its number, or by its word that it is a copy, and its entries.

    Attributes:
        may_come: the file holds several messages; else nothing is compared.
    """

    def __init__(self) -> None:
        self.may_come = False
        self._entry = blake2b(digest_size=16)
        self._seen: dict[tuple[bytes, ...], list[tuple[str | None, bool]]] = defaultdict(list)

    def heed(self, element: Element) -> None:
        """Take what stands in a transaction or entry, as its end is met."""
        if self.may_come:
            self._entry.update(tostring(element))

    def end_entry(self, message: Message) -> None:
        """Add the entry under way to its message."""
        if self.may_come:
            message.words.append(self._entry.digest())
            self._entry = blake2b(digest_size=16)

    def is_one(self, message: Message, number: str | None, *, says_so: bool) -> bool:
        """Tell whether a message has stood in the file before, in whatever order of its entries."""
        if not message.words or not message.ours:
            return False
        before = self._seen[tuple(sorted(message.words))]
        same = any(
            (number is not None and number == other) or says_so or said for other, said in before
        )
        before.append((number, says_so))
        return same
