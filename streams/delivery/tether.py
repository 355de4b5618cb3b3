"""The tether: becomes a command that the kernel kills when its parent is gone.

A program rather than a module: `python -I -S tether.py PARENT COMMAND…`, with nothing but the standard library. It runs
between the supervisor's fork and the worker's exec, since a function run there in the supervisor itself
(`preexec_fn`) is not safe beside threads. On Linux only; elsewhere it just becomes the command.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ties this process to its parent and becomes the command. Arguments: the parent's pid, the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        # Linux keeps this across exec, and sends it when the parent's *thread* that forked ends.
        if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0):
            sys.exit("prctl(PR_SET_PDEATHSIG) failed: this worker could outlive its supervisor")
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)
    os.execvp(command[0], command)  # noqa: S606 - no shell wanted


if __name__ == "__main__":
    main()
