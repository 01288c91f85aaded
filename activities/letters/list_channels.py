"""The channels a deduction list goes out by: a folder that its employer fetches from, or mail."""

import hashlib
import os
from datetime import date
from pathlib import Path

from activities.letters.mail import Attachment, Mail, make_mail
from activities.letters.render import render
from activities.letters.settings import NotificationSettings
from schemas.shared.calendar import start_of
from schemas.shared.vocabulary import Language, Template

XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def list_mail(
    settings: NotificationSettings,
    list_number: str,
    address: str,
    about: str,
    today: date,
    files: tuple[tuple[str, bytes], ...] = (),
) -> Mail:
    """Return the mail that carries a list or new amounts, or asks for a report; it names nobody.

    Args:
        settings: who we are.
        list_number: the list's, or what a change is known by; opaque.
        address: the employer's.
        about: ``list``, ``reminder`` or ``change``.
        today: the Date header's day.
        files: name and content of each.
    """
    values = {
        "figures": {"about": about, "list_number": list_number},
        "union": settings.organisation,
    }
    return make_mail(
        render(Template.DEDUCTION_LIST, Language.NB, values),
        Language.NB,
        sender=settings.sender,
        reply_to=settings.organisation.email,
        recipient=address,
        reference=hashlib.sha256(f"{about}\n{list_number}".encode()).hexdigest()[:40],
        at=start_of(today),
        attachments=tuple(
            Attachment(name, "application", XLSX, content) for name, content in files
        ),
    )


def put_files(folder: Path, files: tuple[tuple[str, bytes], ...]) -> None:
    """Write files for somebody who may be looking: each is there whole, or not at all."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, content in files:
        draft = folder / f".{name}.new"
        draft.unlink(missing_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(folder / name)
