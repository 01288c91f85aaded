"""What can go wrong with a letter. No text here ever carries an address or a name.

DeliveryFailed: some letters are still to be sent; Temporal tries again.
LetterError: one letter could not go out.
├── Refused: the mail server will never take it.
├── NotTaken: the mail server did not take it this time.
├── Uncertain: the connection broke; the server may or may not have taken it.
├── OutOfTurn: an earlier letter has to go out first.
└── NotWritten: it could not be written: a fault in a template or in the figures.
Unreachable: no connection to the mail server.
"""


class DeliveryFailed(Exception):
    """Letters are still waiting; the activity is retried."""


class LetterError(Exception):
    """One letter could not go out; the text says why, without personal data."""


class Refused(LetterError):
    """The mail server will never take the letter for this recipient."""


class NotTaken(LetterError):
    """The mail server did not take the letter, for a passing reason."""


class Uncertain(LetterError):
    """The mail server may or may not have taken the letter."""


class OutOfTurn(LetterError):
    """An earlier letter to the same reader has to go out first."""


class NotWritten(LetterError):
    """The letter could not be written."""


class Unreachable(Exception):
    """The mail server does not answer, or does not let us in."""
