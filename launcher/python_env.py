"""The virtual environment in `.run/venv`: what requirements*.txt name, and a path to Odoo."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile

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
    """A bundle of the fetched certificates, where the machine has none of its own."""
    fetched = sorted((FETCHED / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    if os.path.exists("/etc/ssl/certs/ca-certificates.crt") or not fetched:
        return None
    bundle = FETCHED / "certificates.crt"
    bundle.write_bytes(b"".join(path.read_bytes() for path in fetched))
    return bundle


def _create():
    """An empty environment with pip; from Debian's wheel where ./run had to fetch it."""
    shutil.rmtree(layout.VENV, ignore_errors=True)
    wheels = sorted((FETCHED / "usr/share/python-wheels").glob("pip-*.whl"))
    command = [sys.executable, "-m", "venv", layout.VENV]
    console.run([*command, "--without-pip"] if wheels else command, "venv")
    if wheels:
        zipfile.ZipFile(wheels[0]).extractall(site_packages())
        if bundle := _certificates():
            # Debian's pip knows no certificates but the machine's, and does not even start without them.
            core = site_packages() / "pip/_vendor/certifi/core.py"
            core.write_text(
                f"def where():\n    return {str(bundle)!r}\n\n\ndef contents():\n    return open(where()).read()\n"
            )


def _pip_install(requirements):
    env = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
    bundle = _certificates()
    if bundle and "SSL_CERT_FILE" not in env:
        env.setdefault("PIP_CERT", str(bundle))
    command = [layout.PYTHON, "-m", "pip", "install", *PIP_OPTIONS, "-r", requirements]
    console.run(command, requirements.stem, ADVICE, env=env, cwd=layout.ROOT)


def ensure(requirements=REQUIREMENTS):
    """Make the environment have what the file names, unless it has it already."""
    if _is_installed(requirements) and _runs():
        return
    if not any(_is_installed(each) for each in (REQUIREMENTS, TEST_REQUIREMENTS)) or not _runs():
        with console.step("Python environment"):
            _create()
    with console.step(f"Python packages of {requirements.name}", layout.VENV):
        _marker(requirements).unlink(missing_ok=True)
        _pip_install(requirements)
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
