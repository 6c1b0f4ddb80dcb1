"""./run suites: Odoo's own tests with the addon installed and without; names the tests whose result differs.

Both runs start from clones of one template, load everything that is installed, and run the same tests in the same order,
also those that Odoo itself runs before other modules are loaded. What fails in both is Odoo's own matter.
"""

import argparse
import collections
import contextlib
import os
import socket
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import odoo.cli
import odoo.http
from odoo import tools
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.service import server
from odoo.tests import HttpCase, loader, result, shell

from benchmarks import addon, databases

MODULES = ("product", "sale", "sale_management", "sale_margin", "website_sale")
RUNS = ("without", "with")


class Recorder(result.OdooTestResult):
    """Odoo's test result that keeps the outcome of each test by its name."""

    outcomes = {}

    def addSuccess(self, test):
        """Note a success, unless a part of the test has failed."""
        super().addSuccess(test)
        self.outcomes.setdefault(test.id(), "passed")

    def addSkip(self, test, reason):
        """Note a skip with its reason."""
        super().addSkip(test, reason)
        self.outcomes[test.id()] = f"skipped: {reason}"

    def addError(self, test, err):
        """Note an error; that of a part is one of its test."""
        super().addError(test, err)
        self._note_failure(test, err)

    def addFailure(self, test, err):
        """Note a failure; that of a part is one of its test."""
        super().addFailure(test, err)
        self._note_failure(test, err)

    def _note_failure(self, test, err):
        if not self._soft_fail:
            name = getattr(test, "test_case", test).id()
            self.outcomes[name] = f"failed: {err[0].__name__}: {str(err[1])[:1000]}"


def _configure(database, log):
    """Odoo's configuration, as ODOO_RC names it, for the database, with a free port and the log in a file."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = [f"--database={database}", f"--http-port={port}", f"--logfile={log}", "--log-level=error"]
    tools.config.parse_config([*options, "--max-cron-threads=0"], setup_logging=True)


def _without_browser(self, *args, **kwargs):
    self.skipTest("it needs a browser")


def _run(database, modules, browser):
    """Run the suites of modules in a process that does nothing else; returns the outcome of each test by name."""
    odoo.cli.COMMAND = "shell"  # run_tests asks for it
    loader.OdooTestResult = Recorder
    if not browser:
        HttpCase.browser_js = _without_browser
    server.load_server_wide_modules()
    server.server = server.ThreadedServer(odoo.http.root)
    with contextlib.closing(Registry(database).cursor()) as cr:
        shell.run_tests(Environment(cr, SUPERUSER_ID, {}), ",".join(f"/{name}" for name in modules), list(modules))
    return Recorder.outcomes


def _in_process(database, options):
    """Have the suites run, with the same seed of everything that Python orders by chance."""
    os.environ["PYTHONHASHSEED"] = "0"
    log = f"{options.logs}/{database}.log"
    context = get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_configure, initargs=(database, log)) as pool:
        return pool.submit(_run, database, options.modules, options.browser).result()


def _outcomes_of(run, options):
    """The outcomes of one of the RUNS, on a fresh database."""
    started = time.monotonic()
    with databases.clone(options.template, f"{options.name}_{run}", keep=options.keep) as database:
        if run == "with":
            databases.in_process(addon.prepare, database)
            databases.in_process(addon.install, database)
        outcomes = _in_process(database, options)
    print(f"{run} the addon: {len(outcomes)} tests in {time.monotonic() - started:.0f} s", flush=True)
    return outcomes


def _module_of(test):
    """The module that a test belongs to: ``odoo.addons.sale.tests...``, also within ``setUpClass (odoo.addons...)``."""
    return test.partition("odoo.addons.")[2].partition(".")[0]


def _kind(outcome):
    return outcome.partition(":")[0]


def _compare(without, with_addon):
    """Print a line per module and each difference; returns the number of differences."""
    tests = sorted(without.keys() | with_addon.keys())
    pairs = {test: (without.get(test, "not run"), with_addon.get(test, "not run")) for test in tests}
    different = [test for test, pair in pairs.items() if len(set(map(_kind, pair))) > 1]
    counts = collections.defaultdict(collections.Counter)
    for test, pair in pairs.items():
        counts[_module_of(test)]["different" if test in different else _kind(pair[0])] += 1
    for module, count in counts.items():
        print(f"{module:20}", ", ".join(f"{number} {kind}" for kind, number in sorted(count.items())))
    for test in different:
        print(f"\n{test}\n  without: {pairs[test][0]}\n  with:    {pairs[test][1]}")
    return len(different)


def _parse_arguments(arguments):
    parser = argparse.ArgumentParser(prog="./run suites", description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help=f"by default {', '.join(MODULES)}", metavar="module")
    parser.add_argument("--browser", action="store_true", help="run the tests that need a browser, too")
    parser.add_argument("--template", default=os.environ.get("KEY_ACCOUNT_CARE_TEMPLATE"))
    parser.add_argument("--name", default="key_account_care_suites", help="what the names of the databases begin with")
    parser.add_argument("--logs", default=".", help="folder for the logs of Odoo")
    parser.add_argument("--keep", action="store_true", help="leave the databases for a closer look")
    options = parser.parse_args(arguments)
    if not options.template:
        parser.error("--template, or the variable KEY_ACCOUNT_CARE_TEMPLATE, has to name a database")
    options.modules = options.modules or MODULES
    return options


def main(arguments):
    """Run both, compare; returns 1 when a test has another result with the addon."""
    options = _parse_arguments(arguments)
    databases.configure()
    outcomes = [_outcomes_of(run, options) for run in RUNS]
    if not all(outcomes):
        print("No tests were run.")
        return 1
    different = _compare(*outcomes)
    print(f"\n{different} tests have another result with the addon." if different else "\nAll results are the same.")
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
