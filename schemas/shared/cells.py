"""What is kept of a spreadsheet's cell beside its text."""


class NumberText(str):
    """The text of a cell that was a number in its spreadsheet: zeros in front are lost."""

    __slots__ = ()
