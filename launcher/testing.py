"""./run test: the tests and the lint, on a fresh database with the addon installed; ./run neighbours: those that need more."""

import contextlib
import shutil
import sys

from . import console, databases, layout, locks, odoo_config, postgres, prepare, processes

INTERRUPTED = 2  # exit code of pytest after Ctrl-C
NEIGHBOURS = "test_*_neighbours.py"  # tests of the addon that need more than it depends on


def main(arguments):
    """Set up what is missing, then run pytest; returns its exit code.

    With arguments that is one run. Without, the tests of the addon and those that stand outside it run side by side.
    """
    with _installed(databases.ensure_template) as (database, env):
        if arguments:
            return _foreground(env, database, f"--ignore-glob=*/{NEIGHBOURS}", *arguments)
        with _database(f"{database}_outside", database) as other:
            return _side_by_side(database, other, env)


def neighbours(arguments):
    """Run the tests of the addon beside Odoo's stock, loyalty programs and web shop; returns pytest's exit code."""
    files = map(str, (layout.ADDON / "tests").glob(NEIGHBOURS))
    with _installed(databases.ensure_neighbours) as (database, env):
        return _foreground(env, database, f"{layout.ADDON.name}_website_sale/tests", *files, *arguments)


@contextlib.contextmanager
def _installed(ensure):
    """A clone of the template that `ensure` makes, with the addon installed, and the environment of its tests."""
    source, folders = prepare.for_tests()
    with locks.first_free("test") as slot, postgres.running():
        template = ensure(source)
        with _database(databases.name_of(slot), template) as database:
            with console.step("The addon in a fresh database"):
                odoo_config.job("install", database, layout.ADDON.name)
            yield database, {**postgres.environment(folders), "KEY_ACCOUNT_CARE_TEMPLATE": template}


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


def _foreground(env, database, *arguments):
    return processes.foreground(_pytest(database, "--odoo-http", *arguments), cwd=layout.ROOT, env=env)


def _side_by_side(database, other, env):
    """Show the run of the addon's tests, and after it what the run of the others has printed meanwhile."""
    log = layout.LOGS / "outside.log"
    outside = _pytest(other, "tests", "-o", "cache_dir=.run/pytest_outside")
    options = {"cwd": layout.ROOT, "env": env}
    with log.open("w") as file, processes.service(outside, stdout=file, stderr=file, **options) as running:
        shown = _foreground(env, database, f"--ignore-glob=*/{NEIGHBOURS}", f"{layout.ADDON.name}/tests")
        if shown == INTERRUPTED:
            return shown
        hidden = running.wait()
    with log.open() as file:
        shutil.copyfileobj(file, sys.stdout)
    return shown or hidden
