from datetime import timedelta

from odoo.tests import freeze_time
from odoo.tools import SQL

from .common import TODAY, KeyAccountCommon


class RiskCommon(KeyAccountCommon):
    """Customers whose accounts are there, and one warning rule at a time: the others are off."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Risk, cls.Rule = cls.env['key.account.risk'], cls.env['key.account.risk.rule']
        cls.Rule.search([]).active = False
        cls.customer = cls.create_customer("Harbor Works", contacts=["Ada"])
        cls.account = cls.create_account(cls.customer)

    @classmethod
    def create_account(cls, customer, **vals):
        return cls.env['key.account'].create({
            'partner_id': customer.id, 'company_id': cls.company.id, 'user_id': cls.salesperson.id, **vals})

    @classmethod
    def use_rule(cls, kind, **vals):
        """:return: the rule of a kind that comes with the addon, switched on, for all tiers, with these values"""
        rule = cls.Rule.with_context(active_test=False).search([('kind', '=', kind), ('company_id', '=', False)], limit=1)
        rule.write({'active': True, 'tier_ids': False, **vals})
        return rule

    @classmethod
    def detect(cls, today=TODAY, accounts=None):
        """The nightly step of the warnings on a day."""
        cls.env.flush_all()
        with freeze_time(f'{today} 12:00:00'):
            cls.Risk._refresh_risks(cls.company, today, cls.env['key.account'] if accounts is None else accounts)
        cls.env.invalidate_all()

    @classmethod
    def get_risks(cls, rule, state='open'):
        """:return: what a rule has found, in a state; None for any"""
        return cls.Risk.search([
            ('rule_id', '=', rule.id), ('company_id', '=', cls.company.id), *([('state', '=', state)] if state else [])])

    def assertFound(self, rule, *sources, today=TODAY):
        """After a night these records, and no others, are open warnings of a rule."""
        self.detect(today)
        found = {(risk.res_model, risk.res_id) for risk in self.get_risks(rule)}
        self.assertEqual(found, {(source._name, source.id) for source in sources})

    def update(self, record, **vals):
        """Set columns without anything that Odoo would do then, which takes long and changes other values."""
        columns = SQL(", ").join(SQL("%s = %s", SQL.identifier(name), value) for name, value in vals.items())
        self.env.cr.execute(SQL("UPDATE %s SET %s WHERE id = %s", SQL.identifier(record._table), columns, record.id))

    @staticmethod
    def days(count):
        return TODAY + timedelta(days=count)
