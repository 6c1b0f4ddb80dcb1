from odoo import models


class KeyAccountReview(models.Model):
    """What both sides promised, agreed on and said in the period of a review."""
    _inherit = 'key.account.review'

    def _get_kept_promises(self):
        """:return: dict of ``we``, ``they`` and ``deliveries`` with any promise due in the period: dicts of ``count`` and
            ``kept``, the share that was kept in time
        """
        self.ensure_one()
        # sudo: how many were kept is part of the report of whoever may read the review; orders of colleagues count, too
        rows = self.env['key.account.promise.ledger'].sudo()._read_group(
            [*self._get_period_domain('date_due'), ('counts', '=', True)], ['direction', 'kind'], ['__count', 'kept:avg'])
        return {
            'deliveries' if kind == 'order' else direction: {'count': count, 'kept': kept}
            for direction, kind, count, kept in rows}

    def _get_open_promises(self):
        """:return: key.account.promise of both sides that are not settled"""
        self.ensure_one()
        return self.env['key.account.promise'].search(
            [('account_id', '=', self.account_id.id), ('state', '=', 'open')], order='direction desc, date_due')

    def _get_objectives(self):
        """:return: key.account.objective that were agreed with the customer and are followed"""
        self.ensure_one()
        return self.env['key.account.objective'].search([
            ('account_id', '=', self.account_id.id), ('is_shared', '=', True), ('is_closed', '=', False),
            ('date_start', '<=', self.period_end)])

    def _get_voices(self):
        """What the customer's people said in the period.

        :return: dict of ``complaints``, how many; ``told``, of how many they know what came of it; ``days``, after which
            on average; ``answers`` of people who gave a ``score``, its average; ``helps``, texts of our voluntary help
        """
        self.ensure_one()
        Feedback = self.env['key.account.feedback'].sudo()  # sudo: as of promises
        found = Feedback.search([*self._get_period_domain(), ('kind', 'in', ('complaint', 'interview', 'help'))])
        by_kind = found.grouped('kind')
        complaints = by_kind.get('complaint', Feedback)
        told = complaints.filtered('told_on')
        scores = [int(feedback.score) for feedback in by_kind.get('interview', Feedback) if feedback.score]
        return {
            'complaints': len(complaints),
            'told': len(told),
            'days': sum((each.told_on.date() - each.date).days for each in told) / len(told) if told else 0.0,
            'answers': len(scores),
            'score': sum(scores) / len(scores) if scores else 0.0,
            'helps': [text for text in by_kind.get('help', Feedback).mapped('summary') if text],
        }

    def _get_last_decisions(self):
        """:return: key.account.review.decision of the review before this one"""
        self.ensure_one()
        return self.previous_id.decision_ids
