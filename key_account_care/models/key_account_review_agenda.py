from odoo import fields, models
from odoo.fields import Command
from odoo.tools import format_date

RENEW_WITHIN = 120  # days before the end of an agreement in which its renewal is talked about


class KeyAccountReview(models.Model):
    """The agenda starts from the last meeting, and from what the facts suggest."""
    _inherit = 'key.account.review'

    previous_id = fields.Many2one('key.account.review', string="Last Meeting", compute='_compute_previous_id')

    def _compute_previous_id(self):
        """The last review of the account that was held before this one."""
        held = self.search([
            ('account_id', 'in', self.account_id.ids), ('state', 'in', ('held', 'closed')), ('date', '!=', False)],
            order='date desc').grouped('account_id')
        for review in self:
            review.previous_id = held.get(review.account_id, self.browse()).filtered(
                lambda other, review=review: other != review._origin and (not review.date or other.date < review.date))[:1]

    def action_fill_agenda(self):
        """Add what the agenda of this kind of review, the last meeting and the facts suggest."""
        self.check_access('write')
        for review in self:
            review._fill_agenda()

    def _fill_agenda(self):
        self.ensure_one()
        known = set(self.topic_ids.mapped('source'))
        last = max(self.topic_ids.mapped('sequence'), default=0)
        found = [vals for vals in self._get_agenda_suggestions() if vals['source'] not in known]
        self.topic_ids = [Command.create({'sequence': last + place, **vals}) for place, vals in enumerate(found, start=1)]

    def _get_agenda_suggestions(self):
        """What to talk about. Extend it with what other facts suggest.

        :return: list of values of points; ``source`` tells two of them apart
        """
        self.ensure_one()
        points = [{'name': line, 'source': f'type:{line}'} for line in self.type_id._get_agenda()]
        return [
            *points, *self._suggest_actions(), *self._suggest_promises(), *self._suggest_feedback(),
            *self._suggest_objectives(), *self._suggest_agreements(), *self._suggest_products(), *self._suggest_people()]

    def _prepare_topic(self, record, name, is_internal=False):
        return {
            'name': name, 'source': f'{record._name},{record.id}', 'is_internal': is_internal,
            'res_model': record._name, 'res_id': record.id}

    def _suggest_actions(self):
        """What was to be done since the last meetings, on either side, and is not done."""
        actions = self.env['key.account.review.decision'].search([
            ('account_id', '=', self.account_id.id), ('review_id', '!=', self.id), ('kind', '=', 'action'),
            ('is_done', '=', False), ('review_id.state', 'in', ('held', 'closed'))])
        # what they are to do is a promise of theirs by now
        actions = actions.filtered(lambda action: not action._is_promise())
        return [self._prepare_topic(action, self.env._(
            "Open: %(action)s (%(who)s)", action=action.name, who=action._get_who() or "?")) for action in actions]

    def _suggest_promises(self):
        promises = self.env['key.account.promise'].search([
            ('account_id', '=', self.account_id.id), ('state', '=', 'open')])
        return [self._prepare_topic(promise, self.env._("Promise: %(promise)s", promise=promise.display_name))
                for promise in promises]

    def _suggest_feedback(self):
        """What the customer told us and was not answered."""
        return [self._prepare_topic(feedback, self.env._("Feedback: %(feedback)s", feedback=feedback.display_name))
                for feedback in self.account_id._get_unanswered_feedback()]

    def _suggest_objectives(self):
        behind = self.env['key.account.objective'].search([
            ('account_id', '=', self.account_id.id), ('is_closed', '=', False)]).filtered(
            lambda objective: objective.progress_state == 'behind')
        return [self._prepare_topic(objective, self.env._("Behind its plan: %(goal)s", goal=objective.name))
                for objective in behind]

    def _suggest_agreements(self):
        today = fields.Date.context_today(self)
        ending = self.env['key.account.agreement'].search([
            ('account_id', '=', self.account_id.id), ('state', '=', 'signed'), ('date_until', '>=', today),
            ('date_until', '<=', fields.Date.add(today, days=RENEW_WITHIN))])
        return [self._prepare_topic(agreement, self.env._(
            "Renew %(agreement)s, which ends on %(date)s", agreement=agreement.name,
            date=format_date(self.env, agreement.date_until))) for agreement in ending]

    def _suggest_products(self):
        """Products that the customer counts on and that are not what they were, by the open warnings."""
        risks = self.env['key.account.risk'].search([
            ('account_id', '=', self.account_id.id), ('state', '=', 'open'),
            ('rule_id.kind', 'in', ('product_superseded', 'product_archived'))])
        return [self._prepare_topic(product, self._get_product_point(product)) for product in risks.product_tmpl_id]

    def _get_product_point(self, product):
        successor = product.key_account_successor_id
        if successor:
            return self.env._("%(new)s instead of %(old)s", new=successor.display_name, old=product.display_name)
        return self.env._("No longer available: %(product)s", product=product.display_name)

    def _suggest_people(self):
        """Gaps between their people and ours; nothing of it is for the customer to read."""
        account = self.account_id
        return [{
            'name': gap, 'source': f'people:{place}', 'is_internal': True, 'res_model': account._name, 'res_id': account.id,
        } for place, gap in enumerate((account.people_gaps or '').splitlines())]
