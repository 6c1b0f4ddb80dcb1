from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.fields import Command


class KeyAccountDemo(models.AbstractModel):
    """Makes what happens to products in the demo data: one has a successor, one is given up, one is promised to a customer."""
    _inherit = 'key.account.demo'

    @api.model
    def _make_product_changes(self, today):
        """:param date today: day from which all days count back"""
        old, new, lamp, panel = (
            self.env.ref(f'key_account_care.product_{name}').product_tmpl_id for name in ('booth', 'booth_2', 'lamp', 'panel'))
        old.key_account_successor_id = new
        lamp.active = False
        self.env['key.account.exclusivity'].create({
            'account_id': self._get_accounts('lindgren').id, 'product_tmpl_id': panel.id,
            'country_ids': [Command.set((self.env.ref('base.se') | self.env.ref('base.ee')).ids)],
            'date_from': today - relativedelta(months=5), 'date_until': today + relativedelta(months=19),
            'note': "Their studio drew the panel. For two years nobody else gets it in Sweden and Estonia."})
