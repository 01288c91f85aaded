"""How amounts are written on pages and in tables. All are whole øre until then."""


def in_kroner(amount_ore: int) -> str:
    """Return øre as kroner with two decimals: 24750 is ``247.50``."""
    sign = "-" if amount_ore < 0 else ""
    return f"{sign}{abs(amount_ore) // 100}.{abs(amount_ore) % 100:02d}"


def kroner(amount_ore: int) -> str:
    """Return øre as kroner with their sign: 24750 is ``247.50 kr``."""
    return f"{in_kroner(amount_ore)} kr"
