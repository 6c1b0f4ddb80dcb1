"""The nightly steps on a history, against the bare SQL that computes the same sums and stores nothing."""

import resource
import statistics
import time
from datetime import timedelta

from odoo.tools import SQL

from .databases import environment

STEPS = ("_refresh_accounts", "_refresh_figures", "_refresh_tiers")
WEEK = timedelta(weeks=1)


def first_run(database, today):
    """Open all accounts, compute their figures and put them in tiers, as in the night after installing.

    :return: dict of ``seconds`` and ``megabytes``, the most memory that this process ever had
    """
    with environment(database) as env:
        seconds = sum(_run_steps(env, today).values())
    return {"seconds": seconds, "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def following_runs(database, today, repeats):
    """Run the steps week after week until ``today``, and each time again on the same day, when nothing changes.

    :return: dict of lists of seconds: ``yardstick``, and per step and kind of run such as ``changed _refresh_tiers``
    """
    seconds = {}
    with environment(database) as env:
        for back in reversed(range(repeats)):
            day = today - back * WEEK
            _add(seconds, {"yardstick": _timed(lambda day=day: _run_yardstick(env, day))})
            _add(seconds, {f"changed {step}": spent for step, spent in _run_steps(env, day).items()})
            _add(seconds, {f"unchanged {step}": spent for step, spent in _run_steps(env, day).items()})
            _add(seconds, {"yardstick": _timed(lambda day=day: _run_yardstick(env, day))})
    return seconds


def total(seconds, kind):
    """The usual time of all steps together in one kind of run."""
    return statistics.median(map(sum, zip(*(seconds[f"{kind} {step}"] for step in STEPS))))


def _run_steps(env, today):
    """Run and commit each step as the nightly run does; return its seconds by name."""
    company = env.ref("base.main_company")
    accounts = env["key.account"].with_company(company)
    steps = [step for step in accounts._get_refresh_steps() if step.__name__ in STEPS]
    seconds = {
        step.__name__: _timed(lambda step=step: accounts._run_step(step, company, today, True)) for step in steps
    }
    stale = accounts.search_count([("tier_id", "=", False)], limit=1) or company.key_account_figures_day != today
    if stale or seconds.keys() != set(STEPS):
        raise RuntimeError("The nightly run left accounts out: see the log above.")
    return seconds


def _run_yardstick(env, today):
    env.cr.execute(yardstick_sql(env, today))


def yardstick_sql(env, today):
    """The least that anybody who wants the figures has to ask the database for; only the number of rows comes back.

    Per customer, revenue and margin of the last 12 months and of the 12 before by posted invoices and the cost on their
    order lines, and number, first, last and usual interval of confirmed orders. An invoice line can belong to several
    order lines and is counted once, else revenue would be wrong. No rank, no share, no unit conversion, no time zone, no
    invoices without orders, nothing written, nothing sent to Python. Counting whole rows makes PostgreSQL compute every column.
    """
    start, start_previous = env["key.account"]._get_periods(today)
    return SQL(
        """
        WITH sales AS (
            SELECT partner.commercial_partner_id AS partner_id,
                   SUM(-line.balance) FILTER (WHERE move.invoice_date > %(start)s) AS revenue,
                   SUM(-line.balance) FILTER (WHERE move.invoice_date <= %(start)s) AS revenue_previous,
                   SUM(-line.balance - cost.amount) FILTER (WHERE move.invoice_date > %(start)s) AS margin,
                   SUM(-line.balance - cost.amount) FILTER (WHERE move.invoice_date <= %(start)s) AS margin_previous
              FROM account_move move
              JOIN account_move_line line ON line.move_id = move.id AND line.display_type = 'product'
              JOIN res_partner partner ON partner.id = move.partner_id
         LEFT JOIN (SELECT invoice_line_id, MIN(order_line_id) AS order_line_id
                      FROM sale_order_line_invoice_rel GROUP BY invoice_line_id) link ON link.invoice_line_id = line.id
         LEFT JOIN sale_order_line sold ON sold.id = link.order_line_id
         LEFT JOIN sale_order ON sale_order.id = sold.order_id
        CROSS JOIN LATERAL (SELECT sold.purchase_price / sale_order.currency_rate * line.quantity
                                   * CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS amount) cost
             WHERE move.company_id = %(company)s AND move.state = 'posted'
               AND move.move_type IN ('out_invoice', 'out_refund')
               AND move.invoice_date > %(start_previous)s AND move.invoice_date <= %(today)s
          GROUP BY partner.commercial_partner_id
        ), orders AS (
            SELECT partner.commercial_partner_id AS partner_id,
                   COUNT(*) FILTER (WHERE date_order::date > %(start)s) AS order_count,
                   MIN(date_order::date) AS first_order, MAX(date_order::date) AS last_order,
                   (MAX(date_order::date) - MIN(date_order::date) FILTER (WHERE date_order::date > %(start_previous)s))
                   ::float8 / NULLIF(COUNT(DISTINCT date_order::date)
                       FILTER (WHERE date_order::date > %(start_previous)s) - 1, 0) AS order_interval
              FROM sale_order
              JOIN res_partner partner ON partner.id = sale_order.partner_id
             WHERE sale_order.company_id = %(company)s AND sale_order.state = 'sale'
               AND date_order < %(today)s::date + 1
          GROUP BY partner.commercial_partner_id
        )
        SELECT COUNT(figures) FROM (SELECT * FROM sales FULL JOIN orders USING (partner_id)) figures
        """,
        company=env.ref("base.main_company").id, today=today, start=start, start_previous=start_previous,
    )  # fmt: skip


def _timed(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def _add(seconds, spent):
    for name, value in spent.items():
        seconds.setdefault(name, []).append(value)
