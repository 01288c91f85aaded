"""What stands around: the mail server, the keys, the folder of lists, what the union is called."""

import asyncio
import os
from collections.abc import Iterator

import aiosmtplib

from activities.secrecy.errors import KeysUnavailable, Unreadable
from workers.doctor.finding import Finding, broken, look, well
from workers.encryption import masters_of
from workers.settings import Environment, Settings, SmtpTls, UnionSettings
from workers.settings.mail import SmtpSettings

SMTP_SECONDS = 10.0

READ_BY_ALL = ("orgnr", "address", "email", "account_number")
"""What of the union stands on every letter and invoice, beside its name."""


async def look_at_mail(smtp: SmtpSettings | None) -> Finding:
    """Greet the mail server as a letter would, and send none."""
    if smtp is None:
        remedy = "set SMTP_HOST and what goes with it (docs/reference/settings.md)"
        return look("Mail", "no server is named, so this machine sends no letters", remedy)
    at = f"{smtp.host}:{smtp.port}"
    client = aiosmtplib.SMTP(
        hostname=smtp.host,
        port=smtp.port,
        username=smtp.username,
        password=smtp.password,
        use_tls=smtp.tls is SmtpTls.TLS,
        start_tls=smtp.tls is SmtpTls.STARTTLS,
        timeout=SMTP_SECONDS,
        local_hostname=smtp.sender.rpartition("@")[2],
    )
    try:
        async with client:
            await client.ehlo()
    except aiosmtplib.SMTPAuthenticationError:
        return broken("Mail", f"{at} does not take our name and password", "see SMTP_USERNAME")
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        says = f"{at} does not take letters ({type(error).__name__})"
        return broken("Mail", says, "see SMTP_HOST, SMTP_PORT and SMTP_TLS, and the server's log")
    if smtp.tls is SmtpTls.NONE:
        return look("Mail", f"{at} takes letters in the clear", "set SMTP_TLS to starttls or tls")
    return well("Mail", f"{at} takes letters by TLS")


async def look_at_keys(settings: Settings) -> Finding:
    """Wrap and unwrap something under the newest master key."""
    if settings.keys is None:
        remedy = "set MEDLEMSFLYT_MASTER_KEY before the first real member"
        return look("Keys", "histories are not encrypted", remedy)
    try:
        masters = masters_of(settings.keys)
        something = os.urandom(32)
        if await masters.unwrap(await masters.wrap(something)) != something:
            return broken("Keys", "the master key gives back something else", "see its provider")
        newest = await masters.newest()
    except (KeysUnavailable, Unreadable, OSError) as error:
        return broken("Keys", f"no master key answers: {error}", "docs/runbook.md, Master key")
    return well("Keys", f"the master key {newest} wraps and unwraps")


def look_at_union(settings: Settings) -> Iterator[Finding]:
    """Yield what members would read that is nobody's."""
    made_up = [
        f"MEDLEMSFLYT_UNION_{name.upper()}"
        for name in READ_BY_ALL
        if getattr(settings.union, name) == getattr(UnionSettings(), name)
    ]
    for variable, address in (
        ("MEDLEMSFLYT_CASEWORKER_EMAIL", settings.caseworker_email),
        ("MEDLEMSFLYT_INSURANCE_EMAIL", settings.insurance_email),
    ):
        if address.endswith("@example.org"):
            made_up.append(variable)
    if made_up:
        yield look(
            "The union", "has numbers and addresses that are made up", "set " + ", ".join(made_up)
        )
    else:
        yield well("The union", "has its own number, account and addresses")
    if settings.environment is not Environment.PRODUCTION:
        yield look(
            "Settings",
            "are those of a developer's machine",
            "set MEDLEMSFLYT_ENVIRONMENT=production, which refuses what is meant for one",
        )


async def look_at_lists(settings: Settings) -> Finding:
    """See whether employers' lists can be laid into their folder."""
    folder = settings.list_folder
    if folder is None:
        remedy = "set MEDLEMSFLYT_LIST_FOLDER, or give each employer an address and a password"
        return look("Lists", "no folder is named from which employers fetch theirs", remedy)
    usable = await asyncio.to_thread(lambda: folder.is_dir() and os.access(folder, os.W_OK))
    if usable:
        return well("Lists", "the folder of lists can be written to")
    return broken("Lists", "the folder of lists can't be written to", "see MEDLEMSFLYT_LIST_FOLDER")
