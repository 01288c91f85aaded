"""Where a decision that can't be made becomes a refusal: none may fail a workflow task."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath

from schemas.pricing.rulebook import NotInForce
from workflows.membership.decisions.step import Refused


class Undecidable(Refused):
    """Nothing could be decided: the rulebook has a gap, or our own rules have a fault.

    Its text names a place in the code at most: never a value.
    """


@contextmanager
def decidable() -> Iterator[None]:
    """Turn whatever stops a pure decision into a refusal. No activity may be called inside.

    Raises:
        Refused: the decision itself refuses.
        Undecidable: in place of everything else.
    """
    try:
        yield
    except Refused:
        raise
    except NotInForce as gap:
        raise Undecidable(f"can't be decided before the rulebook is mended: {gap}") from None
    except Exception as error:  # noqa: BLE001 - the last resort is for what nobody foresaw
        raise Undecidable(
            f"can't be decided, for a fault of our own that is logged: {_place_of(error)}"
        ) from None


def _place_of(error: Exception) -> str:
    """Return the kind of an error and where it arose; its own text may quote somebody."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}"
    return f"{type(error).__name__} at {where}"
