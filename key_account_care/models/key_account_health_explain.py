from math import prod

from odoo import api, fields, models
from odoo.tools import format_date

from .key_account_health import WEIGHTS

NAMED = 3  # warnings that an explanation names


class KeyAccountRisk(models.Model):
    """What a warning takes of the health of its account, see ``key.account._refresh_health``."""
    _inherit = 'key.account.risk'

    health_points = fields.Integer(
        string="Costs (Health)", compute='_compute_health_points', help="By so much the health rises when this is closed.")

    @api.depends('severity', 'amount', 'state', 'account_id.revenue')
    def _compute_health_points(self):
        # sudo: what others have found at the account counts for its health, too
        found = self.env['key.account.risk'].sudo().search([
            ('account_id', 'in', self.account_id.ids), ('state', '=', 'open')])
        remainders = {
            account.id: prod(1 - risk._get_health_cost() for risk in risks)
            for account, risks in found.grouped('account_id').items()}
        for risk in self:
            remainder = remainders.get(risk.account_id.id, 1) if risk.state == 'open' else 0
            risk.health_points = round(100 * remainder / (1 - risk._get_health_cost())) - round(100 * remainder)

    def _get_health_cost(self):
        """:return: float, share of the health that it takes; the formula of ``key.account._health_costs_sql``"""
        self.ensure_one()
        revenue = self.account_id.revenue
        share = min(1, (self.amount or 0) / revenue) if revenue > 0 else float(bool(self.amount))
        return WEIGHTS[self.severity] * (1 + share) / 2


class KeyAccount(models.Model):
    """Why the health is what it is, what changed it, and what would raise it most."""
    _inherit = 'key.account'

    health_change = fields.Integer(compute='_compute_health_change', help="Against the last end of a month.")
    health_reason = fields.Text(string="Why", compute='_compute_health_reason')

    def _get_last_snapshots(self):
        """:return: dict of the last snapshot, by account"""
        found = self.env['key.account.snapshot'].search([
            ('account_id', 'in', self.ids), ('is_last', '=', True)])
        return {snapshot.account_id: snapshot for snapshot in found}

    @api.depends('health')
    def _compute_health_change(self):
        snapshots = self._get_last_snapshots()
        for account in self:
            account.health_change = account.health - snapshots[account].health if account in snapshots else 0

    @api.depends('health', 'open_risk_ids.severity', 'open_risk_ids.amount')
    def _compute_health_reason(self):
        snapshots = self._get_last_snapshots()
        for account in self:
            account.health_reason = "\n".join(account._get_health_reasons(snapshots.get(account)))

    def _get_health_reasons(self, snapshot):
        """:param key.account.snapshot snapshot: the last one; may be None
        :return: list of sentences"""
        self.ensure_one()
        worst = self.open_risk_ids.sorted(lambda risk: (-risk.health_points, risk.id))[:1]
        reasons = [self.env._(
            "Most would help: %(warning)s (+%(points)s).", warning=worst.display_name, points=worst.health_points,
        )] if worst.health_points else []
        return reasons + (self._get_health_changes(snapshot) if snapshot else [])

    def _get_health_changes(self, snapshot):
        """:return: list of sentences on what opened and closed since a snapshot"""
        since = snapshot.date
        opened = self.open_risk_ids.filtered(lambda risk: risk.opened_on > since)
        closed = self.env['key.account.risk'].search([
            ('account_id', '=', self.id), ('state', '!=', 'open'), ('closed_on', '>', since), ('opened_on', '<=', since)])
        texts = {
            opened: self.env._("Opened since %(date)s: %(names)s.", date=format_date(self.env, since),
                               names=self._name_some(opened)),
            closed: self.env._("Closed since %(date)s: %(names)s.", date=format_date(self.env, since),
                               names=self._name_some(closed)),
        }
        return [text for risks, text in texts.items() if risks]

    def _name_some(self, risks):
        """:return: str, the worst few of these warnings by name, each kind once, and how many more there are"""
        names = list(dict.fromkeys(risks.mapped('display_name')))
        rest = len(names) - NAMED
        more = [self.env._("%(count)s more", count=rest)] if rest > 0 else []
        return ", ".join(names[:NAMED] + more)

    def action_open_trend(self):
        """Open the figures of this account at the ends of the months."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_snapshot'),
            'domain': [('account_id', '=', self.id)],
        }
