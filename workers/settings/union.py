"""The union as its letters and invoices present it: the variables MEDLEMSFLYT_UNION_*."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from workers.settings.values import Environment, own, said


@dataclass(frozen=True)
class UnionSettings:
    """The union as its letters and invoices present it; the defaults are fictitious."""

    name: str = "Lederne"
    orgnr: str = "999999999"
    address: str = "Eksempelveien 1, 0001 Oslo"
    """The lines, separated by commas."""
    email: str = "post@example.org"
    account_number: str = "12345678903"
    giro_sender: str | None = None
    """Our number with the bank's processing centre, 8 digits; None: it is not known yet."""
    phone: str | None = None
    statutes_url: str | None = None
    privacy_url: str | None = None
    insurance_url: str | None = None
    insurer: str | None = None


def union_settings(variables: Mapping[str, str], environment: Environment) -> UnionSettings:
    """Return the union as letters present it; what has no default may be left unsaid."""
    found: dict[str, Any] = {
        field: said(variables, f"MEDLEMSFLYT_UNION_{field.upper()}")
        if default is None
        else own(variables, f"MEDLEMSFLYT_UNION_{field.upper()}", default, environment)
        for field, default in asdict(UnionSettings()).items()
    }
    return UnionSettings(**found)
