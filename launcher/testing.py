"""./run test: every test and the lint, on a fresh database with the addon installed."""

import contextlib
import shutil
import sys

from . import console, databases, layout, locks, odoo_config, postgres, prepare, processes

INTERRUPTED = 2  # exit code of pytest after Ctrl-C


def main(arguments):
    """Set up what is missing, then run pytest; returns its exit code.

    With arguments that is one run. Without, the tests of the addon and those that stand outside it run side by side.
    """
    source, folders = prepare.for_tests()
    with locks.first_free("test") as slot, postgres.running():
        template = databases.ensure_template(source)
        env = {**postgres.environment(folders), "KEY_ACCOUNT_CARE_TEMPLATE": template}
        with _database(databases.name_of(slot), template) as database:
            with console.step("The addon in a fresh database"):
                odoo_config.job("install", database, layout.ADDON.name)
            if arguments:
                return processes.foreground(_pytest(database, "--odoo-http", *arguments), cwd=layout.ROOT, env=env)
            with _database(f"{database}_outside", database) as other:
                return _side_by_side(database, other, env)


@contextlib.contextmanager
def _database(name, template):
    """A clone of a database, until the block ends."""
    databases.clone(template, name)
    try:
        yield name
    finally:
        with processes.uninterrupted():
            databases.drop(name)


def _pytest(database, *arguments):
    """pytest with the guard against tests that skip themselves; HttpCase needs --odoo-http, a server, besides."""
    return [
        layout.PYTHON, "-m", "pytest", "-p", "launcher.pytest_guard", "--odoo-config",
        layout.ODOO_CONF, "--odoo-database", database, *arguments,
    ]  # fmt: skip


def _side_by_side(database, other, env):
    """Show the run of the addon's tests, and after it what the run of the others has printed meanwhile."""
    log = layout.LOGS / "outside.log"
    outside = _pytest(other, "tests", "-o", "cache_dir=.run/pytest_outside")
    options = {"cwd": layout.ROOT, "env": env}
    with log.open("w") as file, processes.service(outside, stdout=file, stderr=file, **options) as running:
        shown = processes.foreground(_pytest(database, "--odoo-http", f"{layout.ADDON.name}/tests"), **options)
        if shown == INTERRUPTED:
            return shown
        hidden = running.wait()
    with log.open() as file:
        shutil.copyfileobj(file, sys.stdout)
    return shown or hidden
