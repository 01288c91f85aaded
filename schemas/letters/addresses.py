"""E-mail addresses: how two of them are compared."""

from contextlib import suppress

import idna


def email_key(email: str) -> str:
    """Return an e-mail address without case, its domain in letters as people read it.

    Args:
        email: as somebody wrote it, its domain in letters or as it is looked up (``xn--``).
    """
    local, at, domain = email.rpartition("@")
    if not _is_read_as_written(domain):
        # What is no domain is compared as it stands, and equals no address.
        with suppress(idna.IDNAError):
            domain = idna.decode(domain, uts46=True)
    return f"{local}{at}{domain}".lower()


def _is_read_as_written(domain: str) -> bool:
    """Tell whether a domain has nothing to decode, as nearly all: that costs 150 times this."""
    return domain.isascii() and "xn--" not in domain.lower()


def domains_of(email: str) -> list[str]:
    """Return an address's domain and those above it, as people read and as they are looked up.

    Args:
        email: as somebody wrote it.
    """
    labels = email_key(email).rpartition("@")[2].split(".")
    read = [".".join(labels[place:]) for place in range(len(labels) - 1)]
    return list(dict.fromkeys(form for domain in read for form in (domain, _looked_up(domain))))


def _looked_up(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError:
        return domain
