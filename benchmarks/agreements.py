"""Ordering under a framework agreement, against the same orders by a plain pricelist in an Odoo without the addon.

One database with products and customers is cloned; the addon is installed in the clone only. Orders are made in both in
turn, in one process, and rolled back.
"""

import contextlib
import gc
import random
import statistics
import time
from datetime import date, timedelta

from odoo.fields import Command
from odoo.service.model import retrying
from odoo.tools import SQL

from . import databases, screens
from .copies import Copier

ORDER_LINES = 50
WARM = 2  # turns that fill the caches and do not count
LISTED, ORDINARY, AGREED = "Customer with a pricelist", "Ordinary customer", "Customer with an agreement"


# ------------------------------------------------------------
# The two databases
# ------------------------------------------------------------


def make_plain(database, products):
    """Products, and customers with and without a pricelist of as many rules, in an Odoo without the addon."""
    with databases.environment(database) as env:
        _switch_on_pricelists(env)
        made = env["product.product"].create([
            {"name": f"Article {number:05}", "type": "service", "list_price": 10 + number % 90, "taxes_id": False}
            for number in range(products)])  # fmt: skip
        listed, _ordinary, _agreed = env["res.partner"].create([
            {"name": name, "is_company": True} for name in (LISTED, ORDINARY, AGREED)])
        listed.specific_property_product_pricelist = env["product.pricelist"].create({
            "name": "Plain", "sequence": 900,
            "item_ids": [Command.create({
                "applied_on": "0_product_variant", "product_id": product.id, "compute_price": "fixed",
                "fixed_price": product.list_price * 0.8}) for product in made],
        })  # fmt: skip


def _switch_on_pricelists(env):
    env.ref("base.group_user")._apply_group(env.ref("product.group_product_pricelist"))
    env["product.pricelist"].create({"name": "Default", "sequence": 1})


def make_agreement(database):
    """The agreement of the same size for the third customer; return the seconds of signing it."""
    with databases.environment(database) as env:
        account = env["key.account"].create({"partner_id": _customer(env, AGREED).id})
        agreement = env["key.account.agreement"].create({
            "account_id": account.id, "date_start": date.today() - timedelta(days=30),
            "line_ids": [Command.create({"product_id": product.id, "price_unit": product.list_price * 0.8})
                         for product in _products(env)],
        })  # fmt: skip
        env.flush_all()
        start = time.perf_counter()
        agreement.action_sign()
        env.flush_all()
        return time.perf_counter() - start


