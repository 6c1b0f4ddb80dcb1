"""./run demo: Odoo with the addon and demo data on a local port, until Ctrl-C."""

import argparse
import hashlib
import os
import socket
import time
import urllib.error
import urllib.request

from . import console, databases, layout, locks, odoo_config, postgres, prepare, processes

NAME = "demo"  # of the database, its lock and its log
USERS = (("admin", "the administrator"), ("demo", "a salesperson"), ("buyer", "a customer, in the portal"))
START_LIMIT = 300  # seconds until the server must answer


def check_port(port):
    """Fail clearly when nothing can listen on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise console.Failure(
                f"Port {port} cannot be used ({error.strerror}). Choose another one: ./run demo --port {port + 1}"
            ) from None


def addon_fingerprint():
    """A hash of the addon's files, but for its tests, which change no database."""
    digest = hashlib.sha256()
    for path in sorted(layout.ADDON.rglob("*")):
        parts = path.relative_to(layout.ADDON).parts
        if path.is_file() and parts[0] != "tests" and "__pycache__" not in parts:
            digest.update(f"{'/'.join(parts)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _comment(database):
    return "".join(
        postgres.psql(f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{database}'")
    )


def _create(source, database):
    """Build the database under another name, so that a half-finished one is never taken for the demo."""
    part = databases.name_of(f"{NAME}_part")
    databases.clone(databases.ensure_template(source), part)
    with console.step("The addon and its demo data"):
        odoo_config.job("install", part, layout.ADDON.name)
    databases.rename(part, database)


def _is_there(database):
    """Whether there is a demo database with its files; one without them is dropped."""
    if database not in databases.names():
        return False
    if not databases.filestore(database).exists():
        console.say("The files of the demo database are gone: making it anew.")
        databases.drop(database)
        return False
    return True


def ensure_database(source):
    """Have the demo database, with the addon as it is now and the data as they were left; returns its name."""
    database, fingerprint = databases.name_of(NAME), addon_fingerprint()
    if not _is_there(database):
        _create(source, database)
    elif _comment(database) != fingerprint:
        with console.step("The addon changed: updating the demo database"):
            odoo_config.job("update", database, layout.ADDON.name)
    postgres.psql(f"COMMENT ON DATABASE \"{database}\" IS '{fingerprint}'")
    return database


def _answers(url):
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=30) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _wait_for(server, url, log):
    limit = time.monotonic() + START_LIMIT
    while not _answers(url):
        if server.poll() is not None:
            raise console.Failure(console.explain(log, "Odoo ended while it started."))
        if time.monotonic() > limit:
            raise console.Failure(console.explain(log, f"Odoo does not answer on {url} after {START_LIMIT} s."))
        time.sleep(0.2)


def serve(database, port):
    """Run the server until it ends or the user ends it."""
    url = f"http://127.0.0.1:{port}"
    log = layout.LOGS / f"{NAME}.log"
    command = [layout.PYTHON, "-m", "odoo", "server", "--config", layout.ODOO_CONF, "--database", database]
    command += [f"--db-filter=^{database}$", "--http-port", port, "--gevent-port", 0, "--max-cron-threads", 1]
    with (
        log.open("w") as output,
        processes.service(command, stdout=output, stderr=output, env=postgres.environment(), cwd=layout.ROOT) as server,
    ):
        _wait_for(server, f"{url}/web/login", log)
        logins = "\n".join(f"    login {login:5}  password {login:5}  ({who})" for login, who in USERS)
        console.say(f"\nOdoo 19 with Key Account Care:  {url}\n\n{logins}\n")
        console.say(f"Ctrl-C stops it; the data stay. Log: {log.relative_to(layout.ROOT)}")
        code = server.wait()
    raise console.Failure(console.explain(log, f"Odoo ended by itself (exit {code})."))


def main(arguments):
    """Set up what is missing, then serve."""
    parser = argparse.ArgumentParser(prog="./run demo", description=__doc__)
    default = int(os.environ.get("PORT") or 8069)
    parser.add_argument("--port", type=int, default=default, help="port on 127.0.0.1 (default: $PORT, else 8069)")
    options = parser.parse_args(arguments)
    with locks.attempt(NAME) as alone:
        if not alone:
            raise console.Failure("The demo of this folder is running already, or being set up.")
        check_port(options.port)
        source = prepare.for_odoo()
        with postgres.running():
            serve(ensure_database(source), options.port)
