"""Errors a person can put right."""


class UserError(Exception):
    """Something the person at the keyboard can put right.

    The message is one sentence that says what is wrong and what to do next; the command line
    prints it without a traceback and exits with code 2.
    """
