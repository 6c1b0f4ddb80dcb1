from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date


class KeyAccountAgreement(models.Model):
    """How an agreement ends by somebody's word: it is not renewed, or it is terminated."""
    _inherit = 'key.account.agreement'

    def action_do_not_renew(self):
        """Ask why the agreement is not to be renewed."""
        return self._ask_why('end', self.env._("Do Not Renew"))

    def action_terminate(self):
        """Ask from when on and why the agreement is to be over."""
        return self._ask_why('terminate', self.env._("Terminate"))

    def _ask_why(self, kind, title):
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window',
            'res_model': 'key.account.agreement.end',
            'name': title,
            'views': [(False, 'form')],
            'target': 'new',
            'context': {'default_agreement_id': self.id, 'default_kind': kind},
        }

    # ------------------------------------------------------------
    # Not renewed
    # ------------------------------------------------------------

    def _decline_renewal(self, reason):
        """Let the agreement run to its last day and no longer. Nobody is reminded any more.

        :param str reason: why, in the person's words
        :raise UserError: when that is decided already
        """
        self.ensure_one()
        self.check_access('write')
        if self.state != 'signed' or self.close_reason or self.next_state == 'signed':
            raise UserError(self.env._(
                "%(agreement)s is over, will be over, or has its next version signed: there is nothing to decline.",
                agreement=self.display_name))
        self._close('ended', reason)
        self._forget_reminders(reason)
        self.message_post(body=self.env._("Not to be renewed: %(reason)s", reason=reason))

    def action_take_back(self):
        """Take back that the agreement is not to be renewed, as long as it is in force.

        :raise UserError: when it is over
        """
        self.ensure_one()
        self.check_access('write')
        if self.state != 'signed' or self.close_reason != 'ended' or self.date_until < self._get_day(self.company_id):
            raise UserError(self.env._(
                "%(agreement)s is over, or goes on anyway: there is nothing to take back.", agreement=self.display_name))
        # sudo: the reason changes by steps only, see write
        self.sudo().write({'close_reason': False, 'close_note': False, 'reminder': False})
        self.message_post(body=self.env._("May be renewed after all."))

    # ------------------------------------------------------------
    # Terminated
    # ------------------------------------------------------------

    def _terminate(self, last_day, reason):
        """End the agreement before its agreed last day, with all its revisions and what it has become by itself.

        A next version that somebody has signed is another agreement and stays.

        :param date last_day: last day in force
        :param str reason: why, in the person's words
        :raise UserError: when the agreement cannot end on that day
        """
        self.ensure_one()
        self.check_access('write')
        self._check_can_terminate(last_day)
        family = (self.sudo()._get_family() | self.sudo()._get_self_renewed()).filtered(  # sudo: see _get_family
            lambda other: other.state == 'signed' and other.date_until >= last_day)
        for agreement in family.sorted('date_start', reverse=True):  # nothing goes on after one that ends later
            agreement._close('terminated', reason, last_day)
            agreement._forget_reminders(reason)
        self.message_post(body=self.env._(
            "Terminated on %(last_day)s: %(reason)s", last_day=format_date(self.env, last_day), reason=reason))

    def _check_can_terminate(self, last_day):
        signed = self.sudo()._get_family().filtered(lambda other: other.state == 'signed')  # sudo: see _get_family
        if not signed or self.state != 'signed':
            raise UserError(self.env._("%(agreement)s is not in force.", agreement=self.display_name))
        today, end = self._get_day(self.company_id), max(signed.mapped('date_until'))
        if not today <= last_day <= end:
            raise UserError(self.env._(
                "The last day is from today, %(today)s, to %(end)s, when %(agreement)s ends anyway. Orders of the days "
                "before have its prices.",
                today=format_date(self.env, today), end=format_date(self.env, end), agreement=self.display_name))
