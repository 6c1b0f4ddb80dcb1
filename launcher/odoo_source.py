"""Where Odoo 19 comes from: ODOO_HOME, an importable `odoo`, or Debian's package unpacked into `.run/odoo`."""

import dataclasses
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import console, debian, layout

SERIES = (19, 0)
FETCHED = layout.RUN / "odoo"
# Odoo's package links to fonts and scripts of other packages; those of trixie have the layout that it expects.
SUITES = ("sid", "trixie")
PACKAGES = (
    "odoo-19/sid", "libjs-jquery/trixie", "libjs-jquery-form/trixie", "libjs-underscore/trixie",
    "fonts-font-awesome/trixie", "fonts-montserrat/trixie", "fonts-roboto-unhinted/trixie",
    "fonts-inconsolata/trixie", "fonts-ocr-b/trixie",
)  # fmt: skip
ELSE = "Or name a folder that has Odoo 19: ODOO_HOME=/path/to/odoo ./run demo. Or use Docker: docker compose up"
# Debian leaves this file out; the web client's bundle logs an error, which fails every browser test, without it.
STUB = "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"


@dataclasses.dataclass(frozen=True)
class Source:
    """A folder with the package `odoo`, and the version that it says it is."""

    path: Path
    version: str

    @property
    def addons_path(self):
        """The folders of Odoo's own addons: inside the package and, in a git checkout, beside it."""
        folders = [self.path / "odoo" / "addons", self.path / "addons"]
        return [folder for folder in folders if (folder / "base").is_dir() or (folder / "web").is_dir()]


def series_of(path):
    """The series (19, 0) of the `odoo` in a folder, or nothing where there is none."""
    release = path / "odoo" / "release.py"
    if not release.is_file():
        return None
    found = re.search(r"^version_info = \('?(?:saas~)?(\d+)'?, (\d+)", release.read_text(), re.MULTILINE)
    return found and (int(found[1]), int(found[2]))


def _source(path):
    """The source in a folder; its version changes when the code of a fetched or released Odoo does."""
    stamp = (path / "odoo" / "release.py").stat().st_mtime_ns
    return Source(path, f"{'.'.join(map(str, series_of(path)))}-{stamp}")


def _named():
    """What ODOO_HOME names; anything but Odoo 19 there is an error, not a reason to fetch another."""
    home = os.environ.get("ODOO_HOME")
    if not home:
        return None
    path = Path(home).expanduser().resolve()
    series = series_of(path)
    if series != SERIES:
        found = f"Odoo {series[0]}.{series[1]}" if series else "no odoo/release.py"
        raise console.Failure(
            f"ODOO_HOME={home} has {found}; it must be a folder with the package odoo of series 19.0."
        )
    return _source(path)


def _importable():
    """The Odoo 19 that the user's own python3 (or active environment) imports."""
    python = shutil.which("python3")
    if not python:
        return None
    code = "import importlib.util as u; print(u.find_spec('odoo.release').origin)"
    found = subprocess.run([python, "-c", code], cwd="/", capture_output=True, text=True)
    path = Path(found.stdout.strip()).parent.parent
    return _source(path) if found.returncode == 0 and series_of(path) == SERIES else None


def _fetched():
    path = FETCHED / "usr" / "lib" / "python3" / "dist-packages"
    return _source(path) if series_of(path) == SERIES else None


def _fetch():
    """Unpack Debian's Odoo, complete it with the stub, and show it under its name only then."""
    if not debian.available():
        raise console.Failure(f"Odoo 19 is not here, and only on Debian can it be fetched.\n{ELSE}")
    arriving = FETCHED.with_name("odoo-arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    shutil.rmtree(FETCHED, ignore_errors=True)
    with console.step("Odoo 19", layout.RUN):
        debian.fetch_named(arriving, SUITES, PACKAGES, ELSE)
        stub = arriving / "usr/lib/python3/dist-packages" / STUB
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("// Not in Debian's package: background blur in video calls is off.\n")
        arriving.rename(FETCHED)
    return _fetched()


def ensure():
    """The Odoo to use, fetched if there is none."""
    return _named() or _fetched() or _importable() or _fetch()
