"""The rows of who applies."""

from typing import Any

from schemas.letters.addresses import email_key
from schemas.membership.application import Applicant, Application
from schemas.persons.folding import name_key


def email_key_of(person: Applicant) -> str | None:
    """Return by what an applicant's e-mail address is compared, or None without one."""
    return email_key(person.email) if person.email is not None else None


def person_row(application: Application) -> dict[str, Any]:
    """Return the row of ``people`` for an applicant, as plain JSON values by column, without id."""
    person = application.applicant
    return {
        **person.model_dump(mode="json"),
        "name_key": name_key(person.name),
        "email_key": email_key_of(person),
    }


def work_row(application: Application) -> dict[str, Any]:
    """Return what a membership's row holds of an application besides, by column."""
    plain = application.model_dump(mode="json")
    work = plain["employment"] or {}
    return {
        "employer_orgnr": work.get("employer_orgnr"),
        "employer_name": work.get("employer_name"),
        "position": work.get("position"),
        "position_percent": work.get("position_percent"),
        "recruited_by": plain["recruited_by"],
        "transferred_from": (plain.get("transfer_from") or {}).get("union"),
    }


def consents_of(application: Application) -> dict[str, bool]:
    """Return what an application consents to, and what it does not, by kind."""
    consents = application.consents
    said = {
        "terms": consents.terms,
        "tell_recruiter": consents.tell_recruiter,
        "newsletter": application.newsletter,
    }
    # Nobody says that no guardian has consented: of most applicants none must.
    return said | ({"guardian": True} if consents.guardian is not None else {})
