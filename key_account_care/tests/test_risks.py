from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import users
from odoo.tools import SQL

from .common import TODAY
from .risk_common import RiskCommon

LOGGER = 'odoo.addons.key_account_care.models.key_account_risk_refresh'


class TestRisks(RiskCommon):
    """What the rules find is one record for each cause, whatever nights and people do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.use_rule('single_thread', threshold=80)
        cls.other = cls.create_account(cls.create_customer("Anchor Hotel"))
        cls.set_thread(cls.account, 0.9)

    @classmethod
    def set_thread(cls, account, share, revenue=1000.0):
        cls.env.flush_all()
        cls.env.cr.execute(SQL(
            "UPDATE key_account SET thread = %s, top_ours_share = %s, top_theirs_share = 0, revenue = %s WHERE id = %s",
            'ours' if share else 'several', share, revenue, account.id))
        cls.env.invalidate_all()

    def snapshot(self):
        self.env.flush_all()
        return self.env.execute_query(SQL(
            "SELECT ctid::text, to_jsonb(risk) FROM key_account_risk risk WHERE company_id = %s ORDER BY id", self.company.id))

    # ------------------------------------------------------------
    # Nights
    # ------------------------------------------------------------

    def test_found(self):
        """A cause is found with its money, its owner and its day."""
        self.detect()
        self.assertRecordValues(self.get_risks(self.rule), [{
            'account_id': self.account.id, 'amount': 900.0, 'severity': '2', 'state': 'open', 'opened_on': TODAY,
            'deadline': TODAY + timedelta(days=60), 'user_id': self.salesperson.id, 'topic': 'relationship',
            'reason': "One person holds 90 % of all that connects us."}])
        self.assertEqual(self.account.risk_count, 1)

    def test_sentence_without_its_source(self):
        """Whoever may not see the source reads what it is."""
        self.detect()
        self.rule.message = "{source}: {held_share}."
        risk = self.get_risks(self.rule)
        self.assertEqual(risk.reason, f"{self.account.display_name}: 90 %.")
        risk.res_id = 0
        self.assertEqual(risk.reason, f"{self.env['key.account']._description}: 90 %.")

    def test_same_night_again_writes_nothing(self):
        self.detect()
        before = self.snapshot()
        self.detect()
        self.assertEqual(self.snapshot(), before)

    def test_other_facts_are_the_same_warning(self):
        self.detect()
        risk = self.get_risks(self.rule)
        self.set_thread(self.account, 0.8)
        self.detect(self.days(1))
        self.assertEqual(self.get_risks(self.rule), risk)
        self.assertRecordValues(risk, [{'amount': 800.0, 'opened_on': TODAY, 'open_count': 1}])

    def test_closes_and_comes_back(self):
        """What vanishes is closed; what returns is the same record, with its history and a new deadline."""
        self.detect()
        risk = self.get_risks(self.rule)
        self.set_thread(self.account, 0)
        self.detect(self.days(1))
        self.assertRecordValues(risk, [{'state': 'closed', 'closed_on': self.days(1)}])
        self.set_thread(self.account, 0.9)
        self.detect(self.days(2))
        self.assertRecordValues(risk, [{
            'state': 'open', 'closed_on': False, 'opened_on': self.days(2), 'deadline': self.days(62), 'open_count': 2}])
        self.assertEqual([(entry['date'], entry['event']) for entry in risk.history], [
            (str(TODAY), 'open'), (str(self.days(1)), 'closed'), (str(self.days(2)), 'open')])

    def test_some_accounts_only(self):
        """*Refresh now* on one account leaves the warnings of the others alone."""
        self.set_thread(self.other, 0.9)
        self.detect()
        self.set_thread(self.account, 0)
        self.set_thread(self.other, 0)
        self.detect(accounts=self.other)
        self.assertEqual(self.get_risks(self.rule).account_id, self.account)

    def test_archived_account(self):
        self.detect()
        self.customer.active = False
        self.detect()
        self.assertFalse(self.get_risks(self.rule))

    def test_rule_off(self):
        self.detect()
        self.rule.active = False
        self.detect()
        self.assertFalse(self.get_risks(self.rule))
        self.assertTrue(self.get_risks(self.rule, 'closed'))

    def test_tiers(self):
        """A rule for some tiers looks at their accounts only."""
        best, rest = self.set_tiers({'rule': 'manual'}, {'rule': 'manual'})
        self.set_thread(self.other, 0.9)
        self.account._write_tier(best)
        self.other._write_tier(rest)
        self.rule.tier_ids = best
        self.assertFound(self.rule, self.account)

    def test_company(self):
        """A rule of another company finds nothing here."""
        self.rule.company_id = self.create_company("Other", self.company.currency_id)
        self.assertFound(self.rule)

    def test_failing_rule_keeps_its_warnings(self):
        self.detect()
        with patch.object(self.registry['key.account.risk.rule'], '_detect_single_thread', lambda *args: SQL("broken")), \
                self.assertLogs(LOGGER, 'ERROR'), self.assertLogs('odoo.sql_db', 'ERROR'):
            self.detect(self.days(1))
        self.assertEqual(len(self.get_risks(self.rule)), 1)

    def get_rows(self):
        """What a night has left: all but where it stands."""
        return self.env.execute_query(SQL(
            """SELECT rule_id, account_id, res_model, res_id, amount, severity, user_id, state, opened_on, deadline, history
                 FROM key_account_risk WHERE company_id = %s ORDER BY rule_id, account_id""", self.company.id))

    def test_killed_half_way(self):
        """A night that ends at any of its steps leaves nothing; the next one leaves what a clean one would have."""
        self.detect()
        self.set_thread(self.account, 0)
        self.set_thread(self.other, 0.9)
        with self.env.cr.savepoint() as clean:
            self.detect(self.days(1))
            expected = self.get_rows()
            clean.rollback()
        self.env.invalidate_all()
        for step in ('_update_found', '_open_found', '_close_vanished', '_wake_snoozed'):
            with self.subTest(step=step), patch.object(self.registry['key.account.risk'], step, side_effect=KeyboardInterrupt), \
                    self.assertRaises(KeyboardInterrupt), self.env.cr.savepoint():
                self.detect(self.days(1))
        self.detect(self.days(1))
        self.assertEqual(self.get_rows(), expected)
        self.assertEqual(sorted(row[7] for row in expected), ['closed', 'open'])

    def test_all_rules_look(self):
        """No rule fails on what there is: lines with and without product, orders, credit notes."""
        self.Rule.with_context(active_test=False).search([]).active = True
        for customer in (self.customer, self.other.partner_id):
            for back in (10, 40, 400):
                self.create_order(customer, self.days(-back), 100.0)
                self.create_invoice(customer, self.days(-back), 100.0)
                self.create_invoice(customer, self.days(-back), 100.0, product=self.product)
            self.create_credit_note(customer, self.days(-5), 50.0)
        with self.assertNoLogs(LOGGER, 'ERROR'):
            self.detect()

    def test_severity_of_the_cause(self):
        """A detector may find some causes worse than its rule says."""
        worse = SQL(
            """SELECT id AS account_id, 'key.account' AS res_model, id AS res_id, 5 AS amount,
                      '{"severity": "3"}'::jsonb AS facts FROM key_account WHERE id = %s""", self.account.id)
        with patch.object(self.registry['key.account.risk.rule'], '_detect_single_thread', lambda *args: worse):
            self.detect()
        self.assertRecordValues(self.get_risks(self.rule), [{'severity': '3', 'facts': {}, 'amount': 5}])

    # ------------------------------------------------------------
    # Owners
    # ------------------------------------------------------------

    def test_owner_of_the_rule(self):
        self.rule.owner = 'sponsor'
        self.detect()
        self.assertEqual(self.get_risks(self.rule).user_id, self.salesperson)  # there is no sponsor yet
        self.account.sponsor_id = self.manager
        self.detect()
        self.assertEqual(self.get_risks(self.rule).user_id, self.manager)
        self.rule.write({'owner': 'user', 'user_id': self.salesperson_2.id})
        self.detect()
        self.assertEqual(self.get_risks(self.rule).user_id, self.salesperson_2)
        self.salesperson_2.active = False
        self.detect()
        self.assertEqual(self.get_risks(self.rule).user_id, self.salesperson)

    def test_owner_by_hand_stays(self):
        self.detect()
        risk = self.get_risks(self.rule)
        risk.with_user(self.salesperson).user_id = self.salesperson_2
        self.account.user_id = self.manager
        self.detect()
        self.assertEqual(risk.user_id, self.salesperson_2)

    def test_owner_and_deadline_of_the_cause(self):
        """Where the cause itself has an owner and a day, these go before those of the rule, as long as that person is here."""
        named = SQL(
            """SELECT id AS account_id, 'key.account' AS res_model, id AS res_id, 5 AS amount,
                      jsonb_build_object('owner_id', %s, 'deadline', %s) AS facts FROM key_account WHERE id = %s""",
            self.salesperson_2.id, self.days(3), self.account.id)
        with patch.object(self.registry['key.account.risk.rule'], '_detect_single_thread', lambda *args: named):
            self.detect()
            self.assertRecordValues(self.get_risks(self.rule), [{
                'user_id': self.salesperson_2.id, 'deadline': self.days(3), 'facts': {}}])
            self.salesperson_2.active = False
            self.detect()
        self.assertEqual(self.get_risks(self.rule).user_id, self.salesperson)

    # ------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------

    def decide(self, risk, decision, **vals):
        self.env['key.account.risk.decide'].with_user(self.salesperson).create({
            'risk_ids': risk.ids, 'decision': decision, 'reason': "They move", **vals}).action_apply()

    def test_snooze(self):
        """Quiet until its day, then open again."""
        self.detect()
        risk = self.get_risks(self.rule)
        self.decide(risk, 'snooze', until=self.days(10))
        self.detect(self.days(9))
        self.assertRecordValues(risk, [{'state': 'snoozed', 'decision_reason': "They move"}])
        self.detect(self.days(10))
        self.assertRecordValues(risk, [{'state': 'open', 'snooze_until': False, 'opened_on': TODAY}])

    def test_snooze_needs_a_later_day(self):
        self.detect()
        for until in (False, TODAY):
            with self.assertRaisesRegex(UserError, "later day"):
                self.decide(self.get_risks(self.rule), 'snooze', until=until)

    def test_snoozed_and_gone(self):
        """A cause that vanishes closes the warning, snoozed or accepted as it may be."""
        self.detect()
        risk = self.get_risks(self.rule)
        for decision in ('snooze', 'accept'):
            self.decide(risk, decision)
            self.set_thread(self.account, 0)
            self.detect()
            self.assertEqual(risk.state, 'closed')
            self.set_thread(self.account, 0.9)
            self.detect()
            self.assertEqual(risk.state, 'open')

    def test_accept(self):
        self.detect()
        risk = self.get_risks(self.rule)
        self.decide(risk, 'accept')
        self.detect(self.days(100))
        self.assertEqual(risk.state, 'accepted')
        self.assertFalse(self.account.risk_count)
        risk.with_user(self.salesperson).action_reopen()
        self.assertEqual(risk.state, 'open')

    def test_not_for_this_account(self):
        """The rule leaves the account alone from now on, and looks again when the exception is deleted."""
        self.set_thread(self.other, 0.9)
        self.detect()
        risk = self.get_risks(self.rule).filtered(lambda risk: risk.account_id == self.account)
        self.decide(risk, 'except')
        self.assertEqual(risk.state, 'closed')
        self.decide(risk, 'except')  # somebody else had the same page open
        self.assertFound(self.rule, self.other)
        self.env['key.account.risk.exception'].search([('account_id', '=', self.account.id)]).unlink()
        self.assertFound(self.rule, self.account, self.other)

    # ------------------------------------------------------------
    # By hand, rights
    # ------------------------------------------------------------

    @users('ka_salesperson')
    def test_by_hand(self):
        """What people add stays until they close it."""
        risk = self.Risk.with_user(self.env.user).create({
            'account_id': self.account.id, 'name': "Their new buyer comes from a competitor", 'amount': 500})
        self.detect(self.days(1))
        self.assertRecordValues(risk, [{'state': 'open', 'reason': "Their new buyer comes from a competitor"}])
        with self.assertRaisesRegex(UserError, "has no rule"):
            self.decide(risk, 'except')
        risk.amount = 600
        risk.action_close()
        self.assertRecordValues(risk, [{'state': 'closed', 'closed_on': TODAY}])
        with self.assertRaisesRegex(UserError, "few words"):
            self.Risk.with_user(self.env.user).create({'account_id': self.account.id})

    def test_facts_are_not_typed(self):
        self.detect()
        risk = self.get_risks(self.rule).with_user(self.salesperson)
        for vals in ({'amount': 0}, {'severity': '1'}, {'state': 'closed'}, {'rule_id': False}):
            with self.assertRaises(AccessError):
                risk.write(vals)
        with self.assertRaisesRegex(UserError, "closes by itself"):
            risk.action_close()
        with self.assertRaises(AccessError):
            self.Risk.with_user(self.salesperson).create({'account_id': self.account.id, 'rule_id': self.rule.id})
        risk.write({'note': "<p>Called them</p>", 'deadline': self.days(3)})

    def test_others_accounts(self):
        """Salespeople see the warnings of their accounts and what they own; employees see none."""
        self.detect()
        risk = self.get_risks(self.rule)
        self.assertFalse(self.Risk.with_user(self.salesperson_2).search([('id', '=', risk.id)]))
        risk.user_id = self.salesperson_2
        self.assertTrue(self.Risk.with_user(self.salesperson_2).search([('id', '=', risk.id)]))
        self.assertTrue(self.Risk.with_user(self.manager).search([('id', '=', risk.id)]))
        with self.assertRaises(AccessError):
            self.Risk.with_user(self.employee).search([])

    def test_source_that_may_not_be_read(self):
        """The name of a record is not told to those who may not open it."""
        self.detect()
        risk = self.get_risks(self.rule)
        self.env.cr.execute(SQL(
            "UPDATE key_account_risk SET res_model = 'res.users.log', res_id = 1 WHERE id = %s", risk.id))
        risk.invalidate_recordset()
        self.assertFalse(risk.with_user(self.salesperson).source)

    def test_source_that_is_gone(self):
        self.detect()
        risk = self.get_risks(self.rule)
        self.env.cr.execute(SQL("UPDATE key_account_risk SET res_model = 'sale.order', res_id = 0 WHERE id = %s", risk.id))
        risk.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "is gone"):
            risk.action_open_source()

    def test_source_of_somebody_else(self):
        """Whoever may not see the order of a warning is told so in our words."""
        order = self.env['sale.order'].create({'partner_id': self.customer.id, 'user_id': self.salesperson_2.id})
        risk = self.Risk.create({'account_id': self.account.id, 'name': "Too dear"})
        self.env.flush_all()
        self.update(risk, res_model='sale.order', res_id=order.id)
        risk.invalidate_recordset()
        self.assertEqual(risk.action_fix()['res_id'], order.id)
        with self.assertRaisesRegex(UserError, "belongs to somebody else"):
            risk.with_user(self.salesperson).action_fix()

    def test_rule_with_history_stays(self):
        self.detect()
        with self.assertRaisesRegex(UserError, "Switch it off"):
            self.rule.unlink()

    def test_new_rule_begins_like_its_kind(self):
        rule = self.Rule.new({'kind': 'single_thread'})
        rule._onchange_kind()
        self.assertRecordValues(rule, [{'threshold': 80, 'unit': 'percent', 'message': self.rule.message}])

    def test_merged_customers(self):
        """What a person has added moves to the account that stays."""
        risk = self.Risk.create({'account_id': self.other.id, 'name': "New buyer"})
        self.account._absorb(self.other)
        self.assertEqual(risk.account_id, self.account)

    def test_any_number_of_queries(self):
        """A night takes as many queries for many accounts as for one, and so does a list."""
        self.detect()
        few = self.count_queries(self.detect, self.days(1))
        for place in range(5):
            self.set_thread(self.create_account(self.create_customer(f"Customer {place}")), 0.9)
        many = self.count_queries(self.detect, self.days(2))
        self.assertEqual(few, many)
        names = ['display_name', 'reason', 'source', 'amount']
        risks = self.get_risks(self.rule)
        self.assertEqual(
            self.count_queries(risks[:1].read, names), self.count_queries(risks.read, names))
