from odoo import api, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import SQL, format_date


class KeyAccountAgreement(models.Model):
    """The life of an agreement: drafted, sent, signed, in force by its dates, closed with a reason."""
    _inherit = 'key.account.agreement'

    def action_mark_sent(self):
        """Note that the customer has the agreement, however it got there."""
        self._move('draft', 'sent')

    def action_back_to_draft(self):
        """Take an agreement back that was sent and is to be changed."""
        self._move('sent', 'draft')

    def _move(self, before, after):
        self.check_access('write')
        # sudo: the state changes by steps only, see write
        self.sudo().filtered(lambda agreement: agreement.state == before).state = after

    def action_sign(self):
        """Note that both sides have signed: the agreed prices hold from the first day on.

        :raise UserError: when the agreement cannot be signed as it is
        """
        self.check_access('write')
        self._sign()

    def _sign(self):
        """Put the agreement in force. Its rows are written by whoever has checked that the signature is good.

        :raise UserError: when the agreement cannot be signed as it is
        """
        for agreement in self:
            agreement._lock_covering()
            agreement._check_can_sign()
            agreement._stop_replaced()
            agreement.sudo().state = 'signed'  # sudo: see _move
            agreement.flush_recordset()
            agreement._generate_pricelist()

    def _check_can_sign(self):
        self.ensure_one()
        if self.state not in ('draft', 'sent'):
            raise UserError(self.env._("%(agreement)s is signed or closed already.", agreement=self.display_name))
        if not self.line_count:
            raise UserError(self.env._(
                "%(agreement)s has no lines. Add what was agreed, then sign.", agreement=self.display_name))
        self._check_pricelists_enabled()
        self._check_no_other_in_force()

    def _lock_covering(self):
        """Of two agreements for the same subsidiary, signed at the same moment, the second one is tried again.

        For the customer of the agreement itself the database does that, by a constraint.
        """
        self.ensure_one()
        if self.covered_partner_ids:
            # sudo: an agreement of a colleague stands in the way, too
            covering = self.sudo().search([('covered_partner_ids', 'in', self.covered_partner_ids.ids)])
            self.env['key.account.agreement.line']._lock_limits(SQL.identifier(self._table), covering.ids)

    @api.model
    def _check_pricelists_enabled(self):
        if self.env['product.pricelist']._is_pricelist_enabled():
            return
        message = self.env._(
            "Odoo applies agreed prices by pricelists, which are switched off. "
            "Switch on “Pricelists” in the settings of Sales first.")
        if not self.env.user.has_group('base.group_system'):
            raise UserError(message)
        action = self.env.ref('sale.action_sale_config_settings')
        raise RedirectWarning(message, action.id, self.env._("Settings"))

    def _check_no_other_in_force(self):
        """:raise UserError: when somebody would be under two agreements at a time"""
        overlap = [
            ('company_id', '=', self.company_id.id), ('state', '=', 'signed'),
            ('id', 'not in', (self | self._get_replaced()).ids),
            ('date_start', '<=', self.date_until), ('date_until', '>=', self.date_start),
            '|', ('account_id', '=', self.account_id.id), ('covered_partner_ids', 'in', self.covered_partner_ids.ids)]
        others = self.sudo().search(overlap, limit=1)  # sudo: an agreement of a colleague stands in the way, too
        if others:
            raise UserError(self.env._(
                "%(other)s is in force from %(start)s to %(end)s. A customer has one agreement at a time: "
                "change the days, or use “Revise” or “Renew” on that one.",
                other=others.display_name, start=format_date(self.env, others.date_start),
                end=format_date(self.env, others.date_until)))

    def _close(self, reason, note=False, last_day=None):
        """End an agreement for good.

        :param str reason: one of ``close_reason``
        :param str note: why, in the person's words
        :param date last_day: last day in force; by default as agreed
        """
        for agreement in self.sudo():  # sudo: see _move
            stop = last_day and last_day < agreement.date_end and {'date_stop': last_day} or {}
            today = self._get_day(agreement.company_id)
            agreement.write({'close_reason': reason, 'close_note': note, **stop})
            if agreement.state != 'signed' or agreement.date_until < max(today, agreement.date_start):
                agreement.state = 'closed'
            agreement.flush_recordset()
            agreement._limit_pricelist()
