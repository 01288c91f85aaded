"""E-mail addresses: how two of them are compared."""

from contextlib import suppress

import idna


def email_key(email: str) -> str:
    """Return an e-mail address without case, its domain in letters as people read it.

    Args:
        email: as somebody wrote it, its domain in letters or as it is looked up (``xn--``).
    """
    local, at, domain = email.rpartition("@")
    # What is no domain is compared as it stands, and equals no address.
    with suppress(idna.IDNAError):
        domain = idna.decode(domain, uts46=True)
    return f"{local}{at}{domain}".lower()
