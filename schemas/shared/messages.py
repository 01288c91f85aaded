"""A message as one card: its class says what it is called, what it is for, and shows an example.

Handlers, dialogs, published schemas, the page, ``explain`` and letters read it from there, and
the meaning of a field from the text behind it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import ClassVar

from schemas.shared.base import Inbound


@dataclass(frozen=True)
class ChangeWords:
    """What the change is called that a message reports.

    Attributes:
        nb: by the member, in letters in Bokmål.
        nn: by the member, in letters in Nynorsk.
        en: by the member, in English letters.
        on_page: the page of the Temporal UI names it by itself; it must not, or does otherwise.
    """

    nb: str
    nn: str
    en: str
    on_page: bool = False


@dataclass(frozen=True)
class Card:
    """What is said of a message wherever it is named.

    Attributes:
        name: of the signal and of the update: part of the contract.
        purpose: in a sentence, as the dialogs of the Temporal UI show it.
        example: JSON as it can be sent. What it dates lies behind, so that nothing is ever in the
            future; ``schemas.membership.examples`` moves it.
        dated: its dates lie within the membership, so that no fixed example fits everybody.
        rules_of_wait: by which a membership waits for it.
        rules_of_amount: by which what it reports changes an amount.
        change: set where it reports a dated change that letters name.
    """

    name: str
    purpose: str
    example: str
    dated: bool = False
    rules_of_wait: tuple[str, ...] = ()
    rules_of_amount: tuple[str, ...] = ()
    change: ChangeWords | None = None

    @property
    def on_page(self) -> bool:
        """Whether the page names the change it reports."""
        return self.change is not None and self.change.on_page

    @property
    def advice(self) -> str:
        """The example as a dialog shows it, with how its dates are meant where that matters."""
        if not self.dated:
            return self.example
        return f"{self.example} (dates of your own, from the first day of the membership on)"


class Message(Inbound):
    """What others tell a workflow: both a signal and an update, same name, same JSON."""

    card: ClassVar[Card]


Messages = Mapping[str, type[Message]]
"""Messages by their names."""


def messages_by_name(*kinds: type[Message]) -> dict[str, type[Message]]:
    """Return messages by their names, in this order."""
    return {kind.card.name: kind for kind in kinds}


def messages_in(*modules: ModuleType) -> dict[str, type[Message]]:
    """Return the messages that modules define, in the order in which they stand there."""
    found = (made for module in modules for made in vars(module).values())
    return messages_by_name(
        *(
            made
            for made in found
            if isinstance(made, type) and issubclass(made, Message) and made is not Message
        )
    )
