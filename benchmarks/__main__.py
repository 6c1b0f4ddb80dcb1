"""./run bench: what the addon costs on a large history, in proportion to what Odoo and PostgreSQL cost there.

Needs Odoo importable (ODOO_RC names its configuration, with the addon on its path), the PG* variables, and a template: a
database with what the addon depends on, but without the addon.
"""

import argparse
import contextlib
import os
import signal
import statistics
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context

from . import addon, agreements, databases, exchange, history, nightly, relationships, reviews, risks, screens, traces
from .report import Report

ACTIONS = (addon.install, addon.upgrade, addon.uninstall)
PARTS = ("nightly", "screens", "reviews", "install", "agreements", "relationships", "risks")
OF_THEIR_OWN = {"agreements", "relationships", "risks"}  # on databases of their own
SMALLER = 10  # times: the second size, to see how the work grows
MEGABYTES = 16  # by which the memory of two runs may differ, whatever their size
WORKERS, WORKER_ORDERS, WORKER_TURNS = 4, 15, 3
ORDER_STEPS = {"create": "<= 1.1", "confirm": "<= 1.25"}  # and how many times as long they may take
ORDER_TIMES = {"": "", " work": " (processor time)"}  # by the clock, and as if the machine did nothing else
TURNS = 6  # for each repeat: an order or a form is quick, and the machine never quite at rest
CALLING_ORDERS = 20  # under the agreement whose form is opened
LIMITED_ORDERS = 4  # of each worker against a maximum, where all but one are tried again each time
PACK_ORDERS = 10_000  # of the account whose pack is made
EXTRA_SECONDS = 30  # that installing, upgrading or uninstalling may take longer on the large database


def _parse_arguments(arguments):
    sizes = history.Size()
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"only these: {', '.join(PARTS)}", metavar="part")
    parser.add_argument("--customers", type=int, default=sizes.customers)
    parser.add_argument("--lines", type=int, default=sizes.lines, help="of orders, and as many of invoices")
    parser.add_argument("--years", type=int, default=sizes.years)
    parser.add_argument("--agreement-lines", type=int, default=5_000, help="of the agreement under which orders are made")
    parser.add_argument("--other-lines", type=int, default=500_000, help="of the agreements of other customers")
    parser.add_argument(
        "--messages", type=int, default=exchange.Size().messages, help="between our people and those of customers")
    parser.add_argument("--repeats", type=int, default=5, help="how often each thing is timed; the median counts")
    parser.add_argument("--template", default=os.environ.get("KEY_ACCOUNT_CARE_TEMPLATE"))
    parser.add_argument("--name", default="key_account_care_bench", help="what the names of the databases begin with")
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    parser.add_argument("--keep", action="store_true", help="leave the databases for a closer look")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    if not options.template:
        parser.error("--template, or the variable KEY_ACCOUNT_CARE_TEMPLATE, has to name a database")
    options.parts = options.parts or PARTS
    return options


