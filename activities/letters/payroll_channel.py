"""How the line about one member reaches an employer: as its lists do, never by plain mail."""

from enum import StrEnum

from activities.letters.cases import OpenLetter
from activities.letters.payroll_notice import CODES
from activities.letters.recipients import Recipient
from activities.letters.settings import NotificationSettings

NO_CHANNEL = "waits for a channel to the employer"


def channel_task_key(orgnr: str) -> str:
    """Return the key of the task that asks for a channel to an employer."""
    return f"payroll-channel/{orgnr}"


class Channel(StrEnum):
    """Where the line is: its mail names nobody, also within the house.

    Members:
        HOUSE: nowhere: the caseworkers look it up, and choose their own words and way.
        FOLDER: a file in the folder that the employer fetches its lists from.
        LOCKED: attached as a workbook under the password of the employer's lists.
    """

    HOUSE = "house"
    FOLDER = "folder"
    LOCKED = "locked"


def channel_of(
    letter: OpenLetter, recipient: Recipient, settings: NotificationSettings
) -> Channel | None:
    """Return how a letter's line travels, or None when there is no way for it.

    An employer nobody knew before has a folder as soon as a letter to it is ordered:
    ``know_employer``.

    Args:
        letter: to an employer, or any other: those carry no line.
        recipient: where its mail goes.
        settings: with the folder for lists.

    Source: D3.
    """
    employer = letter.employer
    if recipient.own_words or letter.template not in CODES or employer is None:
        return Channel.HOUSE
    if employer.password is not None:
        return Channel.LOCKED
    return Channel.FOLDER if employer.folder and settings.list_folder else None


def goes_to_folder(letter: OpenLetter) -> bool:
    """Tell whether a letter's line may lie in its employer's folder."""
    employer = letter.employer
    return letter.template in CODES and employer is not None and employer.folder is not None


def file_of(letter: OpenLetter) -> str:
    """Return the name of a letter's file in a folder: opaque, the same for every copy."""
    return f"lonnstrekk-{letter.message_id[:16]}.csv"
