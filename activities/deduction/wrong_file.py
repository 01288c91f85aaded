"""Why a report as a whole does not count."""


class WrongFile(Exception):
    """A file is not a report on one of our lists; its text says why, and quotes nothing of it."""
