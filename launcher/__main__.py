"""The commands of ./run."""

import sys

from . import console, demo, processes, testing, tools

HELP = """\
./run demo [--port N]     Odoo 19 with the addon and demo data on http://127.0.0.1:8069, until Ctrl-C
./run test [ARGUMENTS]    all tests and the lint; arguments go to pytest: ./run test -k tier
./run neighbours [...]    the tests beside Odoo's stock, loyalty programs and web shop; arguments go to pytest
./run suites [MODULES]    Odoo's own tests with the addon and without: do the results differ?
./run shell               Odoo's shell on the demo database
./run bench [ARGUMENTS]   the benchmarks
./run python [ARGUMENTS]  Python with Odoo importable and the PG* variables set
./run help                this text

Everything is made in .run/ by the first command that needs it; rm -rf .run starts over.
ODOO_HOME=/path/to/odoo uses your Odoo 19, PGHOST and the other PG* variables your PostgreSQL, PYTHON your Python.
"""
COMMANDS = {
    "demo": demo.main,
    "test": testing.main,
    "neighbours": testing.neighbours,
    "suites": tools.suites,
    "shell": tools.shell,
    "bench": tools.bench,
    "python": tools.python,
}


def main():
    """Run the command that the first argument names."""
    name, *arguments = sys.argv[1:] or ["help"]
    if name in ("help", "-h", "--help"):
        print(HELP, end="")
        return 0
    if name not in COMMANDS:
        print(f"No such command: {name}\n\n{HELP}", end="", file=sys.stderr)
        return 2
    processes.interrupt_on_termination()
    return COMMANDS[name](arguments)


console.exit_on_failure(main)
