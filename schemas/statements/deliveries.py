"""What the tax authority is told of an income year, file by file."""

from schemas.shared.base import Contract, Day
from schemas.statements.contracts import Year


class Sender(Contract):
    """The union, as it is known to the tax authority."""

    orgnr: str
    name: str
    email: str


class Delivery(Contract):
    """One file: the first of a year holds everybody, each later one what has changed since.

    Attributes:
        number: counts the files of the year from 1.
        line_count: whom it tells of, also to take back what was told.
        total_kroner: whole kroner.
    """

    year: Year
    number: int
    sender: Sender
    line_count: int
    total_kroner: int
    made_on: Day
    made_by: str

    @property
    def reference(self) -> str:
        """The union's own reference of the file."""
        return f"kontingent-{self.year}-{self.number}"


class StillToTell(Contract):
    """What the tax authority has not been told yet, or otherwise.

    Attributes:
        new: of whom it has been told nothing.
        changed: whose amount is another one.
        cancelled: of whom what was told is taken back.
        without_national_id, objecting: of whom it is told nothing.
    """

    new: int = 0
    changed: int = 0
    cancelled: int = 0
    total_kroner: int = 0
    without_national_id: int = 0
    objecting: int = 0

    @property
    def lines(self) -> int:
        """How many lines the next file would have."""
        return self.new + self.changed + self.cancelled
