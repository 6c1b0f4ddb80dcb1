"""The virtual environment in `.run/venv`: what requirements*.txt name, and a path to Odoo."""

import hashlib
import os
import shutil
import subprocess
import sys

from . import console, layout

FETCHED = layout.RUN / "python"  # what ./run fetched of Debian's Python, if it had to
REQUIREMENTS = layout.ROOT / "requirements.txt"
TEST_REQUIREMENTS = layout.ROOT / "requirements-test.txt"
PIP_OPTIONS = ("--no-deps", "--only-binary", ":all:", "--no-compile")  # Python compiles later what is really used
ADVICE = "Run the same command again to go on from here; pip's own settings (PIP_INDEX_URL, pip.conf) are respected."


def _marker(requirements):
    return layout.VENV / f"{requirements.stem}.installed"


def _fingerprint(requirements):
    return hashlib.sha256(requirements.read_bytes()).hexdigest()


def _is_installed(requirements):
    marker = _marker(requirements)
    return marker.exists() and marker.read_text() == _fingerprint(requirements)


def _runs():
    """Whether the environment has a Python that runs (the one it was made from may be gone)."""
    try:
        return subprocess.call([layout.PYTHON, "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def _certificates():
    """Name a bundle of the fetched certificates where the machine has none of its own."""
    own, fetched = "/etc/ssl/certs/ca-certificates.crt", FETCHED / "usr/share/ca-certificates/mozilla"
    if os.path.exists(own) or not fetched.is_dir() or "PIP_CERT" in os.environ:
        return {}
    bundle = FETCHED / "certificates.crt"
    bundle.write_bytes(b"".join(path.read_bytes() for path in sorted(fetched.glob("*.crt"))))
    return {"PIP_CERT": str(bundle)}


def _create():
    """An empty environment with pip; from Debian's wheel where ./run had to fetch it."""
    shutil.rmtree(layout.VENV, ignore_errors=True)
    wheels = sorted((FETCHED / "usr/share/python-wheels").glob("pip-*.whl"))
    command = [sys.executable, "-m", "venv", layout.VENV]
    console.run([*command, "--without-pip"] if wheels else command, "venv")
    if wheels:
        _pip([wheels[0] / "pip"], "pip", "install", "--no-index", wheels[0])


def _pip(program, log, *arguments):
    env = {**os.environ, **_certificates(), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    console.run([layout.PYTHON, *program, *arguments], log, ADVICE, env=env, cwd=layout.ROOT)


def ensure(requirements=REQUIREMENTS):
    """Make the environment have what the file names, unless it has it already."""
    if _is_installed(requirements) and _runs():
        return
    if not any(_is_installed(each) for each in (REQUIREMENTS, TEST_REQUIREMENTS)) or not _runs():
        with console.step("Python environment"):
            _create()
    with console.step(f"Python packages of {requirements.name}", layout.VENV):
        _marker(requirements).unlink(missing_ok=True)
        _pip(["-m", "pip"], requirements.stem, "install", *PIP_OPTIONS, "-r", requirements)
        _marker(requirements).write_text(_fingerprint(requirements))


def site_packages():
    """The folder of the environment's packages."""
    return next(layout.VENV.glob("lib/python3*/site-packages"))


def add_path(folder):
    """Make Python find what is in the folder (after what is installed)."""
    line = f"{folder}\n"
    path = site_packages() / "key_account_care_odoo.pth"
    if not path.exists() or path.read_text() != line:
        path.write_text(line)
