from odoo import api, fields, models


class KeyAccountIntroduction(models.TransientModel):
    """Plans that somebody of ours introduces a colleague to one of a customer's people."""
    _name = 'key.account.introduction'
    _description = "Plan an Introduction"

    account_id = fields.Many2one('key.account', required=True, readonly=True, ondelete='cascade')
    user_id = fields.Many2one('res.users', string="Introduce", required=True, readonly=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string="Person to Meet", required=True, readonly=True, ondelete='cascade')
    knower_ids = fields.Many2many('res.users', compute='_compute_knower_ids')
    introducer_id = fields.Many2one(
        'res.users', string="By", compute='_compute_introducer_id', store=True, readonly=False, precompute=True,
        ondelete='set null', domain="[('id', 'in', knower_ids)]", help="Who knows this person best comes first.")
    who_knows_whom = fields.Text(compute='_compute_knower_ids')
    deadline = fields.Date(
        string="Until", required=True,
        default=lambda self: fields.Date.add(fields.Date.context_today(self), days=14))
    note = fields.Text(string="Why", help="What the introducer should know.")

    @api.depends('account_id', 'user_id', 'partner_id')
    def _compute_knower_ids(self):
        """Who knows whom, for those who may see the account: also when Odoo computes what is stored, as it does, for all."""
        for wizard in self.sudo(False):
            account, person = wizard.account_id._origin, wizard.partner_id._origin
            account.check_access('read')
            # sudo: the names of colleagues are for all employees
            knowers = account._get_introducers(wizard.user_id._origin, person).sudo()
            wizard.knower_ids = knowers
            wizard.who_knows_whom = wizard._get_who_knows_whom(account, person, knowers)

    @api.depends('knower_ids')
    def _compute_introducer_id(self):
        for wizard in self:
            wizard.introducer_id = wizard.knower_ids._origin[:1]

    def _get_who_knows_whom(self, account, person, knowers):
        """:return: str with the strength of everybody of ours who knows this person"""
        strength = {each.user_id: each.strength for each in account.relationship_ids if each.partner_id == person}
        return "\n".join(
            self.env._("%(colleague)s: strength %(strength)s of 100", colleague=user.name, strength=strength[user])
            for user in knowers) or self.env._("Nobody of ours knows this person yet.")

    def action_plan(self):
        """Plan the introduction."""
        self.ensure_one()
        self._plan()
        return {'type': 'ir.actions.act_window_close'}

    def action_plan_and_write(self):
        """Plan the introduction, and open a mail that asks the introducer for it."""
        self.ensure_one()
        return self._plan()._open_key_account_composer(
            self.env._("Ask for an Introduction"), 'key_account_care.mail_template_introduction')

    def _plan(self):
        # a goal keeps the relationship until there is any exchange
        level = self.env['key.account.relationship']._get_level()
        relationship = self.account_id._get_relationship(self.user_id, self.partner_id, level)
        relationship._plan_introduction(self.introducer_id, self.deadline, self.note)
        return relationship
