"""Corrected fields: what an applicant supplies is handed on to where the application is kept.

A membership decides by what rules need of it (``schemas.membership.form``). The values themselves
go from the message to the database, and the application is put together there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from schemas.membership.application import Applicant, Application, Employment
from schemas.membership.form import GIVEN, Form, FormApplicant, FormEmployment
from schemas.membership.messages.review import ApplicantCorrection, SupplyInformation
from schemas.shared.base import Inbound

Patch = Mapping[str, Any]
"""The fields that were sent, as plain JSON values; those of the applicant under ``applicant``."""

ANSWER = "information"
"""What is no field of the application: it answers the caseworker."""


def patch_of(message: SupplyInformation) -> dict[str, Any]:
    """Return the fields that a message corrects, removed ones with None."""
    patch = message.model_dump(mode="json", exclude_unset=True, exclude={ANSWER})
    if "other_employments" in message.model_fields_set:
        patch["other_employments"] = patch.get("other_employments") or []
    if patch.get("applicant", {}) is None:
        del patch["applicant"]
    return patch


def corrected_form(form: Form, patch: Patch) -> Form:
    """Return what rules need of an application once its fields are corrected."""
    person = {
        name: value
        for name, value in patch.get("applicant", {}).items()
        if name in GIVEN.values() or name in FormApplicant.model_fields
    }
    plain = form.model_dump(mode="json") | {k: v for k, v in patch.items() if k != "applicant"}
    plain["applicant"] = form.applicant.model_dump(mode="json") | person
    return Form.model_validate(plain)


def corrected(kept: Application, patch: Patch) -> Application:
    """Return an application with its corrected fields.

    Raises:
        ValidationError: nobody could be reached by it; it names no values.
    """
    plain = kept.model_dump(mode="json") | {k: v for k, v in patch.items() if k != "applicant"}
    plain["applicant"] = kept.applicant.model_dump(mode="json") | patch.get("applicant", {})
    return Application.model_validate_json(json.dumps(plain))


def brought_up_to(kept: Application, form: Form) -> Application:
    """Return an application with what the membership has decided since: jobs, category, flags.

    What somebody is at work stays the same for as long as the employer does.
    """
    known = [job for job in (kept.employment, *kept.other_employments) if job is not None]
    return kept.model_copy(
        update={
            "category": form.category,
            "employment": _job(form.employment, known) if form.employment else None,
            "other_employments": tuple(_job(job, known) for job in form.other_employments),
            "hidden": form.hidden,
            "insurance_reservation": form.insurance_reservation,
        }
    )


def _job(job: FormEmployment, known: Sequence[Employment]) -> Employment:
    return Employment(
        employer_orgnr=job.employer_orgnr,
        employer_name=job.employer_name,
        position=next((one.position for one in known if _employer(one) == _employer(job)), None),
        position_percent=job.position_percent,
    )


def _employer(job: Employment | FormEmployment) -> tuple[str | None, str | None]:
    return job.employer_orgnr, job.employer_name


def fields_in(patch: Patch) -> tuple[str, ...]:
    """Return the names of the fields that were sent, in the order of the application."""
    sent = patch.get("applicant", {})
    person = (f"applicant.{name}" for name in ApplicantCorrection.model_fields if name in sent)
    fields = (name for name in Application.model_fields if name != "applicant")
    return (*person, *(name for name in fields if name in patch))


def fields_changed(before: Application, after: Application) -> tuple[str, ...]:
    """Return the names of the fields that are others than before, and nothing that is in them."""
    person = _changed(before.applicant, after.applicant, Applicant.model_fields)
    fields = (name for name in Application.model_fields if name != "applicant")
    return (
        *(f"applicant.{name}" for name in person),
        *_changed(before, after, fields),
    )


def _changed(before: Inbound, after: Inbound, fields: Iterable[str]) -> list[str]:
    return [name for name in fields if getattr(before, name) != getattr(after, name)]


def in_words(fields: Sequence[str]) -> str:
    """Return the sentence about the fields that an applicant has supplied."""
    return "the applicant supplied information: " + (", ".join(fields) or "no field is another")


def told_anew(says: str, patch: Patch, changed: Sequence[str]) -> str:
    """Return a sentence about the fields that were sent, of those that are others than before."""
    return says.replace(in_words(fields_in(patch)), in_words(changed))
