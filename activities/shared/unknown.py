"""What is asked for by an id that nothing has."""

from temporalio.exceptions import ApplicationError


class Unknown(ApplicationError):
    """Nothing has the id that was handed in, and no retry makes it: who asks is told at once.

    Args:
        says: what there is none of, and what to do; it repeats no id.
    """

    def __init__(self, says: str) -> None:
        super().__init__(says, type="Refused", non_retryable=True)
