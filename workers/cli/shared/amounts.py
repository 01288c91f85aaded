"""Amounts and values as people type them."""

import json
from decimal import Decimal, InvalidOperation

from workers.errors import UserError


def ore_of(kroner: str, what: str) -> int:
    """Return an amount in øre.

    Args:
        kroner: with at most two decimals, ``520.00`` or ``520,00``.
        what: the option, for the sentence.

    Raises:
        UserError: it is no amount.
    """
    try:
        ore = Decimal(kroner.strip().replace(",", ".")) * 100
        whole = ore == ore.to_integral_value()
    except InvalidOperation:
        whole = False
    if not whole:
        raise UserError(f"{what}: {kroner} is no amount in kroner, such as 520.00.")
    return int(ore)


def pair(text: str, what: str) -> tuple[str, str]:
    """Return both sides of ``NAME=VALUE``.

    Raises:
        UserError: it is written otherwise.
    """
    name, found, value = text.partition("=")
    if not found or not name.strip() or not value.strip():
        raise UserError(f"{what}: write NAME=VALUE, not {text}.")
    return name.strip(), value.strip()


def plain_value(text: str) -> bool | int | str:
    """Return a value as JSON has it: ``true``, ``30``; anything else is a text."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | str) else text
