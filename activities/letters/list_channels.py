"""The channels a deduction list goes out by: a folder that its employer fetches from, or mail."""

import hashlib
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from activities.letters.mail import Mail, make_mail
from activities.letters.mail_bytes import Attachment
from activities.letters.render import Text, render
from activities.letters.settings import NotificationSettings
from schemas.deduction.words import REASONS
from schemas.shared.calendar import start_of
from schemas.shared.vocabulary import Language, Template

XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def list_text(settings: NotificationSettings, figures: Mapping[str, Any]) -> Text:
    """Return what an employer is told with a list, with new amounts, or when it has not answered.

    Args:
        settings: who we are, and where employers pay.
        figures: ``about`` (``list``, ``reminder`` or ``change``) and ``list_number``, or what a
            change is known by; of a list also ``kid``, ``due_on``, and whether it lies in a
            ``folder``.
    """
    reasons = [{"code": str(words.reason), "word": words.word} for words in REASONS]
    values = {"figures": {**figures, "reasons": reasons}, "union": settings.organisation}
    return render(Template.DEDUCTION_LIST, Language.NB, values)


def list_mail(
    settings: NotificationSettings,
    figures: Mapping[str, Any],
    address: str,
    today: date,
    files: tuple[tuple[str, bytes], ...] = (),
) -> Mail:
    """Return the mail that carries a list or new amounts, or asks for a report; it names nobody.

    Args:
        settings: who we are.
        figures: see ``list_text``.
        address: the employer's.
        today: the Date header's day.
        files: name and content of each.
    """
    known_as = f"{figures['about']}\n{figures['list_number']}"
    return make_mail(
        list_text(settings, figures),
        sender=settings.sender,
        shown=settings.sender_name,
        reply_to=settings.organisation.email,
        recipient=address,
        reference=hashlib.sha256(known_as.encode()).hexdigest()[:40],
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
