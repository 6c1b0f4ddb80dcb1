from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.fields import Command


class KeyAccountDemo(models.AbstractModel):
    """What opens doors by what we sell: prices, products that change, and what was promised to one customer alone."""
    _inherit = 'key.account.demo'

    @api.model
    def _make_products(self, today):
        """
        :param date today: day from which all days count back
        """
        self._replace_products()
        self._make_desks_cheaper(today)
        self._order_too_dear(today)
        self.env['key.account.exclusivity'].create({
            'account_id': self._get_accounts('hansekontor').id,
            'categ_id': self.env.ref('key_account_care.category_seating').id,
            'country_ids': [Command.set(self._get_accounts('aurora').partner_id.country_id.ids)],
            'date_from': today - relativedelta(months=2), 'date_until': today + relativedelta(months=10),
            'note': "In their contract for the northern branches, § 7.",
        })

    @api.model
    def _replace_products(self):
        """The stool has a successor; phone booths are not made any more."""
        self.env.ref('key_account_care.product_stool').product_tmpl_id.write({
            'key_account_successor_id': self.env.ref('key_account_care.product_stool_2').product_tmpl_id.id,
            'key_account_news': "Tilts to all sides, two kilograms lighter, and the cover can be changed."})
        self.env.ref('key_account_care.product_booth').product_tmpl_id.active = False

    @api.model
    def _make_desks_cheaper(self, today):
        """A new supplier makes desks for less since ten months; the hospitals had signed their price before."""
        lines = self.env['sale.order.line'].search([
            ('product_id', '=', self.env.ref('key_account_care.product_desk').id), ('state', '=', 'sale'),
            ('order_id.date_order', '<', today - relativedelta(months=10))])
        for line in lines:
            line.purchase_price = round(line.purchase_price * 1.2, 2)
        agreement = self._get_accounts('aurora').agreement_ids.filtered(lambda agreement: agreement.state == 'signed')
        # sudo: in the story it was signed long ago, which nobody can type
        agreement.sudo().signed_on = datetime.combine(today - relativedelta(months=13), time(10))

    @api.model
    def _order_too_dear(self, today):
        """Somebody typed last year's price of the chair for the hospitals, and rounded up that of lockers for a small one."""
        for customer, buyer, product, quantity, price in (
                ('aurora', 'purchasing', 'chair', 6, 349), ('svalbard', 'owner', 'locker', 2, 290)):
            order = self.env['sale.order'].create({
                'partner_id': self.env.ref(f'key_account_care.contact_{customer}_{buyer}').id, 'pricelist_id': False,
                'order_line': [Command.create({
                    'product_id': self.env.ref(f'key_account_care.product_{product}').id, 'product_uom_qty': quantity,
                    'price_unit': price, 'tax_ids': False})]})
            order.action_confirm()
            order.date_order = datetime.combine(today - timedelta(days=1), time(9, 30))
