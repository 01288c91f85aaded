"""Hiding a membership from the employer, and lifting that: whoever knows is told to stop first."""

from schemas.membership.messages.changes import SetHidden
from schemas.membership.situation import Situation
from schemas.shared.vocabulary import Event, Template
from workflows.membership.decisions.deduction import must_be_stopped, stop
from workflows.membership.decisions.step import Letters, Moment, Refused, Step
from workflows.membership.decisions.transition import Transition
from workflows.membership.record import Hiding, MembershipRecord


def hide(transition: Transition, before: Situation, after: Situation) -> None:
    """Tell employer and branch before the flag takes effect, or lift it. Source: S30-S35."""
    record = transition.record
    hiding = record.hiding
    if not after.hidden:
        if before.hidden:
            transition.event = Event.HIDDEN_CHANGED
            transition.confidential = True
            transition.note("employer and branch may know again", "S35", "A22")
            transition.member(Template.HIDDEN_OFF, may_deduct=after.deducting is not None)
        transition.update(hiding=None)
        return
    if before.hidden or (hiding is not None and not hiding.told):
        return
    transition.confidential = True
    stops = must_be_stopped(record, before, transition.now.today)
    if hiding is None and (stops or before.branch is not None):
        _prepare(transition, before)
        return
    transition.update(hiding=None)
    transition.event = Event.HIDDEN_CHANGED
    transition.note(
        "nothing goes to employer or branch any more", "S30", "S31", "S32", "S33", "A23"
    )
    transition.member(Template.HIDDEN_ON)


def set_applicant_hidden(record: MembershipRecord, message: SetHidden, now: Moment) -> Step:
    """Return the step that changes an application's flag: the approval goes by it. Source: S30-S35.

    Hidden at once, whatever day is named: nobody has been told yet, and the approval would. Consent
    to be open holds from its day on only.
    """
    if message.branch is not None:
        raise Refused("branch: is named with the approval", confidential=True)
    if message.hidden == record.hidden:
        raise Refused("hidden: the application says so already", confidential=True)
    if not message.hidden and message.effective_on > now.today:
        raise Refused("effective_on: lies in the future; send it on that day", confidential=True)
    says = "the applicant is hidden" if message.hidden else "the applicant is hidden no longer"
    return Step(
        record=record.model_copy(
            update={"application": record.form.model_copy(update={"hidden": message.hidden})}
        ),
        event=Event.HIDDEN_CHANGED,
        says=f"{says}: the approval goes by it",
        rules=("S30", "S31") if message.hidden else ("S35", "A22"),
        decided_by=message.caseworker or "applicant",
        letters=Letters.of(record).to_caseworkers("information_supplied").done(),
        corrected=True,
        confidential=True,
    )


def _prepare(transition: Transition, before: Situation) -> None:
    transition.event = Event.HIDING_PREPARED
    transition.note("deduction is stopped before the membership is hidden", "S30", "A23", "L5")
    already = len(transition.letters.written)
    if must_be_stopped(transition.record, before, transition.now.today):
        stop(transition, before, forwarded=True)
    if before.branch is not None and transition.record.leaving is None:
        transition.letters.branch(Template.BRANCH_MEMBER_LEFT, before.branch)
    keys = tuple(letter.key for letter in transition.letters.written[already:])
    # The member is told of dues and consequences together, once the flag is set.
    transition.wrote = True
    transition.update(hiding=Hiding(letters=keys))
