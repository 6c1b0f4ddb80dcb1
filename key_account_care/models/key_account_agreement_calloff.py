from odoo import fields, models


class KeyAccountAgreement(models.Model):
    """How much was called off under an agreement, over all its revisions."""
    _inherit = 'key.account.agreement'

    confirm_count = fields.Integer(
        readonly=True, copy=False,
        help="Goes up with each order against the maximum, so that of two at the same moment one waits for the other.")
    called_off_amount = fields.Monetary(string="Called off", compute='_compute_calloffs')
    amount_invoiced = fields.Monetary(string="Invoiced", compute='_compute_calloffs')
    calloff_count = fields.Integer(string="Call-offs", compute='_compute_calloffs')
    progress = fields.Float(string="Done", compute='_compute_calloffs', help="Called off of the committed amount.")
    expected_progress = fields.Float(
        string="Expected", compute='_compute_calloffs',
        help="Share of the commitment at the last day, if the customer goes on at the present pace.")
    days_left = fields.Integer(compute='_compute_days_left')

    def _compute_calloffs(self):
        # sudo: what was called off is the same for everybody; orders of colleagues count, too
        rows = self.env['key.account.calloff'].sudo()._read_group(
            [('origin_id', 'in', [agreement._get_first().id for agreement in self if agreement._get_first().id])],
            ['origin_id'], ['amount:sum', 'amount_invoiced:sum', '__count'])
        sums = {agreement.id: values for agreement, *values in rows}
        for agreement in self:
            (agreement.called_off_amount, agreement.amount_invoiced, agreement.calloff_count) = sums.get(
                agreement._get_first().id, (0.0, 0.0, 0))
            goal = agreement.commitment and (agreement.commit_min or agreement.commit_max)
            agreement.progress = agreement.called_off_amount / goal if goal else 0.0
            agreement.expected_progress = agreement.progress / agreement._get_elapsed() if agreement.progress else 0.0

    def _compute_days_left(self):
        for agreement in self:
            today = self._get_day(agreement.company_id or self.env.company)
            agreement.days_left = (agreement.date_until - today).days + 1 if agreement.date_until else 0

    def _get_elapsed(self):
        """:return: share of the days of the agreement that have passed, over 0 up to 1"""
        self.ensure_one()
        first, last = self._get_first().date_start, self.date_end
        passed = (self._get_day(self.company_id) - first).days + 1
        return min(max(passed / ((last - first).days + 1), 0.001), 1.0)

    def _get_first(self):
        """:return: the first revision; call-offs are counted there"""
        self.ensure_one()
        return self.origin_id or self

    def action_open_calloffs(self):
        """Open the order lines behind what was called off."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_calloff'),
            'domain': [('origin_id', '=', self._get_first().id)],
            'context': {},
        }
