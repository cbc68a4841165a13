"""What a failing database is called: StoreUnavailable with a sentence, or an internal error without anybody's data in it."""

from __future__ import annotations

import errno
import os

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from service.scoring.errors import CallscoreError, StoreUnavailable

#: No space, no quota, or a file larger than allowed.
DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def translate(error: SQLAlchemyError) -> CallscoreError:
    """The domain's error for a database error. Its text names codes and constraints, never values."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return StoreUnavailable(f"the database cannot be used now: {type(error.orig).__name__}")
    return StoreUnavailable(f"the database cannot be used now: {type(error).__name__}")


def audio_unavailable(error: Exception) -> StoreUnavailable:
    """The domain's error for a failing audio store: a full disk, missing rights, a server that does not answer."""
    number = getattr(error, "errno", None)
    if number in DISK_FULL:
        return StoreUnavailable("the disk of the audio store is full; free space on it, then send the recording again")
    if number is not None:
        return StoreUnavailable(f"the audio store cannot be used now: {os.strerror(number)}")
    kind = type(error).__name__
    return StoreUnavailable(f"the audio store cannot be used now ({kind}); check its address, credentials and network")
