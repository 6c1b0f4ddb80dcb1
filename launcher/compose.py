"""Docker Compose, to check docker-compose.yml: the machine's own, else Debian's program in `.run/compose`."""

import shutil
import subprocess

from . import console, debian, layout

FETCHED = layout.RUN / "compose"


def _is_here():
    if shutil.which("docker-compose"):
        return True
    docker = shutil.which("docker")
    return (
        bool(docker)
        and subprocess.call([docker, "compose", "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    )


def ensure():
    """The folder to put on the PATH so that docker-compose is found there; without it, one test is skipped."""
    if _is_here() or not debian.available():
        return None
    if not FETCHED.exists():
        try:
            with console.step("Docker Compose to check docker-compose.yml"):
                debian.fetch_named(FETCHED, ["trixie"], ["docker-compose/trixie"], "", architecture="own")
        except console.Failure as failure:
            console.say(f"{failure}\n  docker-compose.yml will not be checked.")
            return None
    return FETCHED / "usr" / "bin"
