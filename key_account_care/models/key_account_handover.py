from odoo import fields, models
from odoo.api import SUPERUSER_ID
from odoo.fields import Command


class KeyAccount(models.Model):
    """Handover: another key account manager takes over, with the work, the relationships and a checklist."""
    _inherit = 'key.account'

    previous_user_id = fields.Many2one(
        'res.users', string="Previous Manager", readonly=True, index='btree_not_null', ondelete='set null')
    handed_over_on = fields.Date(
        readonly=True, help="Empty while the previous manager has not handed over yet.")

    def write(self, vals):
        """Remember whom a new key account manager takes over from."""
        if 'user_id' not in vals:
            return super().write(vals)
        user = self.env['res.users'].browse(vals['user_id'])
        changing = self.filtered(lambda account: account.user_id != user).grouped(lambda account: account._get_predecessor())
        result = super().write(vals)
        for previous, accounts in changing.items():
            accounts._note_predecessor(previous, user)
        return result

    def _get_predecessor(self):
        """:return: res.users from whom the next manager takes over; the one before while that is not done yet"""
        self.ensure_one()
        previous = self.user_id if self.handed_over_on else self.previous_user_id or self.user_id
        return previous if previous.id != SUPERUSER_ID else previous.browse()  # it makes accounts, and serves none

    def _note_predecessor(self, previous, user):
        is_new = bool(previous) and previous != user
        accounts = self.sudo()  # sudo: nobody types who came before, and who may change the manager has it noted
        accounts.write({'previous_user_id': is_new and previous.id, 'handed_over_on': False})
        if is_new and previous == self.env.user:  # who gives an account away still sees what was saved
            accounts.member_ids = [Command.link(previous.id)]

    def _get_manager_at_handover(self):
        """:return: res.users who hands over and still serves the account; may be empty"""
        self.ensure_one()
        previous = self.previous_user_id
        return previous if previous.active and previous in self.member_ids | self.sponsor_id else previous.browse()

    # ------------------------------------------------------------
    # Hand over
    # ------------------------------------------------------------

    def _get_accounts_to_hand_over(self, user):
        """:return: those of these accounts that somebody has to hand over to ``user``; the others have it behind them"""
        return self.filtered(lambda account: account._get_predecessor() not in (user.browse(), user))

    def _hand_over(self, user, deadline, plan, keeps_serving=True):
        """Make ``user`` the manager of these accounts, with the work and the relationships of the one before.

        What was handed over already is left as it is, so that nothing is planned twice.

        :param res.users user: who takes over
        :param date deadline: until when the new manager is to be introduced
        :param mail.activity.plan plan: the checklist; may be empty
        :param bool keeps_serving: the previous manager stays in the team until everybody is introduced
        :raise AccessError: when the user may not change these accounts
        """
        self.check_access('write')
        # sudo: who may change the manager hands all of it over, also when the account goes out of sight by that
        accounts = self._get_accounts_to_hand_over(user).sudo()
        self.filtered(lambda account: account.user_id != user).user_id = user
        accounts._set_serving(keeps_serving)
        accounts._pass_on_work(user)
        accounts._pass_on_relationships(user, deadline)
        if accounts and plan:
            accounts._launch_plan(plan)
        for account in accounts:
            account._tell_handover()
        accounts.handed_over_on = fields.Date.context_today(self)  # from now on there is nothing left to hand over

    def _set_serving(self, serves):
        for previous, accounts in self.grouped('previous_user_id').items():
            if not serves or previous.active:
                accounts.member_ids = [Command.link(previous.id) if serves else Command.unlink(previous.id)]

    def _get_open_work(self):
        """:return: tuple of the agreements and the activities of the previous managers of these accounts"""
        previous = {account: account._get_predecessor() for account in self}
        agreements = self.env['key.account.agreement'].search([
            ('account_id', 'in', self.ids), ('state', '!=', 'closed')]).filtered(
            lambda agreement: agreement.user_id == previous[agreement.account_id])
        activities = self.env['mail.activity'].search([
            ('user_id', 'in', [user.id for user in previous.values()]), ('key_account_relationship_id', '=', False),
            '|', '&', ('res_model', '=', self._name), ('res_id', 'in', self.ids),
            '&', ('res_model', '=', agreements._name), ('res_id', 'in', agreements.ids)])
        of_account = {account.id: user for account, user in previous.items()}
        return agreements, activities.filtered(
            lambda activity: activity.res_model != self._name or activity.user_id == of_account[activity.res_id])

    def _pass_on_work(self, user):
        agreements, activities = self._get_open_work()
        agreements.user_id = user
        activities.with_context(mail_activity_quick_update=True).user_id = user  # one message about it is enough

    def _get_relationships_to_pass_on(self):
        """:return: key.account.relationship of the previous managers of these accounts"""
        previous = {account: account._get_predecessor() for account in self}
        return self.env['key.account.relationship'].search([
            ('account_id', 'in', self.ids), ('user_id', 'in', [user.id for user in previous.values()])]).filtered(
            lambda relationship: relationship.user_id == previous[relationship.account_id])

    def _pass_on_relationships(self, user, deadline):
        relationships = self._get_relationships_to_pass_on()
        relationships._pass_on(user)
        relationships._get_to_introduce(user)._plan_introductions_of(user, deadline)

    def _tell_handover(self):
        self.message_post(
            body=self.env._(
                "%(previous)s handed over to %(manager)s. The pack with map, agreements, prices and open work is under "
                "“Print”.", previous=self.previous_user_id.name, manager=self.user_id.name),
            subtype_xmlid='mail.mt_note')

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def action_hand_over(self):
        """Open the assistant that hands these accounts over."""
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_handover'),
            'context': {'default_account_ids': self.ids},
        }

    def action_no_handover(self):
        """There is nothing to hand over after a change of the manager."""
        self.check_access('write')
        # sudo: nobody types these; see _note_predecessor
        self.sudo().filtered(lambda account: not account.handed_over_on).previous_user_id = False

    def action_print_handover(self):
        """Print the handover pack."""
        return self.env.ref('key_account_care.action_report_key_account_handover').report_action(self)
