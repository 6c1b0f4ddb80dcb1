"""./run python, ./run shell, ./run bench, ./run suites: programs with Odoo importable and the PostgreSQL server running."""

from . import console, databases, demo, layout, postgres, prepare, processes


def _environment():
    """PG* name the server, ODOO_RC names Odoo's configuration."""
    return {**postgres.environment(), "ODOO_RC": str(layout.ODOO_CONF)}


def _run(*arguments):
    return processes.foreground([layout.PYTHON, *arguments], cwd=layout.ROOT, env=_environment())


def python(arguments):
    """Run the environment's Python with the arguments."""
    prepare.for_tests()
    with postgres.running():
        return _run(*arguments)


def shell(arguments):
    """Open Odoo's shell on the demo database."""
    prepare.for_odoo()
    with postgres.running():
        database = databases.name_of(demo.NAME)
        if database not in databases.names():
            raise console.Failure("There is no demo database yet: ./run demo makes it.")
        return _run("-m", "odoo", "shell", "-c", layout.ODOO_CONF, "-d", database, "--no-http", *arguments)


def bench(arguments):
    """Run benchmarks/ with the arguments; KEY_ACCOUNT_CARE_TEMPLATE names the database to clone."""
    source = prepare.for_odoo()
    with postgres.running():
        template = databases.ensure_template(source)
        env = {**_environment(), "KEY_ACCOUNT_CARE_TEMPLATE": template}
        return processes.foreground([layout.PYTHON, "-m", "benchmarks", *arguments], cwd=layout.ROOT, env=env)


def suites(arguments):
    """Run tests/compare_odoo_suites.py with the arguments."""
    source, folders = prepare.for_tests()
    with postgres.running():
        template = databases.ensure_neighbours(source)
        env = {**_environment(), **postgres.environment(folders), "KEY_ACCOUNT_CARE_TEMPLATE": template}
        command = [layout.PYTHON, "-m", "tests.compare_odoo_suites", "--logs", layout.LOGS]
        command += ["--name", databases.name_of("suites"), *arguments]
        return processes.foreground(command, cwd=layout.ROOT, env=env)
