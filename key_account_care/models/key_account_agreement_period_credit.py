from odoo import models
from odoo.fields import Command
from odoo.tools import format_amount


class KeyAccountAgreementPeriod(models.Model):
    """How the bonus of a period becomes a credit note."""
    _inherit = 'key.account.agreement.period'

    def _credit_bonus(self, company, today):
        """Make a draft credit note for each of these periods and note it.

        :param res.company company: the seller, who owns all of them
        :param date today: day of the run
        """
        if not self:
            return
        notes = self.env['account.move'].with_company(company).create(
            [period._prepare_credit_note(company) for period in self])
        for period, note in zip(self, notes):
            note.invoice_line_ids.price_unit = period._get_bonus_price(note.invoice_line_ids)
            period.write({'credit_note_id': note.id, 'settled_on': today, 'settled_amount': period.bonus_amount})
            period.agreement_id.message_post(body=self.env._(
                "Draft credit note over %(amount)s for the bonus of %(period)s: %(percent)s %% of %(invoiced)s invoiced.",
                amount=format_amount(self.env, period.settled_amount, period.currency_id), period=period.display_name,
                percent=period._get_percent_text(),
                invoiced=format_amount(self.env, period.invoiced_amount, period.currency_id)))

    def _prepare_credit_note(self, company):
        """:return: values of ``account.move``; taxes and income account as Odoo finds them for the product or journal"""
        self.ensure_one()
        agreement = self.agreement_id
        customer = agreement.partner_id
        invoiced = customer.browse(customer.address_get(['invoice'])['invoice'])
        return {
            'move_type': 'out_refund',
            'company_id': company.id,
            'partner_id': invoiced.id,
            'currency_id': self.currency_id.id,
            'invoice_user_id': agreement.user_id.id,
            'invoice_origin': agreement.name,
            'ref': self.env._("Bonus %(agreement)s", agreement=agreement.name),
            'invoice_line_ids': [Command.create({
                'product_id': company.key_account_bonus_product_id.id,
                'name': self._get_bonus_text(customer.lang),
                'quantity': 1.0,
                'price_unit': self.bonus_amount,
            })],
        }

    def _get_bonus_price(self, line):
        """:return: float, the bonus, which is without taxes, with those that the taxes of the line expect in a price"""
        taxes = line.tax_ids.compute_all(
            self.bonus_amount, currency=self.currency_id, is_refund=True, handle_price_include=False)['taxes']
        return self.bonus_amount + sum(tax['amount'] for tax in taxes if line.tax_ids.browse(tax['id']).price_include)

    def _get_bonus_text(self, lang):
        period = self.with_context(lang=lang or self.env.lang)
        return period.env._(
            "Bonus of %(agreement)s for %(period)s: %(percent)s %% of %(invoiced)s", agreement=period.agreement_id.name,
            period=period.display_name, percent=period._get_percent_text(),
            invoiced=format_amount(period.env, period.invoiced_amount, period.currency_id))

    def _get_percent_text(self):
        return self.env['key.account.agreement.line']._format_number(self.bonus_percent)
