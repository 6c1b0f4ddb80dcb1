"""Early warnings and the whole nightly run, on one large history of orders, invoices, mails and meetings."""

import resource
import statistics
import time
from datetime import date, timedelta
from unittest.mock import patch

from odoo.tools import SQL

from . import addon, databases, exchange, history

SMALLER = 10  # times: the second size, to see how the work grows
MEGABYTES = 64  # by which the memory of two runs may differ, whatever their size
NEW = 0.01  # share of the messages that a night finds new
SOLD = "what was sold"


class RisksBenchmark:
    """The night of both sizes, and what of it is the bare SQL of the detectors."""

    def __init__(self, options, report):
        self.options = options
        self.report = report

    def run(self):
        """Measure on fresh databases."""
        small, large = (self._run_size(divisor) for divisor in (SMALLER, 1))
        report, night = self.report, large["night"]
        report.section("The whole nightly run")
        for step, spent in sorted(night["steps"].items(), key=lambda item: -item[1])[:12]:
            report.add(f"a night: {step}", spent)
        report.add("the first night", large["first"]["seconds"])
        report.add("a night", night["seconds"], goal="<= 60")
        report.add("again the same night", large["again"]["seconds"])
        report.add("again the same night / a night", large["again"]["seconds"] / night["seconds"], "x", "<= 0.5")
        report.add("again after somebody wrote something / a night", large["changed"]["seconds"] / night["seconds"], "x")
        growth = night["seconds"] / small["night"]["seconds"]
        report.add(f"a night: time for {SMALLER} times the rows", growth, "x", f"<= {SMALLER}")
        report.add("a night: memory more than at the smaller size", night["megabytes"] - small["night"]["megabytes"], "MB",
                   f"<= {MEGABYTES}")  # fmt: skip
        self._report_detection(large, small)

    def _report_detection(self, large, small):
        report, detection = self.report, large["night"]["steps"]["_refresh_risks"]
        report.section("Early warnings")
        report.add("open warnings", large["warnings"], "")
        report.add("rules", len(large["bare"]) - 1, "")
        for kind, spent in sorted(large["bare"].items(), key=lambda item: -item[1])[:12]:
            report.add(f"Yardstick: the bare SQL of {kind}", spent)
        # what was sold is gathered by an earlier step of a night
        bare, bare_small = (sum(each["bare"].values()) - each["bare"][SOLD] for each in (large, small))
        report.add("Yardstick: the bare SQL of all detectors", bare)
        report.add("detection / yardstick", detection / bare, "x", "<= 2.0")
        report.add(f"yardstick: time for {SMALLER} times the rows", bare / bare_small, "x")

    def _run_size(self, divisor):
        options, today = self.options, date.today()
        size = history.Size(options.customers, options.lines, options.years).divided(divisor)
        mails = exchange.Size(options.messages // divisor)
        with databases.clone(options.template, f"{options.name}_risks_{divisor}", options.keep) as database:
            databases.in_process(addon.prepare, database)
            print(f"Generating {size.customers:,} customers, {size.lines:,} lines, {mails.messages:,} mails ...", flush=True)
            databases.in_process(history.generate, database, size)
            databases.in_process(addon.install, database)
            databases.in_process(exchange.generate, database, mails, today - timedelta(days=1))
            databases.analyze(database)
            if divisor == 1:
                self.report.read_settings(database)
            return self._run_nights(database, mails, today)

    def _run_nights(self, database, mails, today):
        nights = {"first": databases.in_process(run_night, database, today - timedelta(days=1))}
        databases.in_process(let_days_pass, database)
        databases.analyze(database)
        databases.in_process(exchange.add_mails, database, mails, NEW, today)
        nights["night"] = databases.in_process(run_night, database, today)
        nights["again"] = databases.in_process(run_night, database, today)
        databases.in_process(write_something, database)
        nights["changed"] = databases.in_process(run_night, database, today)
        databases.analyze(database)
        bare = [databases.in_process(time_detectors, database, today) for _turn in range(max(1, self.options.repeats // 2))]
        return {
            **nights, "bare": {kind: statistics.median(turn[kind] for turn in bare) for kind in bare[0]},
            "warnings": databases.in_process(count_warnings, database)}  # fmt: skip


def run_night(database, today):
    """:return: dict of ``seconds``, ``steps``, the seconds of each, and ``megabytes``, the most memory of the process"""
    steps = {}
    with databases.environment(database) as env:
        accounts = env["key.account"]
        run_step = type(accounts)._run_step

        def timed(records, step, *arguments):
            start = time.perf_counter()
            written = run_step(records, step, *arguments)
            steps[step.__name__] = steps.get(step.__name__, 0) + time.perf_counter() - start
            return written

        with patch.object(type(accounts), "_run_step", timed):
            start = time.perf_counter()
            accounts._refresh_night(today)
            seconds = time.perf_counter() - start
    return {
        "seconds": seconds, "steps": steps, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}  # fmt: skip


def let_days_pass(database):
    """What was written by the installation or the first night is news to the second one, which is no night like the others."""
    with databases.environment(database) as env:
        for table in ("res_partner", "key_account", "mail_activity"):
            env.cr.execute(SQL(
                "UPDATE %s SET create_date = create_date - INTERVAL '7 days', write_date = write_date - INTERVAL '7 days'",
                SQL.identifier(table)))


def write_something(database):
    """Write one row of what a night looks at."""
    with databases.environment(database) as env:
        env["res.partner"].search([], limit=1).comment = "Somebody writes something"


def time_detectors(database, today):
    """:return: dict of the seconds in which PostgreSQL finds what a rule looks for and counts it, by kind"""
    spent = {}
    with databases.environment(database) as env:
        company = env.ref("base.main_company")
        env["key.account"]._plan_for_many()
        scope = env["key.account"]._get_scope(company)
        rules = env["key.account.risk.rule"].with_company(company).search([])
        start = time.perf_counter()
        rules._create_sources(company, today, env["key.account"])
        spent[SOLD] = time.perf_counter() - start
        for rule in rules:
            start = time.perf_counter()
            env.cr.execute(SQL("SELECT COUNT(found) FROM (%s) found", rule._get_found_sql(scope, today)))
            spent[rule.kind] = time.perf_counter() - start
        env.cr.rollback()
    return spent


def count_warnings(database):
    """:return: int, the open warnings"""
    with databases.environment(database) as env:
        return env["key.account.risk"].search_count([("state", "=", "open")])
