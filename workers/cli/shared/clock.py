"""The business date by this machine's clock: what a person at a command line means by today."""

from datetime import UTC, date, datetime

from schemas.shared.calendar import oslo_date


def today() -> date:
    """Return the business date."""
    return oslo_date(datetime.now(UTC))
