"""What can stand between us and a key; no message says anything of what it protects."""


class KeysUnavailable(Exception):
    """The keys can't be reached for now, so nothing is read or written: tried again."""


class Unreadable(Exception):
    """What is wrapped is not ours, or was changed: trying again changes nothing."""


class KeyDestroyed(Exception):
    """The owner's keys were destroyed: nothing more is written under that name."""
