"""Why a file from outside as a whole does not count."""


class WrongFile(Exception):
    """A file is not one of the tables that are asked for; its text says why, and quotes nothing."""
