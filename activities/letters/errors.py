"""What can go wrong with a letter. No text here ever carries an address or a name.

DeliveryFailed: some letters are still to be sent; Temporal tries again.
LetterError: one letter could not go out.
├── AddressRefused: the mail server says that the address takes no mail.
├── NotTaken: the mail server did not take it; it certainly did not go out.
│   └── Later: for a reason that passes by itself, or never: it is not tried for ever.
├── Uncertain: all of it was handed over, and no answer came: it may have gone out.
├── OutOfTurn: its time has not come, or an earlier letter has to go out first.
└── NotWritten: it could not be written: a fault in a template or in the figures.
Unreachable: no connection to the mail server.
"""


class DeliveryFailed(Exception):
    """Letters are still waiting; the activity is retried."""


class LetterError(Exception):
    """One letter could not go out; the text says why, without personal data."""


class AddressRefused(LetterError):
    """The mail server will never take the letter for this recipient."""


class NotTaken(LetterError):
    """The mail server did not take the letter, for a reason of ours."""


class Later(NotTaken):
    """The mail server did not take the letter, for a reason of its reader's that may pass."""


class Uncertain(LetterError):
    """The mail server may or may not have taken the letter."""


class OutOfTurn(LetterError):
    """The letter has to wait, for its time or for another letter."""


class NotWritten(LetterError):
    """The letter could not be written."""


class Unreachable(Exception):
    """The mail server does not answer, or does not let us in."""
