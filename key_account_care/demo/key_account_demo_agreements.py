from dateutil.relativedelta import relativedelta
from odoo import api, models
from odoo.fields import Command


class KeyAccountDemo(models.AbstractModel):
    """Makes the framework agreements of the demo data, one for every stage of the life of an agreement."""
    _inherit = 'key.account.demo'

    @api.model
    def _make_agreements(self, today):
        """One to be renewed, with a proposal; one that renews itself, at its maximum; one to sign; two that are over
        while orders go on.

        :param date today: day from which all days count back
        """
        # agreed prices are applied by pricelists
        self.env.ref('base.group_user').sudo()._apply_group(self.env.ref('product.group_product_pricelist'))
        signed = self._agree(
            'aurora', today - relativedelta(months=9), 0.84, {'desk': (400, 0), 'chair': (600, 0), 'locker': (0, 0)},
            renewal='renegotiate', notice_days=90)
        signed |= self._agree(
            'planica', today - relativedelta(months=10), 0.9, {'bench': (40, 60), 'desk': (0, 0)},
            beyond_limit='split', renewal='renew', renewal_months=12, notice_days=30)
        signed |= self._agree(
            'lindgren', today - relativedelta(months=14), 0.92, {'desk': (0, 0), 'booth': (0, 0)}, renewal='end')
        signed |= self._agree(
            'alpenblick', today - relativedelta(months=15), 0.95, {'visitor_chair': (0, 0), 'panel': (0, 0)},
            renewal='renegotiate')
        for agreement in signed:
            agreement.action_sign()
            self._call_off(agreement)
        self._agree(
            'nyhavn', today + relativedelta(days=14), 0.86, {'workbench': (200, 0), 'locker': (300, 0), 'chair': (0, 0)},
            covered_partner_ids=[Command.set(self._get_accounts('nyhavn_sverige').partner_id.ids)]).action_mark_sent()
        self._propose_renewal(signed[:1])

    @api.model
    def _agree(self, customer, start, price, volumes, **vals):
        """A draft for a year.

        :param str customer: its short name
        :param date start: first day
        :param float price: part of the list price that is agreed
        :param dict volumes: committed and maximum quantity by product; 0 for none
        :return: key.account.agreement
        """
        account = self._get_accounts(customer)
        lines = []
        for name, (least, most) in volumes.items():
            product = self.env.ref(f'key_account_care.product_{name}')
            lines.append(Command.create({
                'product_id': product.id, 'price_unit': round(product.list_price * price, 2),
                'commitment': 'quantity' if least or most else 'none', 'commit_min': least, 'commit_max': most}))
        lines.append(Command.create({
            'categ_id': self.env.ref('key_account_care.category_storage').id, 'price_type': 'discount', 'discount': 10.0}))
        return self.env['key.account.agreement'].create({
            'account_id': account.id, 'user_id': account.user_id.id, 'date_start': start,
            'date_end': start + relativedelta(years=1, days=-1), 'currency_id': self.env.company.currency_id.id,
            'terms': "<p>Delivered and assembled within ten working days. Five years of warranty on all parts.</p>",
            'line_ids': lines, **vals})

    @api.model
    def _call_off(self, agreement):
        """The orders of the story were made before the agreement could price them: those at agreed prices belong to it."""
        for terms in agreement.line_ids.filtered('product_id'):
            self.env['sale.order.line'].search([
                ('order_id.partner_id', 'child_of', agreement.partner_id.id), ('state', '=', 'sale'),
                ('order_id.date_order', '>=', agreement.date_start), ('order_id.date_order', '<=', agreement.date_end),
                ('product_id', '=', terms.product_id.id), ('price_unit', '=', terms.price_unit),
            ]).key_account_agreement_line_id = terms

    @api.model
    def _propose_renewal(self, agreement):
        """A little more for desks, a little less for chairs."""
        proposal = agreement._renew()
        for terms, change in zip(proposal.line_ids.filtered('product_id'), (1.03, 0.98)):
            terms.price_unit = round(terms.price_unit * change, 2)
