"""The embedded stack: all processes of the service on one machine, supervised. `Stack` is the way in."""

from service.cli.stack.stack import Stack
from service.cli.stack.supervisor import StackFailed

__all__ = ["Stack", "StackFailed"]
