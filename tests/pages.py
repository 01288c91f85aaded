"""The page of a membership as a worker draws it, in the language that records are written in."""

from schemas.desk.languages import WORDINGS, Language
from workflows.membership import page
from workflows.membership.record import MembershipRecord


def page_of(record: MembershipRecord, language: Language = Language.EN) -> str:
    """Return it as Markdown."""
    return page.page_of(record, WORDINGS[language])
