"""Becomes another program which the kernel ends when the process that started it is gone.

Run as a file, by an interpreter that loads nothing else:

    python -I -S guard.py PARENT_PID SIGNAL_NUMBER UID:GID|- PROGRAM ARGUMENT…

PROGRAM is a full path: once the user has changed, this interpreter's own library may be out of
reach, so nothing is imported or searched for any more. The process id stays the same, so the
caller supervises the program itself. Where the kernel has no such death signal (anything but
Linux) the program simply runs.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Drop to another user if asked, arm the death signal, become the command.

    Args:
        arguments: As in the module's usage line.
    """
    parent, death_signal, owner, *command = arguments
    if owner != "-":
        uid, gid = (int(part) for part in owner.split(":"))
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
    if sys.platform == "linux":
        # After the change of user, which disarms it.
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != int(parent):
            sys.exit("guard: the supervisor is gone already")
    os.execv(command[0], command)  # noqa: S606 - becoming the command is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
