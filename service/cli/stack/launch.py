"""Becomes another program that dies with its parent, also when the parent is killed with -9 and can clean up nothing.

Run as a script: `python -I -S launch.py PARENT_PID SIGNAL COMMAND...`. A step of its own between fork and exec, because code
between the two is unsafe in a parent with threads, and because not every program asks for this itself (redis-server).
"""

from __future__ import annotations

import ctypes
import os
import sys

#: `prctl` option of Linux: the signal that this process gets when its parent dies. It survives exec.
PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Ask for the signal, make sure that the parent lives still, become the command."""
    parent, death_signal, *command = arguments
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() == int(parent):
        os.execvp(command[0], command)  # noqa: S606 - becoming the command is the point, and no shell is involved


if __name__ == "__main__":
    main(sys.argv[1:])
