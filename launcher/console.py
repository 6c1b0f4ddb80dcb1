"""What the person at the terminal sees: steps with their time, and failures that say what to do."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from . import layout

HEARTBEAT = 15  # seconds between two signs of life of a long step


class Failure(Exception):
    """Something that the user can mend; the text says what happened and what to do."""


def say(text=""):
    """Print a line at once, also into a pipe."""
    print(text, flush=True)


def folder_size(folder):
    """Size in MB of the files below a folder that may be changing."""
    total = 0
    for path, _folders, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_size
    return total // 2**20


@contextlib.contextmanager
def step(title, folder=None):
    """Announce a step, show that it lives (and how `folder` grows), and tell its time when it is done."""
    say(f"- {title} ...")
    start = time.monotonic()
    done = threading.Event()

    def show_life():
        while not done.wait(HEARTBEAT):
            grown = f", {folder_size(folder)} MB" if folder else ""
            say(f"    {title}: {time.monotonic() - start:.0f} s{grown}")

    thread = threading.Thread(target=show_life, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    say(f"- {title}: done in {time.monotonic() - start:.1f} s")


def run(command, log, advice="", **options):
    """Run a command with its output in `.run/logs/<log>.log`; fail with its last lines and the advice."""
    layout.LOGS.mkdir(parents=True, exist_ok=True)
    path = layout.LOGS / f"{log}.log"
    with path.open("w") as output:
        code = subprocess.call(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **options,
        )
    if code:
        raise Failure(explain(path, f"{Path(command[0]).name} failed (exit {code}).", advice))
    return path


def explain(log, what, advice=""):
    """The failure text for a log: its last lines, what they probably mean, and the advice."""
    text = log.read_text(errors="replace")
    tail = "\n".join(f"    {line}" for line in text.splitlines()[-12:])
    return "\n".join(filter(None, [tail, what, cause(text), advice, f"The whole log: {log.relative_to(layout.ROOT)}"]))


def cause(text):
    """In one line, the usual reasons that a tool failed, or nothing."""
    if "No space left on device" in text or "not enough free space" in text:
        return "The disk is full: make room and run the same command again."
    signs = ("Temporary failure", "Could not resolve", "Network is unreachable", "Connection refused", "timed out",
             "Failed to fetch", "NewConnectionError", "Max retries exceeded", "Name or service not known")  # fmt: skip
    if any(sign in text for sign in signs):
        return "The network did not answer: check it (and the proxy, if you have one) and run the same command again."
    return ""


def enough_disk(megabytes):
    """Fail early when the disk of `.run/` has less room than the set-up needs."""
    layout.RUN.mkdir(exist_ok=True)
    stat = os.statvfs(layout.RUN)
    free = stat.f_bavail * stat.f_frsize // 2**20
    if free < megabytes:
        raise Failure(f"The set-up needs {megabytes} MB in {layout.RUN}, and only {free} MB are free there: make room.")


def exit_on_failure(main):
    """Run `main`, turn failures into a message and an exit code."""
    try:
        code = main()
    except Failure as failure:
        say()
        print(failure, file=sys.stderr)
        code = 1
    except OSError as error:
        say()
        print(f"{error}\n{cause(str(error))}".strip(), file=sys.stderr)
        code = 1
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)
