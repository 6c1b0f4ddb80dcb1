from odoo.exceptions import AccessError
from odoo.tools.convert import convert_file

from .common import TODAY
from .risk_common import RiskCommon


class TestRiskReminders(RiskCommon):
    """Owners are reminded once of each warning, of a few a day, and of the rest in one sentence."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.key_account_reminder_limit = 2
        cls.rule = cls.use_rule('sponsor_missing')
        accounts = cls.account
        for place in range(4):
            accounts += cls.create_account(cls.create_customer(f"Customer {place}"))
        cls.risks = cls.Risk.create([{
            'account_id': account.id, 'rule_id': cls.rule.id, 'res_model': 'key.account', 'res_id': account.id,
            'amount': 100 * place, 'user_id': cls.salesperson.id, 'deadline': cls.days(7),
        } for place, account in enumerate(accounts, start=1)])

    def remind(self, today=TODAY):
        self.env.flush_all()
        self.Risk._refresh_reminders(self.company, today, self.env['key.account'])
        self.env.invalidate_all()

    def get_reminders(self, user=None):
        return self.env['mail.activity'].search([
            ('res_model', '=', 'key.account.risk'), ('res_id', 'in', self.risks.ids),
            ('user_id', '=', (user or self.salesperson).id)])

    def get_rest(self, user=None):
        return self.env['mail.activity'].search([
            ('key_account_rest_company_id', '=', self.company.id), ('user_id', '=', (user or self.salesperson).id)])

    def test_worst_first(self):
        """The two with most at stake; the other three in one sentence."""
        self.remind()
        self.assertEqual(set(self.get_reminders().mapped('res_id')), set(self.risks[-2:].ids))
        self.assertRecordValues(self.get_reminders()[:1], [{
            'summary': "Executive sponsor missing: Customer 2" if self.get_reminders()[0].res_id == self.risks[3].id
            else "Executive sponsor missing: Customer 3", 'date_deadline': self.days(7), 'automated': True}])
        self.assertEqual(self.get_rest().mapped('summary'), ["More early warnings: 3"])

    def test_severity_before_money(self):
        self.risks[0].severity = '3'
        self.remind()
        self.assertIn(self.risks[0].id, self.get_reminders().mapped('res_id'))

    def test_again_the_same_night(self):
        """Nothing more comes, also when what was given is done by then."""
        self.remind()
        self.get_reminders()[0].action_done()
        self.remind()
        self.assertEqual(len(self.get_reminders()), 1)
        self.assertEqual(len(self.get_rest()), 1)

    def test_each_once(self):
        """Night by night the next ones, until all had their turn; then nobody is asked again."""
        self.remind()
        self.remind(self.days(1))
        self.assertEqual(self.get_rest().mapped('summary'), ["More early warnings: 1"])
        self.remind(self.days(2))
        self.assertEqual(sorted(self.get_reminders().mapped('res_id')), self.risks.ids)
        self.assertFalse(self.get_rest())
        self.get_reminders().action_done()
        self.remind(self.days(3))
        self.assertFalse(self.get_reminders())

    def test_closed_and_open_again(self):
        """What is closed or quiet needs no reminder any more; what opens again is a new one."""
        self.remind()
        risk = self.risks[-1]
        self.env.flush_all()
        risk.write({'state': 'closed', 'closed_on': TODAY})
        self.remind()
        self.assertNotIn(risk.id, self.get_reminders().mapped('res_id'))
        risk.write({'state': 'open', 'opened_on': self.days(1), 'closed_on': False})
        self.remind(self.days(1))
        self.assertIn(risk.id, self.get_reminders().mapped('res_id'))

    def test_each_owner(self):
        """The limit is for each person; who has gone is not asked."""
        self.risks[:2].user_id = self.salesperson_2
        self.remind()
        self.assertEqual(len(self.get_reminders(self.salesperson_2)), 2)
        self.assertFalse(self.get_rest(self.salesperson_2))
        self.salesperson_2.active = False
        self.risks[2].user_id = self.salesperson_2
        self.remind(self.days(1))
        self.assertFalse(self.risks[2].reminded_on)

    def test_no_reminders_wanted(self):
        self.company.key_account_reminder_limit = 0
        self.remind()
        self.assertFalse(self.get_reminders())
        self.assertEqual(self.get_rest().mapped('summary'), ["More early warnings: 5"])

    def test_language_of_the_owner(self):
        self.env['res.lang']._activate_lang('nb_NO')
        self.salesperson.lang = 'nb_NO'
        self.rule.with_context(lang='nb_NO').name = "Sponsor mangler"
        self.remind()
        self.assertTrue(self.get_reminders()[0].summary.startswith("Sponsor mangler"))

    def test_first_night_of_many(self):
        """The number of queries does not depend on the number of warnings."""
        self.remind()
        few = self.count_queries(self.remind, self.days(1))
        other = self.risks.create([{
            'account_id': self.account.id, 'rule_id': self.rule.id, 'res_model': 'res.partner', 'res_id': place,
            'user_id': self.salesperson.id} for place in range(1, 30)])
        self.assertEqual(self.count_queries(self.remind, self.days(2)), few)
        self.assertTrue(other)

    def test_digest(self):
        """The digest mail counts what opened in its days, for those who may see it."""
        digest = self.env['digest.digest'].with_user(self.manager).sudo().create({
            'name': "Weekly", 'company_id': self.company.id, 'kpi_key_account_warnings': True,
            'kpi_key_account_at_stake': True})
        self.risks[0].opened_on = self.days(-40)
        figures = digest.with_context(start_datetime=self.days(-7), end_datetime=self.days(1))
        self.assertRecordValues(figures, [
            {'kpi_key_account_warnings_value': 4, 'kpi_key_account_at_stake_value': 1400}])
        self.assertIn('kpi_key_account_at_stake', digest._compute_kpis_actions(self.company, self.manager))
        with self.assertRaises(AccessError):
            digest.with_user(self.employee).sudo(False).read(['kpi_key_account_warnings_value'])

    def test_digest_that_was_deleted(self):
        """Somebody has deleted Odoo's own digest: the addon installs all the same."""
        self.env.ref('digest.digest_digest_default').unlink()
        convert_file(self.env, 'key_account_care', 'data/digest_data.xml', {}, mode='init')
        self.assertFalse(self.env.ref('digest.digest_digest_default', raise_if_not_found=False))
