"""The set-up: everything that a command needs, made once and left alone afterwards."""

from . import chromium, compose, console, layout, locks, odoo_config, odoo_source, python_env
from .processes import parallel

ROOM = 4000  # MB that a first set-up takes, its downloads included


def _first_time():
    return not layout.PYTHON.exists()


def _python(with_tests):
    python_env.ensure()
    if with_tests:
        python_env.ensure(python_env.TEST_REQUIREMENTS)


def _prepare(with_tests):
    with locks.held("set-up"):
        if _first_time():
            console.say(f"First run: setting up in {layout.RUN} (a few minutes; remove that folder to start over).")
            console.enough_disk(ROOM)
        tools = [chromium.ensure, compose.ensure] if with_tests else []
        _, source, *folders = parallel(lambda: _python(with_tests), odoo_source.ensure, *tools)
        python_env.add_path(source.path)
        odoo_config.write(source)
    return source, list(filter(None, folders))


def for_odoo():
    """Make Odoo runnable; returns its source."""
    return _prepare(with_tests=False)[0]


def for_tests():
    """Make Odoo and all the tests runnable; returns Odoo's source and the folders to put on the PATH."""
    return _prepare(with_tests=True)
