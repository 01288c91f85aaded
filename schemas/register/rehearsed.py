"""What would become of a register if it were carried over: what `import --dry-run` answers."""

from schemas.register.comparison import ComparedCharge, ComparedTotal
from schemas.register.rows import RegisterFault
from schemas.shared.base import PublishedModel


class RehearsedImport(PublishedModel):
    """What would become of a register, and what its first month would come to."""

    month: str
    """The first month that would be charged here, YYYY-MM."""
    members: int = 0
    """How many stand in the file."""
    good: int = 0
    """How many of them would be carried over."""
    known: int = 0
    """How many have been carried over before by the same line, and would be passed over."""
    faulty: int = 0
    """How many have something wrong in their lines: they would be left out."""
    faults: tuple[RegisterFault, ...] = ()
    """What is wrong, line by line; it quotes the file."""
    more_faults: int = 0
    """How many more there are."""
    totals: tuple[ComparedTotal, ...] = ()
    """What the good ones would be charged, by category and kind."""
    compared: int = 0
    """Of how many of them the file says what they are charged there."""
    differing: int = 0
    """How many of those would be charged otherwise here."""
    differences: tuple[ComparedCharge, ...] = ()
    """What would be charged otherwise, member by member."""
    more_differences: int = 0
    """How many more there are."""
    owed_ore: int = 0
    """What the good ones owe, open invoices included, in øre."""
    credit_ore: int = 0
    """What they have in credit, in øre."""
