"""Early warnings and the whole nightly run, on one large history of orders, invoices, mails and meetings."""

import resource
import statistics
import time
from datetime import date, timedelta

from odoo.tools import SQL

from . import addon, databases, exchange, history

SMALLER = 10  # times: the second size, to see how the work grows
MEGABYTES = 64  # by which the memory of two runs may differ, whatever their size
NEW = 0.01  # share of the messages that a night finds new


class RisksBenchmark:
    """The night of both sizes, and what of it is the bare SQL of the detectors."""

    def __init__(self, options, report):
        self.options = options
        self.report = report

    def run(self):
        """Measure on fresh databases."""
        small, large = (self._run_size(divisor) for divisor in (SMALLER, 1))
        report = self.report
        report.section("The whole nightly run")
        for step, spent in sorted(large["night"].items(), key=lambda item: -item[1])[:12]:
            report.add(f"a night: {step}", spent)
        for kind in ("first", "night", "again"):
            report.add(f"{kind}: all steps", sum(large[kind].values()), goal="<= 60" if kind == "night" else "")
        report.add("again the same night / a night", sum(large["again"].values()) / sum(large["night"].values()), "x", "<= 0.5")
        growth = sum(large["night"].values()) / sum(small["night"].values())
        report.add(f"a night: time for {SMALLER} times the rows", growth, "x", f"<= {SMALLER}")
        report.add("a night: memory more than at the smaller size", large["megabytes"] - small["megabytes"], "MB",
                   f"<= {MEGABYTES}")  # fmt: skip
        report.section("Early warnings")
        report.add("open warnings", large["warnings"], "")
        report.add("rules", len(large["bare"]), "")
        for kind, spent in sorted(large["bare"].items(), key=lambda item: -item[1])[:12]:
            report.add(f"Yardstick: the bare SQL of {kind}", spent)
        bare = sum(large["bare"].values())
        report.add("Yardstick: the bare SQL of all detectors", bare)
        report.add("detection / yardstick", large["night"]["_refresh_risks"] / bare, "x", "<= 2.0")
        report.add(f"yardstick: time for {SMALLER} times the rows", bare / sum(small["bare"].values()), "x")

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
        first, _memory = databases.in_process(run_night, database, today - timedelta(days=1))
        databases.analyze(database)
        databases.in_process(exchange.add_mails, database, mails, NEW, today)
        night, megabytes = databases.in_process(run_night, database, today)
        databases.analyze(database)
        again, _memory = databases.in_process(run_night, database, today)
        bare = [databases.in_process(time_detectors, database, today) for _turn in range(max(1, self.options.repeats // 2))]
        return {
            "first": first, "night": night, "again": again, "megabytes": megabytes,
            "bare": {kind: statistics.median(turn[kind] for turn in bare) for kind in bare[0]},
            "warnings": databases.in_process(count_warnings, database)}  # fmt: skip


def run_night(database, today):
    """:return: dict of seconds by step, and the most memory that the process ever had, in MB"""
    spent = {}
    with databases.environment(database) as env:
        company = env.ref("base.main_company")
        accounts = env["key.account"].with_company(company)
        for step in accounts._get_refresh_steps():
            start = time.perf_counter()
            accounts._run_step(step, company, today, True)
            spent[step.__name__] = time.perf_counter() - start
    return spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def time_detectors(database, today):
    """:return: dict of the seconds in which PostgreSQL finds what a rule looks for and counts it, by kind"""
    spent = {}
    with databases.environment(database) as env:
        company = env.ref("base.main_company")
        scope = env["key.account"]._get_scope(company)
        rules = env["key.account.risk.rule"].with_company(company).search([])
        start = time.perf_counter()
        rules._create_sources(company, today, env["key.account"])
        spent["what was sold"] = time.perf_counter() - start
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