def add_others(database, lines):
    """Signed agreements of other customers with so many lines together: copies of the one there is."""
    with databases.environment(database) as env:
        model = env["key.account.agreement"].search([], limit=1)
        count = -(-lines // model.line_count)
        copier, cr = Copier(env.cr), env.cr
        cr.execute(SQL(
            """
            CREATE TEMP TABLE plan_other AS
            SELECT place, %s + place AS partner_id, %s + place AS account_id, %s + place AS agreement_id,
                   %s + place AS pricelist_id, 'Other ' || place AS name
              FROM generate_series(0, %s - 1) place
            """, *map(copier.next_id, (
                "res_partner", "key_account", "key_account_agreement", "product_pricelist")), count))
        copier.copy(model.partner_id, "plan_other", id="plan.partner_id", name="plan.name",
                    complete_name="plan.name", commercial_partner_id="plan.partner_id")
        copier.copy(model.account_id, "plan_other", id="plan.account_id", partner_id="plan.partner_id")
        copier.copy(model.pricelist_id, "plan_other", id="plan.pricelist_id", key_account_agreement_id="NULL::integer")
        copier.copy(model, "plan_other", id="plan.agreement_id", name="plan.name", account_id="plan.account_id",
                    partner_id="plan.partner_id", pricelist_id="plan.pricelist_id")
        cr.execute(
            "UPDATE product_pricelist list SET key_account_agreement_id = plan.agreement_id"
            "  FROM plan_other plan WHERE list.id = plan.pricelist_id")
        _copy_lines(env, copier, model)


def _copy_lines(env, copier, model):
    """Of one line and one rule per product; what differs is the product, so the price of the first one serves all."""
    env.cr.execute(SQL(
        """
        CREATE TEMP TABLE plan_line AS
        SELECT %s + ROW_NUMBER() OVER () AS id, %s + ROW_NUMBER() OVER () AS item_id, plan.agreement_id,
               plan.pricelist_id, line.product_id
          FROM plan_other plan, key_account_agreement_line line WHERE line.agreement_id = %s
        """, copier.next_id("key_account_agreement_line"), copier.next_id("product_pricelist_item"), model.id))
    copier.copy(model.line_ids[0], "plan_line", id="plan.id", agreement_id="plan.agreement_id",
                product_id="plan.product_id")
    item = model.pricelist_id.item_ids.filtered("key_account_agreement_line_id")[0]
    copier.copy(item, "plan_line", id="plan.item_id", pricelist_id="plan.pricelist_id", product_id="plan.product_id",
                product_tmpl_id="(SELECT product_tmpl_id FROM product_product WHERE id = plan.product_id)",
                key_account_agreement_line_id="plan.id")


def _customer(env, name):
    return env["res.partner"].search([("name", "=", name)], limit=1)


def _agreement(env):
    """The agreement by which orders are measured, not one of its copies for other customers."""
    return env["key.account.agreement"].search([("partner_id", "=", _customer(env, AGREED).id)])


def _products(env, limit=None):
    return env["product.product"].search([("name", "=like", "Article %")], order="id", limit=limit)


# ------------------------------------------------------------
# Orders
# ------------------------------------------------------------


def time_orders(pairs, repeats):
    """Order in turn.

    :param dict pairs: by name, tuples of database and name of the customer
    :return: by name, the turns: dicts of ``create`` and ``confirm`` (milliseconds), ``create work`` and ``confirm work``
        (milliseconds in which the processes of Odoo and PostgreSQL ran, however busy the machine is) and ``queries``
    """
    measured = {name: [] for name in pairs}
    for turn in range(repeats + WARM):
        for name in _in_any_order(pairs, turn):
            spent = _time_order(*pairs[name], turn)
            if turn >= WARM:
                measured[name].append(spent)
    return measured


def _in_any_order(names, turn):
    """What ran before leaves the caches of the processor warm for one and cold for another: nobody always comes after them."""
    return random.Random(turn).sample(list(names), len(names))


def compare(measured, name, other, *keys):
    """How many times as long one takes as another: the usual one of the turns, each of which ran them one after the other."""
    return statistics.median(
        sum(turn[key] for key in keys) / sum(turn_of_other[key] for key in keys)
        for turn, turn_of_other in zip(measured[name], measured[other]))  # fmt: skip


def _time_order(database, customer, turn):
    with databases.environment(database) as env:
        try:
            vals = _prepare_order(env, customer, turn)
            env.invalidate_all()
            with _no_cleaning():
                moments = [_moment(env.cr)]
                order = _create_order(env, vals)
                moments.append(_moment(env.cr))
                _confirm_order(env, order)
                moments.append(_moment(env.cr))
            spent = {
                f"{step}{kind}": last[kind] - first[kind]
                for step, first, last in zip(("create", "confirm"), moments, moments[1:]) for kind in ("", " work")}  # fmt: skip
            return {**spent, "queries": moments[2]["queries"] - moments[0]["queries"]}
        finally:
            env.cr.rollback()


@contextlib.contextmanager
def _no_cleaning():
    """Python's collector comes once in so many objects: in each turn to the same step of the same one, as if it took longer."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _moment(cr):
    with open(f"/proc/{cr._cnx.info.backend_pid}/schedstat") as file:  # the server of a benchmark is on this machine
        server = int(file.read().split()[0]) / 1e6
    return {"": time.perf_counter() * 1000, " work": time.process_time() * 1000 + server, "queries": cr.sql_log_count}


def _create_order(env, vals):
    order = env["sale.order"].create(vals)
    env.flush_all()
    return order


def _confirm_order(env, order):
    order.action_confirm()
    env.flush_all()


def _prepare_order(env, customer, turn):
    products = _products(env)
    first = turn * ORDER_LINES % (len(products) - ORDER_LINES + 1)
    return {
        "partner_id": _customer(env, customer).id,
        "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 2})
                       for product in products[first:first + ORDER_LINES]],
    }  # fmt: skip


def call_off(database, orders):
    """Order under the agreement, each time other products."""
    with databases.environment(database) as env:
        for turn in range(orders):
            _confirm_order(env, _create_order(env, _prepare_order(env, AGREED, turn)))


def open_forms(database, repeats):
    """Open the agreement and Odoo's own form of a pricelist of its size, in turn.

    :return: by model, the turns: dicts of the milliseconds of ``read``, what opening one from its list takes, as the web
        client keeps the views, and ``views``, what they take before it has them
    """
    measured = {"key.account.agreement": [], "product.pricelist": []}
    with databases.environment(database) as env:
        user = screens._make_manager(env)
    for turn in range(repeats + WARM):
        for model in _in_any_order(measured, turn):
            spent = _open_form(database, model, user)
            if turn >= WARM:
                measured[model].append(spent)
    return measured


def _open_form(database, model, user):
    with databases.environment(database) as env:
        opened = env[model].search([("name", "=", "Plain")]) if model == "product.pricelist" else _agreement(env)
        record = opened.with_user(user).with_context(lang="en_US", bin_size=True)
        env.invalidate_all()
        with _no_cleaning():
            moments = [time.perf_counter()]
            form = screens._get_views(record)["form"]
            moments.append(time.perf_counter())
            record.web_read(screens._specification(record, form))
            moments.append(time.perf_counter())
        return {part: (last - first) * 1000 for part, first, last in zip(("views", "read"), moments, moments[1:])}


# ------------------------------------------------------------
# Several at once
# ------------------------------------------------------------


def limit_line(database, maximum):
    """Give the first line of the agreement a maximum quantity; beyond it orders are split."""
    with databases.environment(database) as env:
        agreement = _agreement(env)
        agreement.beyond_limit = "split"
        agreement.line_ids[0].write({"commitment": "quantity", "commit_max": maximum})


def order_repeatedly(database, customer, orders, product_count):
    """Make and confirm orders over the same products, as a worker does whose requests are tried again on a conflict."""
    for _turn in range(orders):
        with databases.environment(database) as env:

            def order(env=env):
                products = _products(env, product_count)
                env["sale.order"].create({
                    "partner_id": _customer(env, customer).id,
                    "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 2})
                                   for product in products],
                }).action_confirm()  # fmt: skip

            retrying(order, env)


def called_off(database):
    """The quantity that was called off of the first line."""
    with databases.environment(database) as env:
        return _agreement(env).line_ids[0].called_off
