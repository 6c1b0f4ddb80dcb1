from odoo import fields, models


class KeyAccountAgreement(models.Model):
    """Does the agreement hold: which share of what its customers buy is under it, and what leaks past it."""
    _inherit = 'key.account.agreement'

    committed_amount = fields.Monetary(
        string="Committed", compute='_compute_committed_amount',
        help="The total commitment, or else what the lines commit to, at their fixed prices.")
    committed_percent = fields.Float(
        string="Commitment", compute='_compute_committed_percent', digits=(16, 0), aggregator=None,
        help="How much of the commitment was called off. More of one line does not make up for less of another.")
    coverage = fields.Float(
        compute='_compute_coverage', digits=(16, 0), aggregator=None,
        help="Called off, in percent of all that the customers under the agreement bought while it was in force.")
    outside_amount = fields.Monetary(string="Bought outside", compute='_compute_coverage')
    leakage_amount = fields.Monetary(
        string="Leakage", compute='_compute_coverage', help="Bought at another price although the agreement covers it.")
    leakage_count = fields.Integer(string="Leaking Lines", compute='_compute_coverage')

    def _get_committing_lines(self):
        """:return: dict of the lines that commit to something, by agreement"""
        if not self:
            return {}
        # not by line_ids: of thousands of lines few commit to anything
        return self.env['key.account.agreement.line'].search([
            ('agreement_id', 'in', self.ids), ('commitment', '!=', 'none'), ('commit_min', '>', 0),
        ], order='id').grouped('agreement_id')

    def _compute_committed_amount(self):
        lines = self._get_committing_lines()
        for agreement in self:
            goal = agreement.commitment and (agreement.commit_min or agreement.commit_max)
            agreement.committed_amount = goal or sum(
                line._get_amount_of(line.commit_min) for line in lines.get(agreement, ()))

    def _compute_committed_percent(self):
        lines = self.filtered('committed_amount')._get_committing_lines()
        for agreement in self:
            done = agreement.called_off_amount
            if not (agreement.commitment and (agreement.commit_min or agreement.commit_max)):
                done = sum(
                    line._get_amount_of(min(line._get_committed_part(), line.commit_min))
                    for line in lines.get(agreement, ()))
            goal = agreement.committed_amount
            agreement.committed_percent = 100 * done / goal if goal else 0.0

    def _compute_coverage(self):
        firsts = [agreement._get_first().id for agreement in self if agreement._get_first().id]
        # sudo: what the customers bought is the same for everybody; orders of colleagues count, too
        rows = self.env['key.account.leakage'].sudo()._read_group(
            [('origin_id', 'in', firsts)], ['origin_id', 'covered'], ['amount:sum', '__count'])
        sums = {(first.id, covered): values for first, covered, *values in rows}
        for agreement in self:
            first_id = agreement._get_first().id
            agreement.leakage_amount, agreement.leakage_count = sums.get((first_id, True), (0.0, 0))
            agreement.outside_amount = agreement.leakage_amount + sums.get((first_id, False), (0.0, 0))[0]
            bought = agreement.called_off_amount + agreement.outside_amount
            agreement.coverage = 100 * agreement.called_off_amount / bought if bought else 0.0

    def action_open_leakage(self):
        """Open the order lines that were sold at other prices although the agreement covers them."""
        self.ensure_one()
        return self._action_open_purchases([('covered', '=', True)])

    def action_open_outside(self):
        """Open everything that the customers bought outside the agreement."""
        self.ensure_one()
        return {**self._action_open_purchases([]), 'name': self.env._("Bought outside")}

    def _action_open_purchases(self, domain):
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_leakage'),
            'domain': [('origin_id', '=', self._get_first().id), *domain],
            'context': {'search_default_group_reason': 1},
        }
