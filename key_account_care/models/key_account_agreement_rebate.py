from odoo import api, fields, models


class KeyAccountAgreement(models.Model):
    """The bonus on the invoiced amount: accrued as it goes, credited once when a period is over."""
    _inherit = 'key.account.agreement'

    bonus_ids = fields.One2many(
        'key.account.agreement.bonus', 'agreement_id', string="Bonus Steps", copy=True,
        help="From an invoiced amount per period on, a percentage of all of it is given back by a credit note.")
    bonus_invoiced = fields.Monetary(
        string="Invoiced in this Period", compute='_compute_bonus_accrued')
    bonus_accrued = fields.Monetary(
        compute='_compute_bonus_accrued', help="Of all periods without a credit note so far.")
    bonus_credited = fields.Monetary(compute='_compute_bonus_accrued')

    def _compute_bonus_accrued(self):
        for agreement in self:
            today = self._get_day(agreement.company_id or self.env.company)
            periods = agreement.period_ids if agreement._has_bonus() else agreement.period_ids.browse()
            agreement.bonus_accrued = sum(periods.filtered(lambda period: not period.settled_on).mapped('bonus_amount'))
            agreement.bonus_credited = sum(periods.mapped('settled_amount'))
            agreement.bonus_invoiced = sum(
                period.invoiced_amount for period in periods if period.date_start <= today <= period.date_end)

    def _has_bonus(self):
        """:return: bool, whether a bonus was agreed in this revision or an earlier one"""
        self.ensure_one()
        return bool(self.bonus_ids or self.origin_id and any(
            bonus for revisions in self.origin_id._get_bonus_steps().values() for _start, bonus in revisions))

    def _get_bonus_steps(self):
        """The bonus of each first revision in ``self``, and how revisions changed it.

        :return: dict of lists of first day and bonus steps (maybe none), in the order of time
        """
        # sudo: the bonus of a period is the same for everybody who sees the period
        revisions = self.sudo().with_context(active_test=False).search(
            ['|', ('id', 'in', self.ids), ('origin_id', 'in', self.ids), ('state', 'in', ('signed', 'closed')),
             ('close_reason', '!=', 'declined')], order='date_start, revision')
        result = {}
        for agreement in revisions:
            result.setdefault(agreement._get_first().sudo(False), []).append((agreement.date_start, agreement.bonus_ids))
        return result

    # ------------------------------------------------------------
    # Credit notes
    # ------------------------------------------------------------

    @api.model
    def _refresh_bonuses(self, company, today, accounts):
        """Nightly step: make a draft credit note for each period that is over and has earned a bonus, once.

        :param res.company company: the seller
        :param date today: day of the run
        :param key.account accounts: only these; empty for all
        """
        steps = self.env['key.account.agreement.bonus'].search([('company_id', '=', company.id)])
        firsts = {agreement._get_first().id for agreement in steps.agreement_id}
        due = self.env['key.account.agreement.period'].search([
            ('agreement_id', 'in', list(firsts)), ('settled_on', '=', False),
            ('date_end', '<', today), ('date_end', '>=', fields.Date.subtract(today, years=1)),
            *([('account_id', 'in', accounts.ids)] if accounts else [])])
        # whoever else is about to credit one of them holds its row; then it is theirs
        due = due.try_lock_for_update()
        due.invalidate_recordset(['settled_on'])
        due.filtered(lambda period: not period.settled_on and period.bonus_amount > 0)._credit_bonus(company, today)
