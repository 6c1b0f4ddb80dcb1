"""Processes in the foreground, which end when this one is told to end."""

import contextlib
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor

PATIENCE = 15  # seconds between asking a process to end and ending it


def interrupt_on_termination():
    """Make SIGTERM and a closed terminal end this process as Ctrl-C does, so that it cleans up."""

    def interrupt(_number, _frame):
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


@contextlib.contextmanager
def uninterrupted():
    """Ignore the signals that ask to end, while something is cleaned up."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def end(process, number=signal.SIGINT):
    """Ask a process to end, and end it if it does not."""
    with uninterrupted():
        if process.poll() is None:
            process.send_signal(number)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def foreground(command, **options):
    """Run a command that has the terminal, its Ctrl-C included; return its exit code."""
    process = subprocess.Popen([str(part) for part in command], **options)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return process.wait()
    finally:
        signal.signal(signal.SIGINT, before)
        end(process, signal.SIGTERM)


@contextlib.contextmanager
def service(command, **options):
    """Have a command running, out of reach of the terminal's Ctrl-C, until the block ends."""
    command = [str(part) for part in command]
    process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        end(process)


def parallel(*functions):
    """Call functions at the same time, return their results in order; the first failure is raised."""
    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result() for future in [pool.submit(function) for function in functions]]
