"""Packages of Debian, unpacked into `.run/` by debian.sh, for any user and without touching the machine's apt."""

import shutil
from pathlib import Path

from . import console, layout

SCRIPT = layout.ROOT / "launcher" / "debian.sh"


def available():
    """Whether this is a Debian whose packages can be fetched."""
    try:
        system = Path("/etc/os-release").read_text().splitlines()
    except OSError:
        return False
    return "ID=debian" in system and bool(shutil.which("apt-get"))


def fetch_named(folder, suites, packages, advice, architecture="all"):
    """Unpack exactly these packages of the suites into a folder."""
    console.run(
        ["sh", SCRIPT, "named", folder, architecture, " ".join(suites), *packages], f"fetch-{folder.name}", advice
    )


def fetch_missing(folder, packages, advice):
    """Unpack these packages and what they need, as far as the machine does not have it, into a folder."""
    console.run(["sh", SCRIPT, "missing", folder, *packages], f"fetch-{folder.name}", advice)
