"""Figures for the board: of nobody, so a group of fewer than five is never told."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from schemas.shared.base import Contract

FEWEST = 5
"""A group with fewer in it says something of somebody."""


class FigureName(StrEnum):
    """Which figure, as addresses have it."""

    BY_CATEGORY = "by_category"
    BY_BRANCH = "by_branch"
    JOINED = "joined"
    LEFT = "left"
    DUES = "dues"
    ARREARS = "arrears"
    BUDGET = "budget"


class Unit(StrEnum):
    """What is counted."""

    MEMBERS = "members"
    ORE = "ore"


class Counted(Contract):
    """A group of a row.

    Attributes:
        row: a month as ``2026-11``, or an age of debts.
        group: what sets it apart from the row's others.
        members: how many are in it.
        amount: of the figure's unit.
    """

    row: str
    group: str
    members: int
    amount: int


class Row(Contract):
    """A row as it may be told.

    Attributes:
        amounts: one for each group of the figure, in its order; None: kept back.
        total: of all groups; None: kept back.
    """

    row: str
    amounts: tuple[int | None, ...]
    total: int | None


class Figure(Contract):
    """A figure as it may be told."""

    name: FigureName
    unit: Unit
    groups: tuple[str, ...]
    rows: tuple[Row, ...]


def figure(
    name: FigureName,
    unit: Unit,
    groups: Sequence[str],
    counted: Iterable[Counted],
    *,
    rows: Sequence[str] = (),
) -> Figure:
    """Return a figure of which nobody can be made out.

    Args:
        name: which one.
        unit: what its amounts are.
        groups: all there may be, in the order in which they are shown; those that no row has are
            left out.
        counted: in the order of the rows.
        rows: those that are told where nobody is in them, too.
    """
    found: dict[str, dict[str, Counted]] = {row: {} for row in rows}
    for one in counted:
        found.setdefault(one.row, {})[one.group] = one
    had = tuple(group for group in groups if any(group in row for row in found.values()))
    return Figure(
        name=name,
        unit=unit,
        groups=had,
        rows=tuple(_row(row, had, of) for row, of in found.items()),
    )


def _row(row: str, groups: Sequence[str], found: Mapping[str, Counted]) -> Row:
    members = {group: one.members for group, one in found.items() if one.members}
    secret = kept_back(members)
    told = not secret or may_be_told(members[group] for group in secret)
    return Row(
        row=row,
        amounts=tuple(
            None if group in secret else found[group].amount if group in found else 0
            for group in groups
        ),
        total=sum(one.amount for one in found.values()) if told else None,
    )


def kept_back(members: Mapping[str, int]) -> frozenset[str]:
    """Return the groups of a row that are kept back.

    Those of fewer than five, and as many others, the smallest first, as it takes for what is kept
    back not to be found by taking the others from the total: two groups, and five members.

    Args:
        members: how many there are in each group; nobody is in none.
    """
    secret: list[str] = []
    for group in sorted(members, key=lambda group: (members[group], group)):
        together = [members[one] for one in secret]
        if members[group] >= FEWEST and (not secret or may_be_told(together)):
            break
        secret.append(group)
    return frozenset(secret)


def may_be_told(members: Iterable[int]) -> bool:
    """Tell whether the sum of groups that are kept back says nothing of one of them."""
    together = list(members)
    return len(together) > 1 and sum(together) >= FEWEST
