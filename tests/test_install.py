"""Installing, upgrading and uninstalling on a database of its own, with everything that people leave behind."""

import os
from datetime import date, timedelta
from unittest.mock import patch

import pytest
from odoo.fields import Command
from odoo.tests.common import get_db_name
from odoo.tools import config

from benchmarks import addon, databases, traces


@pytest.fixture
def database(monkeypatch):
    """A database with what the addon builds on, without the addon."""
    template = os.environ.get("KEY_ACCOUNT_CARE_TEMPLATE")
    if not template:
        pytest.skip("KEY_ACCOUNT_CARE_TEMPLATE names no template database, as ./run test does")
    monkeypatch.setenv("ODOO_RC", config["config"])
    with databases.clone(template, f"{get_db_name()}_install") as name:
        databases.in_process(addon.prepare, name)
        databases.in_process(_switch_on_pricelists, name)
        yield name


def _switch_on_pricelists(database):
    with databases.environment(database) as env:
        env.ref("base.group_user")._apply_group(env.ref("product.group_product_pricelist"))


def test_upgrading_keeps_what_people_made_and_uninstalling_leaves_nothing(database):
    before = databases.in_process(traces.find, database, True)
    databases.in_process(addon.install, database)
    databases.in_process(_run_nights, database)
    databases.in_process(_use, database)
    databases.in_process(_upgrade_and_check, database)
    databases.in_process(addon.uninstall, database)
    assert databases.in_process(traces.find, database, True) == before


def _upgrade_and_check(database):
    addon.upgrade(database)
    _check_that_it_is_still_there(database)


def _run_nights(database):
    """Another run of the same day has nothing to do as long as nobody writes anything."""
    with databases.environment(database) as env:
        accounts, today = env["key.account"], date.today()
        accounts._refresh_night(today)
        accounts._refresh_night(today)  # the first run has launched plans, in transactions of their own
        with patch.object(type(accounts), "_refresh", autospec=True, side_effect=type(accounts)._refresh) as run:
            accounts._refresh_night(today)
            assert run.call_count == 0
            env["res.partner"].search([], limit=1).comment = "Somebody writes something"
            env.flush_all()
            env.cr.execute("SELECT pg_stat_force_next_flush()")  # else PostgreSQL tells it within seconds
            env.cr.commit()
            accounts._refresh_night(today)
            assert run.call_count == 1
            accounts._refresh_night(today + timedelta(days=1))
            assert run.call_count == 2


def _use(database):
    """What the nightly run and people make, in Odoo's own tables too."""
    with databases.environment(database) as env:
        env["key.account"]._refresh(date.today())
        account = env["key.account"].search([], limit=1)
        plan = env["mail.activity.plan"].create({
            "name": "Our own plan", "res_model": "key.account",
            "template_ids": [Command.create({"summary": "Call", "responsible_type": "key_account_manager"})],
        })  # fmt: skip
        tier = env.ref("key_account_care.tier_key")
        tier.write({"name": "Our own name", "activity_plan_id": plan.id})
        account.user_id = env.ref("base.user_admin")
        account.tier_id = env.ref("key_account_care.tier_standard")
        account.tier_id = tier
        account.message_post(body="A word")
        account.message_subscribe(env.ref("base.partner_admin").ids)
        account.activity_schedule("mail.mail_activity_data_call", user_id=account.user_id.id)
        env["ir.attachment"].create({"name": "a.txt", "raw": b"text", "res_model": account._name, "res_id": account.id})
        env["ir.filters"].create({"name": "Mine", "model_id": "key.account", "user_ids": [Command.link(env.uid)]})
        env["ir.default"].set("key.account", "sponsor_id", env.uid)
        env["ir.exports"].create({
            "name": "Export", "resource": "key.account", "export_fields": [Command.create({"name": "rank"})],
        })  # fmt: skip
        env["mail.template"].create({"name": "Letter", "model_id": env["ir.model"]._get_id("key.account")})
        _agree(env, account)


def _agree(env, account):
    """A signed agreement with a commitment, a bonus, announced prices and a revision."""
    product = env["product.product"].search([("sale_ok", "=", True)], limit=1)
    agreement = env["key.account.agreement"].create({
        "account_id": account.id, "price_policy": "notice", "price_notice_days": 0, "period_months": "3",
        "bonus_ids": [Command.create({"amount_from": 1000, "percent": 2})],
        "line_ids": [Command.create({
            "product_id": product.id, "price_unit": 7, "commitment": "quantity", "commit_min": 10, "commit_max": 100})],
    })  # fmt: skip
    agreement.action_sign()
    env["key.account.price.revision"].create({
        "agreement_id": agreement.id, "date": agreement.date_end, "percent": 3}).action_announce()  # fmt: skip
    agreement.action_revise()


def _check_that_it_is_still_there(database):
    with databases.environment(database) as env:
        tier = env.ref("key_account_care.tier_key")
        account = env["key.account"].search([("tier_id", "=", tier.id), ("tier_locked", "=", True)])
        assert (tier.name, tier.activity_plan_id.name) == ("Our own name", "Our own plan")
        assert len(account) == 1
        assert "Call" in account.activity_ids.mapped("summary")
        assert account.change_ids[0].cause == "hand"
        assert sorted(account.agreement_ids.mapped("state")) == ["draft", "signed"]
        assert account.agreement_id.pricelist_id.item_ids.filtered(lambda rule: rule.fixed_price == 7)
