"""What is said of two people who may be one, in words that name nobody."""

from enum import StrEnum

from schemas.shared.base import Contract


class Certainty(StrEnum):
    """How sure it is that two people are one."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Sign(StrEnum):
    """In what two people are alike, or contradict each other."""

    NATIONAL_ID = "national_id"
    D_NUMBER = "d_number"
    OTHER_NATIONAL_ID = "other_national_id"
    BIRTH_DATE = "birth_date"
    BIRTH_DATE_SWAPPED = "birth_date_swapped"
    BIRTH_DATE_DIGIT = "birth_date_digit"
    NAME = "name"
    NAME_LETTERS = "name_letters"
    NAME_ORDER = "name_order"
    NAME_PARTS = "name_parts"
    NAME_TYPO = "name_typo"
    FIRST_NAME = "first_name"
    FIRST_NAME_TYPO = "first_name_typo"
    OTHER_MIDDLE_NAME = "other_middle_name"
    SURNAME = "surname"
    EARLIER_NAME = "earlier_name"
    EMAIL = "email"
    EARLIER_EMAIL = "earlier_email"
    PHONE = "phone"
    ADDRESS = "address"
    TWINS = "twins"


IN_WORDS = {
    Sign.NATIONAL_ID: "the same national id",
    Sign.D_NUMBER: "a D-number that the national id may have replaced",
    Sign.OTHER_NATIONAL_ID: "two different national ids",
    Sign.BIRTH_DATE: "birth date",
    Sign.BIRTH_DATE_SWAPPED: "birth date with day and month swapped",
    Sign.BIRTH_DATE_DIGIT: "birth date but for one digit",
    Sign.NAME: "name",
    Sign.NAME_LETTERS: "name in other letters",
    Sign.NAME_ORDER: "name in another order",
    Sign.NAME_PARTS: "name with more or fewer parts",
    Sign.NAME_TYPO: "name but for a typing error",
    Sign.FIRST_NAME: "first name with another surname",
    Sign.FIRST_NAME_TYPO: "surname, and first name but for a letter",
    Sign.OTHER_MIDDLE_NAME: "first name and surname with another name between",
    Sign.SURNAME: "surname with another first name",
    Sign.EARLIER_NAME: "a name from before",
    Sign.EMAIL: "e-mail address",
    Sign.EARLIER_EMAIL: "an e-mail address from before",
    Sign.PHONE: "phone",
    Sign.ADDRESS: "address",
    Sign.TWINS: "perhaps twins",
}
"""How each sign is shown."""


class Likeness(Contract):
    """That two people may be one.

    Attributes:
        signs: in what they are alike, and what speaks against it.
    """

    certainty: Certainty
    signs: tuple[Sign, ...]

    @property
    def in_words(self) -> str:
        """What matched, for a caseworker."""
        return ", ".join(IN_WORDS[sign] for sign in self.signs)
