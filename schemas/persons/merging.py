"""What a merge of two people is, and whether it may be (N9)."""

from datetime import date

from schemas.shared.base import Contract


class Living(Contract):
    """A membership that goes on, as far as a merge asks.

    Attributes:
        hidden: or a wish to be hidden has been answered.
        covered: by the insurance package.
    """

    membership_id: str
    person_id: str
    member_number: str
    hidden: bool
    covered: bool


class DoubleCharge(Contract):
    """What one person was charged twice, and is given back on this membership.

    Attributes:
        amount_ore: what is given back.
        stays_ore: what stays charged: of a year's fee the months that were charged once.
    """

    membership_id: str
    member_number: str
    period_from: date
    kind: str
    amount_ore: int
    stays_ore: int = 0


class MergePlan(Contract):
    """What a merge does.

    Attributes:
        merge_id: None as long as it is only planned.
        person_id: who the two are from then on.
        merged_id: who was taken for another.
        moved: memberships that become the person's.
        goes_on: of two living memberships the one that goes on, and ``ends`` the other one.
        quiet: the one that goes on is hidden: nothing about the end leaves by itself.
        two_national_ids: the two have different ones, so that they may well be two.
        undo_until: the last day on which it can be undone.
    """

    merge_id: int | None = None
    person_id: str
    merged_id: str
    moved: tuple[str, ...] = ()
    goes_on: str | None = None
    ends: str | None = None
    quiet: bool = False
    two_national_ids: bool = False
    double_charges: tuple[DoubleCharge, ...] = ()
    undo_until: date


class MergeRefused(Exception):
    """Two people can't be merged as asked; the text says why and what would help."""


def which_goes_on(
    living: tuple[Living, ...], keep: str | None
) -> tuple[Living | None, Living | None]:
    """Return which of two living memberships goes on and which ends; none where there are not two.

    Args:
        living: of both people.
        keep: the one that a caseworker says goes on.

    Raises:
        MergeRefused: it is not said, or what it would end must not be lost by it.

    Source: N9, S30.
    """
    if keep is not None and keep not in {each.membership_id for each in living}:
        raise MergeRefused(f"{keep} is no living membership of either: leave out --keep")
    if len(living) < 2:
        return None, None
    if keep is None:
        both = " or ".join(each.membership_id for each in living)
        raise MergeRefused(f"two memberships go on: say which one stays, with --keep {both}")
    goes_on = next(each for each in living if each.membership_id == keep)
    ends = next(each for each in living if each.membership_id != keep)
    if ends.hidden and not goes_on.hidden:
        raise MergeRefused(
            f"{ends.membership_id} is hidden and {keep} is not: keep the hidden one, or have the "
            "member say how it is to be, with set_hidden"
        )
    if ends.covered and not goes_on.covered:
        raise MergeRefused(
            f"{ends.membership_id} has the insurance package and {keep} has not: keep that one, or "
            "have the other enrolled first, with enroll_insurance"
        )
    return goes_on, ends
