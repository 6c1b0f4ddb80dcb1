"""./run test: the tests and the lint, on a fresh database with the addon installed; ./run neighbours: those that need more."""

import contextlib
import shutil
import sys

from . import console, databases, layout, locks, odoo_config, postgres, prepare, processes

INTERRUPTED = 2  # exit code of pytest after Ctrl-C
NEIGHBOURS = "test_*_neighbours.py"  # tests of the addon that need more than it depends on


def main(arguments):
    """Set up what is missing, then run pytest; returns its exit code.

    With arguments that is one run. Without, four run side by side, more than there are processors, since each waits at
    times: the tests of the addon in two halves, and those that stand outside it.
    """
    with _installed(databases.ensure_template) as (database, env):
        if arguments:
            return _foreground(env, database, f"--ignore-glob=*/{NEIGHBOURS}", *arguments)
        parts = [*_halves(layout.ADDON / "tests"), *_halves(layout.ROOT / "tests")]
        return _side_by_side(env, database, dict(zip(("addon", "addon_2", "outside", "outside_2"), parts)))


def _halves(folder):
    """The files of tests, every second one of them here and there: both halves take about as long."""
    files = sorted({*folder.glob("test_*.py")} - {*folder.glob(NEIGHBOURS)})
    return files[::2], files[1::2]


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
    """pytest with the guard against tests that skip themselves, and with a server, which HttpCase needs."""
    return [
        layout.PYTHON, "-m", "pytest", "-p", "launcher.pytest_guard", "--odoo-config",
        layout.ODOO_CONF, "--odoo-database", database, "--odoo-http", *arguments,
    ]  # fmt: skip


def _foreground(env, database, *arguments):
    return processes.foreground(_pytest(database, *arguments), cwd=layout.ROOT, env=env)


def _side_by_side(env, database, runs):
    """Show the first run, and after it what the others have printed meanwhile; each has a database of its own.

    `runs` are the arguments of pytest by name.
    """
    (_first, shown), *others = runs.items()
    with contextlib.ExitStack() as stack:
        started = [_start(stack, env, f"{database}_{name}", database, name, files) for name, files in others]
        codes = [_foreground(env, database, *shown)]
        if codes == [INTERRUPTED]:
            return INTERRUPTED
        for running, log in started:
            codes.append(running.wait())
            with log.open() as file:
                shutil.copyfileobj(file, sys.stdout)
    return max(codes)


def _start(stack, env, other, database, name, files):
    """Start a run in a clone of the database; returns the process and the file that it prints to."""
    log = layout.LOGS / f"{name}.log"
    command = _pytest(stack.enter_context(_database(other, database)), *files, "-o", f"cache_dir=.run/pytest_{name}")
    file = stack.enter_context(log.open("w"))
    options = {"cwd": layout.ROOT, "env": env, "stdout": file, "stderr": file}
    return stack.enter_context(processes.service(command, **options)), log
