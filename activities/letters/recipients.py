"""To whom a letter goes, once the gate has let it pass."""

from dataclasses import dataclass

from activities.letters.cases import LetterContext, OpenLetter
from activities.letters.settings import NotificationSettings
from schemas.shared.vocabulary import Audience


@dataclass(frozen=True)
class Recipient:
    """An address, and whether somebody there has to pass the letter on.

    Attributes:
        forward: the caseworkers get it in place of an employer or branch, and are asked to
            pass it on: no address is known, or the words are to be theirs.
        own_words: the words are to be theirs.
    """

    address: str
    forward: bool = False
    own_words: bool = False


@dataclass(frozen=True)
class ByPost:
    """It goes by post: there is no e-mail address, and where to is known."""


@dataclass(frozen=True)
class Nobody:
    """There is nobody to write to.

    Attributes:
        why: without personal data.
    """

    why: str


def in_silence(letter: OpenLetter, case: LetterContext) -> bool:
    """Tell whether an employer hears of it only in words that the caseworkers choose. L5."""
    return case.hiding and letter.audience == Audience.EMPLOYER


def find_recipient(
    letter: OpenLetter, case: LetterContext, settings: NotificationSettings
) -> Recipient | ByPost | Nobody:
    """Return where a letter goes.

    Args:
        letter: with the employer or branch it is for, which may be a former one.
        case: the membership it is about.
        settings: with our own mailboxes.

    Source: M1-M19; A28 (no employer), A27 (recruiter).
    """
    audience = Audience(letter.audience)
    match audience:
        case Audience.MEMBER:
            if case.person is None:
                return Nobody("no address was readable")
            return Recipient(case.person.email) if case.person.email else ByPost()
        case Audience.CASEWORKERS:
            return Recipient(settings.caseworkers)
        case Audience.INSURANCE_OFFICE:
            return Recipient(settings.insurance_office)
        case Audience.RECRUITER:
            if case.recruiter_email is None:
                return Nobody("the recruiter was not found among the members")
            return Recipient(case.recruiter_email)
        case Audience.EMPLOYER | Audience.BRANCH:
            contact = letter.employer if audience is Audience.EMPLOYER else letter.branch
            if contact is None:
                return Nobody(f"no {audience} is known")
            silent = letter.forwarded or in_silence(letter, case)
            if contact.email is None or silent:
                return Recipient(settings.caseworkers, forward=True, own_words=silent)
            return Recipient(contact.email)
