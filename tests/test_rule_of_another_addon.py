"""A kind of warning rule that another addon adds by one selection value and one method works, and goes with the addon."""

import os
from datetime import date
from pathlib import Path

import odoo.addons
import pytest
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name
from odoo.tools import config

from benchmarks import addon, databases

ADDON = "key_account_care_example_rule"
FOLDER = Path(__file__).resolve().parent / "addons"


def test_rule_of_another_addon(monkeypatch):
    template = os.environ.get("KEY_ACCOUNT_CARE_TEMPLATE")
    if not template:
        pytest.skip("KEY_ACCOUNT_CARE_TEMPLATE names no template database, as ./run test does")
    monkeypatch.setenv("ODOO_RC", config["config"])
    with databases.clone(template, f"{get_db_name()}_rule") as name:
        databases.in_process(_install, name)
        assert databases.in_process(_find, name) == (["Harbor Works"], "Nobody can call Harbor Works.", [])
        assert databases.in_process(_uninstall, name) == (0, 0)


def _install(database):
    odoo.addons.__path__.append(str(FOLDER))
    addon.prepare(database)
    Registry.new(database, update_module=True, install_modules=[ADDON])


def _find(database):
    """What the rule finds, how it says so, and what is left when the cause is gone."""
    odoo.addons.__path__.append(str(FOLDER))
    with databases.environment(database) as env:
        customers = env["res.partner"].create([
            {"name": "Harbor Works", "is_company": True}, {"name": "Anchor Hotel", "is_company": True, "phone": "12 34"},
        ])  # fmt: skip
        accounts = env["key.account"].create([{"partner_id": customer.id} for customer in customers])
        found = _get_risks(env, accounts)
        names, reasons = found.account_id.mapped("partner_id.name"), found.mapped("reason")
        customers[0].phone = "56 78"
        accounts._refresh(date.today())
        return names, "".join(reasons), _get_risks(env, accounts).ids


def _get_risks(env, accounts):
    return env["key.account.risk"].search([
        ("rule_id.kind", "=", "no_phone"), ("account_id", "in", accounts.ids), ("state", "=", "open")])  # fmt: skip


def _uninstall(database):
    """How many rules of the kind, and warnings of them, are left."""
    odoo.addons.__path__.append(str(FOLDER))
    with databases.environment(database) as env:
        env["ir.module.module"].search([("name", "=", ADDON)]).button_immediate_uninstall()
    with databases.cursor(database) as cr:
        cr.execute("SELECT COUNT(*) FROM key_account_risk_rule WHERE kind = 'no_phone'")
        rules = cr.fetchone()[0]
        cr.execute("SELECT COUNT(*) FROM key_account_risk risk JOIN ir_model_data data ON data.res_id = risk.rule_id"
                   " AND data.model = 'key.account.risk.rule' AND data.name = 'risk_rule_no_phone'")  # fmt: skip
        return rules, cr.fetchone()[0]
