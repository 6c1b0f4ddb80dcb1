from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import users
from odoo.tools import SQL, mute_logger

from .feedback_common import FeedbackCommon


class TestFeedbackInvitations(FeedbackCommon):
    """Whom we ask, how the mail gets to them, and whom the nightly run proposes to ask next."""

    @users('ka_salesperson')
    def test_send(self):
        invitation = self.invite(send=False).with_env(self.env)
        invitation.action_send()
        self.assertRecordValues(invitation, [{
            'state': 'sent', 'sent_on': self.today, 'expires_on': date(2025, 7, 30), 'mail_failure': False}])
        secret = invitation.sudo()
        self.assertGreaterEqual(len(secret.access_token), 40)
        mail, old = secret.mail_id, secret.access_token
        self.assertEqual((mail.state, mail.recipient_ids), ('outgoing', self.ada))
        self.assertIn(f'/feedback/{invitation.id}?access_token={old}', mail.body_html)
        invitation.action_send()
        self.assertNotEqual(secret.access_token, old, "The link of the mail before does not work any more.")
        self.assertEqual(mail.state, 'cancel')
        invitation.action_cancel()
        self.assertEqual((invitation.state, secret.access_token, secret.mail_id.state), ('cancelled', False, 'cancel'))

    def test_send_in_the_language_of_the_person(self):
        self.env['res.lang']._activate_lang('fr_FR')
        template = self.env.ref('key_account_care.mail_template_feedback_invitation')
        template.with_context(lang='fr_FR').subject = "Votre avis"
        self.ada.lang = 'fr_FR'
        invitations = self.invite(send=False) + self.invite(self.bea, send=False)
        invitations.action_send()
        self.assertEqual(invitations[0].sudo().mail_id.subject, "Votre avis")
        self.assertNotEqual(invitations[1].sudo().mail_id.subject, "Votre avis")

    def test_send_to_nowhere(self):
        self.bea.email, self.cid.email = False, "cid at home"
        invitations = self.invite(send=False) + self.invite(self.bea, send=False) + self.invite(self.cid, send=False)
        with self.assertRaisesRegex(UserError, "Bea, Cid: no valid email address"):
            invitations.action_send()
        self.assertEqual(set(invitations.mapped('state')), {'proposed'})

    @mute_logger('odoo.addons.mail.models.mail_mail', 'odoo.addons.base.models.ir_mail_server')
    def test_mail_server_down(self):
        """The failure is shown, the night puts the mail back into the queue, and the next try forgets the failure."""
        invitation = self.invite()
        mail = invitation.sudo().mail_id
        connect = self.registry['ir.mail_server']
        with self.mock_connect(connect, fail=True):
            mail.send()
        self.assertEqual((mail.state, invitation.state), ('exception', 'sent'))
        self.assertIn("broken", invitation.mail_failure)
        self.refresh()
        self.assertEqual(mail.state, 'outgoing')
        mail._postprocess_sent_message(success_pids=self.ada.ids, success_emails=[])
        self.assertFalse(invitation.mail_failure)
        self.assertFalse(mail.exists(), "The link is nowhere but in the mail.")
        self.assertEqual(invitation.state, 'sent')

    def mock_connect(self, server, fail):
        """A mail server that cannot be reached."""

        def connect(*args, **kwargs):
            raise OSError("broken on purpose")

        return patch.object(server, '_connect__', connect)

    # ------------------------------------------------------------
    # Whom to ask next
    # ------------------------------------------------------------

    def propose(self, day=None):
        """The nightly step on a day; the people who are proposed by then."""
        self.env.flush_all()
        self.Invitation._refresh_invitations(self.company, day or self.today, self.env['key.account'])
        self.env.invalidate_all()
        return self.Invitation.search([('account_id', '=', self.account.id)], order='id').filtered(
            lambda invitation: invitation.proposed_on == (day or self.today)).partner_id.sorted('name').mapped('name')

    def make_due(self):
        self.account.with_context(tracking_disable=True).flush_recordset()
        self.env.cr.execute(SQL("UPDATE key_account SET tier_since = '2020-01-01' WHERE id = %s", self.account.id))
        self.account.invalidate_recordset()

    def test_propose(self):
        self.make_due()
        self.env['key.account.relationship'].create(
            {'account_id': self.account.id, 'user_id': self.salesperson.id, 'partner_id': self.cid.id})
        self.env.cr.execute(SQL(
            "UPDATE key_account_relationship SET strength = 50 WHERE partner_id = %s", self.cid.id))
        self.assertEqual(self.propose(), ["Ada", "Cid"], "Whom we know best, then in their order.")
        invitations = self.Invitation.search([('account_id', '=', self.account.id)])
        self.assertEqual(set(invitations.mapped('state')), {'proposed'}, "Nothing is sent by itself.")
        activity = self.account.activity_ids
        self.assertRecordValues(activity, [{
            'user_id': self.salesperson.id, 'date_deadline': date(2025, 7, 7), 'res_name': "Harbor Works",
            'activity_type_id': self.env.ref('mail.mail_activity_data_email').id}])
        self.assertEqual(self.account.invitation_count, 2)
        self.propose()
        self.assertEqual(len(self.account.activity_ids), 1, "Once.")
        invitations[0].action_cancel()
        self.assertTrue(activity.active)
        invitations[1].with_user(self.manager).action_send()
        self.assertFalse(activity.active, "Nothing is left to send.")
        self.assertEqual(self.propose(date(2025, 12, 29)), [])
        self.assertEqual(self.propose(date(2025, 12, 30)), ["Bea", "Cid"], "Who was not asked yet comes first.")

    def test_propose_whom_it_can(self):
        self.make_due()
        self.tier.satisfaction_people = 9
        self.ada.email = "nonsense"
        self.bea.key_account_left_on = self.today
        self.env['res.partner'].create({
            'name': "Box", 'parent_id': self.customer.id, 'type': 'delivery', 'email': 'box@harbor.example'})
        blocked, gone, __ = self.env['res.partner'].create([
            {'name': name, 'parent_id': self.customer.id, 'email': f'{name}@harbor.example'} for name in ("dan", "eva", "fay")])
        self.env['mail.blacklist']._add(blocked.email)
        gone.active = False
        self.assertEqual(self.propose(), ["Cid", "fay"])

    def test_propose_only_when_due(self):
        self.make_due()
        self.tell('interview', date=date(2025, 1, 1))
        self.assertEqual(self.propose(), [], "Somebody was asked in a meeting.")
        self.Feedback.search([]).date = date(2024, 12, 30)
        for vals in ({'satisfaction_months': 0}, {'satisfaction_people': 0}):
            before = self.tier.read(list(vals))[0]
            self.tier.write(vals)
            self.assertEqual(self.propose(), [])
            self.tier.write({name: before[name] for name in vals})
        self.account.user_id = False
        self.assertEqual(self.propose(), [], "There is nobody to look at it.")
        self.account.user_id = self.salesperson
        self.assertEqual(self.propose(), ["Ada", "Bea"])

    def test_propose_nobody_while_others_wait(self):
        """Proposals that nobody looked at do not pile up."""
        self.make_due()
        self.propose()
        self.assertEqual(self.propose(date(2026, 6, 30)), [])
        self.Invitation.search([]).action_cancel()
        self.assertEqual(self.propose(date(2026, 6, 30)), ["Ada", "Cid"], "Who was not asked yet, then the others.")

    def test_first_questions_are_spread(self):
        """Accounts that were never asked come due one by one over the rhythm of their tier, not all on the first night."""
        self.assertEqual(self.account.tier_since, self.today)
        wait = self.account.id % 180
        self.assertEqual(self.propose(self.today + timedelta(days=wait - 1)) if wait else [], [])
        self.assertEqual(self.propose(self.today + timedelta(days=wait)), ["Ada", "Bea"])

    def test_propose_takes_as_many_queries_for_many(self):
        def run():
            self.Invitation._refresh_invitations(self.company, self.today, self.env['key.account'])

        self.make_due()
        self.company.key_account_feedback_nightly = 10
        run()
        few = self.count_queries(run)
        accounts = self.env['key.account'].create([
            {'partner_id': self.create_customer(f"Customer {number}", ["Somebody"]).id, 'user_id': self.salesperson.id,
             'tier_id': self.tier.id} for number in range(5)])
        accounts.partner_id.child_ids.email = 'somebody@somewhere.example'
        self.env.flush_all()
        self.env.cr.execute(SQL("UPDATE key_account SET tier_since = '2020-01-01' WHERE id IN %s", tuple(accounts.ids)))
        self.assertEqual(self.count_queries(run), few)
        self.assertEqual(self.Invitation.search_count([('account_id', 'in', accounts.ids)]), 5)

    def test_so_many_per_manager_and_night(self):
        """The largest first; the others the next nights, also when a night runs twice. Who has nobody to ask holds up no one."""
        self.company.key_account_feedback_nightly = 2
        accounts = self.env['key.account'].create([
            {'partner_id': self.create_customer(f"Customer {number}", ["Somebody"]).id, 'tier_id': self.tier.id,
             'user_id': (self.salesperson if number else self.salesperson_2).id} for number in range(6)])
        accounts[:5].partner_id.child_ids.email = 'somebody@somewhere.example'
        self.env.flush_all()
        for number, account in enumerate(accounts):
            self.env.cr.execute(SQL(
                "UPDATE key_account SET tier_since = '2020-01-01', revenue = %s WHERE id = %s", number * 100, account.id))
        self.account.tier_id = False
        nights = []
        for days in (0, 0, 1, 2):
            before = self.invited(accounts)
            self.propose(self.today + timedelta(days=days))
            nights.append(self.invited(accounts) - before)
        theirs, __, third, second, first, __ = accounts
        self.assertEqual(nights, [
            theirs + second + first, accounts.browse(), accounts[1] + third, accounts.browse()])

    def invited(self, accounts):
        """:return: those of the accounts of which somebody is to be asked"""
        self.env.invalidate_all()
        return accounts & self.Invitation.search([('account_id', 'in', accounts.ids)]).account_id.sorted('id')

    def test_activity_in_the_language_of_the_manager(self):
        self.make_due()
        self.env['res.lang']._activate_lang('sl_SI')
        self.salesperson.lang = 'sl_SI'
        texts = {'en_US': "Ask", 'sl_SI': "Vprašaj"}
        with patch.object(self.registry[self.Invitation._name], '_get_proposal_summary', lambda records: (
                texts.get(records.env.lang, "Ask"))):
            self.propose()
        self.assertEqual(self.account.activity_ids.summary, "Vprašaj")