class Benchmark:
    """A run: its options, its report, and a method per part."""

    def __init__(self, options):
        self.options = options
        self.size = history.Size(options.customers, options.lines, options.years)
        self.report = Report(self.size)

    def run(self):
        """Measure what was asked for on fresh databases; return the exit code."""
        small = self._run_small() if "nightly" in self.options.parts else None
        empty = self._run_empty() if "install" in self.options.parts else None
        if set(self.options.parts) - OF_THEIR_OWN:
            with self._database("large", self.size) as database:
                self._run_large(database, small, empty)
        if "agreements" in self.options.parts:
            AgreementsBenchmark(self.options, self.report).run()
        if "relationships" in self.options.parts:
            RelationshipsBenchmark(self.options, self.report).run()
        if "risks" in self.options.parts:
            risks.RisksBenchmark(self.options, self.report).run()
        if self.options.json:
            self.report.write(self.options.json)
        return 1 if self.report.missed else 0

    @contextlib.contextmanager
    def _database(self, name, size=None):
        with databases.clone(self.options.template, f"{self.options.name}_{name}", self.options.keep) as database:
            databases.in_process(addon.prepare, database)
            if size:
                print(f"Generating {size.customers:,} customers and {size.lines:,} lines ...", flush=True)
                databases.in_process(history.generate, database, size)
                databases.analyze(database)
            yield database

    def _run_small(self):
        with self._database("small", self.size.divided(SMALLER)) as database:
            databases.in_process(addon.install, database)
            return self._run_nights(database)

    def _run_empty(self):
        with self._database("empty") as database:
            return {action.__name__: databases.in_process(action, database) for action in ACTIONS}

    def _run_large(self, database, small, empty):
        self.report.read_settings(database)
        before = databases.in_process(traces.find, database) if empty else None
        seconds = {"install": databases.in_process(addon.install, database)}
        if small:
            self._report_nights(self._run_nights(database), small)
        if "screens" in self.options.parts:
            databases.analyze(database)  # people come in the morning, hours after the night
            self._report_screens(databases.in_process(screens.open_all, database, self.options.repeats))
        if "reviews" in self.options.parts:
            self._run_reviews(database)
        if empty:
            seconds |= {action.__name__: databases.in_process(action, database) for action in ACTIONS[1:]}
            left = databases.in_process(traces.find, database) - before
            self._report_install(seconds, empty, left)

    def _run_nights(self, database):
        """The first night, then those of some weeks, each measured in a process of its own."""
        today = date.today()
        first = databases.in_process(nightly.first_run, database, today - self.options.repeats * nightly.WEEK)
        databases.analyze(database)
        return first, databases.in_process(nightly.following_runs, database, today, self.options.repeats)

    # ------------------------------------------------------------
    # What it means
    # ------------------------------------------------------------

    def _report_nights(self, large, small):
        (first, seconds), (first_small, seconds_small) = large, small
        report = self.report
        yardstick, yardstick_small = (statistics.median(run["yardstick"]) for run in (seconds, seconds_small))
        report.section("Nightly accounts, figures and tiers")
        report.add("Yardstick: the bare SQL aggregate", yardstick)
        report.add(f"Yardstick: time for {SMALLER} times the rows", yardstick / yardstick_small, "x")
        for kind, limit in (("changed", 2.0), ("unchanged", 1.5)):
            for step in nightly.STEPS:
                report.add(f"{kind}: {step}", statistics.median(seconds[f"{kind} {step}"]))
            report.add(f"{kind}: all steps / yardstick", nightly.total(seconds, kind) / yardstick, "x", f"<= {limit}")
            growth = nightly.total(seconds, kind) / nightly.total(seconds_small, kind)
            report.add(f"{kind}: time for {SMALLER} times the rows", growth, "x")
            # a machine that is busier at one of the two sizes, or caches only the smaller one, does that to both
            linear = growth / (yardstick / yardstick_small)
            report.add(f"{kind}: growth / growth of the yardstick", linear, "x", "<= 1.1")
        report.add("first night: all steps", first["seconds"])
        report.add("first night: peak memory", first["megabytes"], "MB")
        more = first["megabytes"] - first_small["megabytes"]
        report.add(f"first night: memory more than with {SMALLER} times fewer rows", more, "MB", f"<= {MEGABYTES}")

    def _report_screens(self, milliseconds):
        self.report.section("Opening a screen")
        for screen, spent in milliseconds.items():
            self.report.add(screen, spent, "ms")
        for screen in ("list", "form"):
            ratio = milliseconds[f"key.account {screen}"] / milliseconds[f"res.partner {screen}"]
            self.report.add(f"account {screen} / partner {screen}", ratio, "x", "<= 1.0")

    def _run_reviews(self, database):
        orders = min(PACK_ORDERS, self.size.lines // history.LINES_PER_ORDER // self.size.years)
        review = databases.in_process(reviews.make_largest, database, orders)
        databases.analyze(database)
        spent = databases.in_process(reviews.time_packs, database, review, self.options.repeats)
        self.report.section("The pack of the largest account")
        self.report.add("orders in the period", orders, "")
        self.report.add("Yardstick: the bare SQL of its figures", spent["yardstick"])
        for version in ("customer", "internal"):
            self.report.add(f"pack ({version})", spent[version], goal="<= 5")
            self.report.add(f"pack ({version}) / yardstick", spent[version] / spent["yardstick"], "x", "<= 3.0")

    def _report_install(self, seconds, empty, left):
        self.report.section("Installing, upgrading, uninstalling")
        for action, spent in seconds.items():
            self.report.add(f"{action} on the large database", spent)
            more = spent - empty[action]
            self.report.add(f"{action}: more than on an empty one", more, goal=f"<= {EXTRA_SECONDS}")
        self.report.add("left in the database after uninstalling", len(left), "traces", "= 0")
        for trace in sorted(left):
            print(f"    {trace}")


class AgreementsBenchmark:
    """Orders under an agreement, in a database with the addon, beside one without."""

    def __init__(self, options, report):
        self.options = options
        self.report = report

    def run(self):
        """Measure on fresh databases: without the addon, with it, and with many agreements of other customers besides."""
        with databases.clone(self.options.template, f"{self.options.name}_plain", self.options.keep) as plain:
            databases.in_process(addon.prepare, plain)
            databases.in_process(agreements.make_plain, plain, self.options.agreement_lines)
            with databases.clone(plain, f"{self.options.name}_agreed", self.options.keep) as alone:
                databases.in_process(addon.install, alone)
                self.report.section("Ordering under an agreement")
                seconds = databases.in_process(agreements.make_agreement, alone)
                self.report.add("signing the agreement", seconds, goal="<= 10")
                with databases.clone(alone, f"{self.options.name}_among", self.options.keep) as among:
                    databases.in_process(agreements.add_others, among, self.options.other_lines)
                    self._run_orders(plain, alone, among)
                    self._run_forms(among)
                    self._run_workers(plain, among)

    def _run_orders(self, plain, alone, among):
        for database in (plain, alone, among):
            databases.analyze(database)
        pairs = {
            "plain": (plain, agreements.LISTED), "without": (plain, agreements.ORDINARY),
            "agreed alone": (alone, agreements.AGREED), "with alone": (alone, agreements.ORDINARY),
            "agreed among others": (among, agreements.AGREED), "with among others": (among, agreements.ORDINARY),
        }  # fmt: skip
        # the same code is a few percent quicker in one process than in the next, for as long as that lives
        runs = [databases.in_process(agreements.time_orders, pairs, self.options.repeats) for _turn in range(TURNS)]
        measured = {name: [turn for run in runs for turn in run[name]] for name in pairs}
        usual = statistics.median(turn["create"] for turn in measured["plain"])
        self.report.add("creating an order by a plain pricelist", usual, "ms")
        for place in ("alone", "among others"):
            self._report_orders(place, measured)
        for kind, text in ORDER_TIMES.items():
            for step in ORDER_STEPS:
                ratio = agreements.compare(measured, "agreed among others", "agreed alone", f"{step}{kind}")
                self.report.add(f"{step}: among others / alone{text}", ratio, "x", "<= 1.05")

    def _report_orders(self, place, measured):
        more = measured[f"agreed {place}"][0]["queries"] - measured["plain"][0]["queries"]
        self.report.add(f"{place}: queries more", more, "", "<= 5")
        for kind, text in ORDER_TIMES.items():
            for step, goal in ORDER_STEPS.items():
                ratio = agreements.compare(measured, f"agreed {place}", "plain", f"{step}{kind}")
                self.report.add(f"{place}: {step} / by a plain pricelist{text}", ratio, "x", goal)
            ratio = agreements.compare(measured, f"with {place}", "without", *(f"{step}{kind}" for step in ORDER_STEPS))
            self.report.add(f"{place}: ordinary customer / without addon{text}", ratio, "x", "<= 1.03")

    def _run_workers(self, plain, ours):
        rates = [
            [self._order_at_once(ours, agreements.AGREED), self._order_at_once(plain, agreements.LISTED)]
            for _turn in range(WORKER_TURNS)]  # fmt: skip
        ratio = statistics.median(rate / of_plain for rate, of_plain in rates)
        self.report.add("orders of four workers / by a plain pricelist", ratio, "x", ">= 0.9")
        before = databases.in_process(agreements.called_off, ours)
        limit = before + WORKERS * LIMITED_ORDERS  # half of what will be asked for
        databases.in_process(agreements.limit_line, ours, limit)
        self._order_at_once(ours, agreements.AGREED, LIMITED_ORDERS)
        over = databases.in_process(agreements.called_off, ours) - limit
        self.report.add("called off beyond the maximum by four workers", abs(over), "", "= 0")

    def _run_forms(self, ours):
        databases.in_process(agreements.call_off, ours, CALLING_ORDERS)
        databases.analyze(ours)
        measured = databases.in_process(agreements.open_forms, ours, self.options.repeats * TURNS)
        for part, goal in (("read", "<= 1.5"), ("views", "")):
            ratio = agreements.compare(measured, "key.account.agreement", "product.pricelist", part)
            self.report.add(f"form of the agreement with call-offs / of a pricelist: {part}", ratio, "x", goal)

    def _order_at_once(self, database, customer, orders=WORKER_ORDERS):
        """:return: orders per second of some workers"""
        with ProcessPoolExecutor(
                WORKERS, mp_context=get_context("spawn"), initializer=databases.configure) as pool:
            def work(orders, products):
                parts = [
                    pool.submit(agreements.order_repeatedly, database, customer, orders, products) for _n in range(WORKERS)]
                return [part.result() for part in parts]

            work(1, 1)  # starts the workers
            start = time.perf_counter()
            work(orders, 10)
            return WORKERS * orders / (time.perf_counter() - start)


class RelationshipsBenchmark:
    """The count of relationships, and the map, on a history of mails and meetings."""

    NEW = 0.01  # share of the messages that a night finds new

    def __init__(self, options, report):
        self.options = options
        self.report = report
        self.size = exchange.Size(options.messages)

    def run(self):
        """Measure on a fresh database."""
        with databases.clone(self.options.template, f"{self.options.name}_relations", self.options.keep) as database:
            databases.in_process(addon.prepare, database)
            databases.in_process(addon.install, database)
            print(f"Generating {self.size.messages:,} mails, {self.size.attendees:,} attendees ...", flush=True)
            today = date.today()
            databases.in_process(exchange.generate, database, self.size, today - timedelta(days=self.options.repeats))
            databases.analyze(database)
            self.report.read_settings(database)
            self.report.section("Relationships")
            self.report.add("mails", self.size.messages, "")
            first = today - timedelta(days=self.options.repeats)
            full = self._run_full(database, first)
            databases.analyze(database)
            self._run_nights(database, first, full)
            self._open_map(database)

    def _run_full(self, database, today):
        """:return: seconds of counting all relationships"""
        yardsticks, runs = [], []
        for _turn in range(max(1, self.options.repeats // 2)):
            yardsticks.append(databases.in_process(relationships.time_yardstick, database, today))
            databases.in_process(relationships.forget_all, database)
            databases.analyze(database)
            runs.append(databases.in_process(relationships.run_steps, database, today))
            databases.analyze(database)
        yardstick, full = statistics.median(yardsticks), _median(runs)
        self.report.add("Yardstick: the bare SQL of the last exchange", yardstick)
        for step in full:
            self.report.add(f"first run: {step}", full[step])
        self.report.add(
            "first run of relationships / yardstick", full[relationships.STEP] / yardstick, "x", "<= 2.0")
        for name, number in databases.in_process(relationships.count, database).items():
            self.report.add(name, number, "")
        return full

    def _run_nights(self, database, first, full):
        """Nights that each find some new messages."""
        nights = []
        for turn in range(self.options.repeats):
            day = first + timedelta(days=turn + 1)
            databases.in_process(exchange.add_mails, database, self.size, self.NEW, day)
            nights.append(databases.in_process(relationships.run_steps, database, day))
        night = _median(nights)
        for step in night:
            self.report.add(f"night with 1 % new: {step}", night[step])
        ratio = night[relationships.STEP] / full[relationships.STEP]
        self.report.add("night of relationships / first run", ratio, "x", "<= 0.1")
        ratio = sum(night.values()) / sum(full.values())
        self.report.add("night of all steps / first run", ratio, "x")

    def _open_map(self, database):
        spent = databases.in_process(relationships.open_map, database, self.options.repeats)
        self.report.add("relationship map", spent["map"], "ms")
        self.report.add("map / form of the partner", spent["map"] / spent["partner"], "x", "<= 1.5")


def _median(runs):
    """The usual seconds of each step."""
    return {step: statistics.median(run[step] for run in runs) for step in runs[0]}


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that it drops its databases
    chosen = _parse_arguments(sys.argv[1:])
    databases.configure()
    sys.exit(Benchmark(chosen).run())
