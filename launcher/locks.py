"""Locks between processes: released by the system itself when their process ends, however it ends."""

import contextlib
import fcntl

from . import layout
from .console import say


def _open(name):
    layout.LOCKS.mkdir(parents=True, exist_ok=True)
    return (layout.LOCKS / name).open("w")


def _taken(file, flags):
    try:
        fcntl.flock(file, flags | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def held(name, shared=False):
    """Hold a lock, waiting for it (and saying so) as long as another process has it."""
    flags = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with _open(name) as file:
        if not _taken(file, flags):
            say(f"  waiting for another ./run (lock {name}) ...")
            fcntl.flock(file, flags)
        yield


@contextlib.contextmanager
def attempt(name):
    """Try to hold a lock, without waiting; yields whether it is held."""
    with _open(name) as file:
        yield _taken(file, fcntl.LOCK_EX)


@contextlib.contextmanager
def first_free(name):
    """Hold the first free lock of `name`_1, `name`_2, ...; yields the name it has."""
    number = 1
    while True:
        with attempt(f"{name}_{number}") as held_now:
            if held_now:
                yield f"{name}_{number}"
                return
        number += 1
