"""./run test: every test and the lint, on a fresh database with the addon installed."""

from . import console, databases, layout, locks, odoo_config, postgres, prepare, processes


def _pytest(database):
    """pytest with a running server for HttpCase, and with the guard against tests that skip themselves."""
    return [
        layout.PYTHON, "-m", "pytest", "-p", "launcher.pytest_guard", "--odoo-http",
        "--odoo-config", layout.ODOO_CONF, "--odoo-database", database,
    ]  # fmt: skip


def main(arguments):
    """Set up what is missing, then run pytest with the arguments; returns its exit code."""
    source, folders = prepare.for_tests()
    with locks.first_free("test") as slot, postgres.running():
        database = databases.name_of(slot)
        databases.clone(databases.ensure_template(source), database)
        try:
            with console.step("The addon in a fresh database"):
                odoo_config.job("install", database, layout.ADDON.name)
            env = postgres.environment(folders)
            return processes.foreground([*_pytest(database), *arguments], cwd=layout.ROOT, env=env)
        finally:
            with processes.uninterrupted():
                databases.drop(database)
