"""Passwords: argon2id, and the sentences about what a password must be."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.scoring.errors import PasswordUnfit

#: OWASP's password storage cheat sheet: 19 MiB, two passes, one lane. About 30 ms of one core.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
#: Hashing takes a core and its memory each time: whoever floods the login must not take the whole machine.
AT_ONCE = threading.BoundedSemaphore(4)
#: NIST SP 800-63B asks for length, and against rules about digits and signs.
SHORTEST = 12
LONGEST = 200
DISTINCT = 5
#: Letters and digits that cannot be mistaken for each other when a password is read out.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
GENERATED = 20


def check_password(password: str, email: str) -> None:
    """Raises PasswordUnfit, with a sentence that does not repeat the password."""
    if len(password) < SHORTEST:
        raise PasswordUnfit(f"a password must have at least {SHORTEST} characters, found {len(password)}")
    if len(password) > LONGEST:
        raise PasswordUnfit(f"a password must have at most {LONGEST} characters, found {len(password)}")
    if len(set(password)) < DISTINCT:
        raise PasswordUnfit(f"a password must have at least {DISTINCT} different characters; take a few words instead")
    local = email.partition("@")[0].lower()
    if password.lower() in (email.lower(), local) or password.lower().replace(local, "", 1).isdecimal():
        raise PasswordUnfit("a password must not be the e-mail or be made of it; take a few words instead")


def new_password() -> str:
    """A random one of 100 bits, in groups of five that can be read out."""
    text = "".join(secrets.choice(ALPHABET) for _ in range(GENERATED))
    return "-".join(text[start : start + 5] for start in range(0, GENERATED, 5))


def hash_password(password: str) -> str:
    """An argon2id string. Takes tens of milliseconds: never inside a transaction."""
    with AT_ONCE:
        return HASHER.hash(password)


#: Compared with where there is no such user, so that the answer takes as long as for a wrong password.
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$H802ZnZrjYe9qkX4jQfBWTQtJnmj6Noz+sJrSQ8gzOM"


def password_fits(password: str, password_hash: str | None) -> bool:
    """Whether this is the password. Takes as long for None (no such user) as for a wrong one."""
    with AT_ONCE:
        try:
            fits = HASHER.verify(password_hash or _NOBODYS, password)
        except (VerificationError, InvalidHashError):
            return False
    return fits and password_hash is not None


def outdated(password_hash: str) -> bool:
    """True for a hash of weaker parameters than today's; it is made anew when its owner logs in."""
    return HASHER.check_needs_rehash(password_hash)
