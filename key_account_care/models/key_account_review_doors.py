from odoo import models
from odoo.tools import format_amount

NAMED_RISKS = 15  # in the pack
NAMED_GAPS = 10
NEW_RISKS = 5  # on the agenda


class KeyAccountReview(models.Model):
    """The open doors in a review: warnings, health and white space. None of it is for the customer to read."""
    _inherit = 'key.account.review'

    def _get_internal_pack(self):
        """:return: the pack for us, also with what could cost us the customer, and what else it could buy"""
        pack = super()._get_internal_pack()
        account = self.account_id
        return {**pack, 'internal': {
            **pack['internal'],
            'parts': self._get_health_parts(),
            'risks': self._get_open_risks(),
            'gaps': self._get_gaps(),
            'gaps_amount': sum(account.whitespace_ids.mapped('potential')),
        }}

    def _get_health_parts(self):
        """What takes of the health, by topic.

        :return: list of dicts of ``topic``, ``count`` of its warnings and ``points`` that they cost, the worst first
        """
        self.ensure_one()
        Risk = self.env['key.account.risk']
        labels = dict(Risk._fields['topic']._description_selection(self.env))
        parts = [
            {'topic': labels[topic], 'count': len(risks), 'points': sum(risks.mapped('health_points'))}
            for topic, risks in self.account_id.open_risk_ids.grouped('topic').items()]
        return sorted(parts, key=lambda part: -part['points'])

    def _get_open_risks(self):
        """:return: key.account.risk that are open, by money, the most first"""
        self.ensure_one()
        return self.account_id.open_risk_ids.sorted(lambda risk: (-risk.amount, -int(risk.severity), risk.id))[:NAMED_RISKS]

    def _get_gaps(self):
        """:return: key.account.whitespace of what others buy and this customer does not, the most expected first"""
        self.ensure_one()
        return self.account_id.whitespace_ids.sorted(lambda gap: (-gap.potential, gap.id))[:NAMED_GAPS]

    # ------------------------------------------------------------
    # Agenda
    # ------------------------------------------------------------

    def _get_agenda_suggestions(self):
        """What to talk about, also by the warnings and the white space; for us only."""
        return [*super()._get_agenda_suggestions(), *self._suggest_risks(), *self._suggest_whitespace()]

    def _suggest_risks(self):
        """The worst of the warnings that opened since the last meeting."""
        since = self.previous_id._get_day() if self.previous_id else None
        new = self.account_id.open_risk_ids.filtered(lambda risk: not since or risk.opened_on > since)
        worst = new.sorted(lambda risk: (-int(risk.severity), -risk.amount, risk.id))[:NEW_RISKS]
        return [self._prepare_topic(
            risk, ": ".join(dict.fromkeys([risk.display_name, risk.reason])), is_internal=True) for risk in worst]

    def _suggest_whitespace(self):
        """What somebody has called an opportunity."""
        gaps = self.account_id.whitespace_ids.filtered(lambda gap: gap.verdict == 'opportunity')
        return [self._prepare_topic(gap.lead_id or gap.verdict_id, self.env._(
            "Offer %(category)s: comparable customers buy for %(amount)s a year", category=gap.product_categ_id.name,
            amount=format_amount(self.env, gap.expected_amount, gap.currency_id)), is_internal=True)
            for gap in gaps.sorted(lambda gap: (-gap.potential, gap.id))]
