import logging

from odoo import api, fields, models
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

MANY = 1000  # rows from which PostgreSQL has to know of them before it plans the next statement
CAUSE = SQL(
    "(found.rule_id, found.account_id, found.res_model, found.res_id)"
    " = (risk.rule_id, risk.account_id, risk.res_model, risk.res_id)")


class KeyAccountRisk(models.Model):
    """The nightly step: what the rules find is opened, brought up to date, closed and opened again as the same record."""
    _inherit = 'key.account.risk'

    @api.model
    def _refresh_risks(self, company, today, accounts):
        """Let all rules look, then bring the warnings in line with what they have found.

        What a rule that failed had found before stays as it is.

        :param res.company company: company of the accounts
        :param date today: day of the run
        :param key.account accounts: only these; empty for all of the company
        """
        scope = accounts._get_scope(company)
        failed = self._find(company, today, accounts)
        self._update_found(today)
        self._open_found(company, today)
        self._close_vanished(company, today, scope, failed)
        self._wake_snoozed(today, scope)
        self.env.cr.execute("DROP TABLE key_account_risk_found")
        self.env['key.account.risk.rule']._drop_sources()

    @api.model
    def _find(self, company, today, accounts):
        """Fill the table ``key_account_risk_found``.

        :return: key.account.risk.rule that failed
        """
        scope = accounts._get_scope(company)
        self.env.cr.execute("""
            CREATE TEMPORARY TABLE key_account_risk_found (
                   rule_id integer, account_id integer, res_model varchar, res_id integer, amount numeric, facts jsonb,
                   severity varchar, named_id integer, deadline date,
                   PRIMARY KEY (rule_id, account_id, res_model, res_id)) ON COMMIT DROP
            """)
        rules = self.env['key.account.risk.rule'].with_company(company).search([('company_id', 'in', [False, company.id])])
        failed = rules.browse()
        try:
            with self.env.cr.savepoint():
                rules._create_sources(company, today, accounts)
        except Exception:  # the rules that need them fail in their turn
            _logger.exception("What several rules look at could not be gathered for %s", company.name)
        for rule in rules:
            try:
                with self.env.cr.savepoint():
                    self._find_of(rule, scope, today)
            except Exception:  # whatever stops one rule must not stop the others
                _logger.exception("Rule %s of %s failed; its warnings stay as they were", rule.name, company.name)
                failed += rule
        self.env.cr.execute("ANALYZE key_account_risk_found")
        return failed

    @api.model
    def _find_of(self, rule, scope, today):
        # a table of its own: PostgreSQL computes it in parallel where it can, which it never does for an INSERT
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY TABLE key_account_risk_seen ON COMMIT DROP AS %s", rule._get_found_sql(scope, today)))
        self.env.cr.execute("INSERT INTO key_account_risk_found SELECT * FROM key_account_risk_seen ON CONFLICT DO NOTHING")
        self.env.cr.execute("DROP TABLE key_account_risk_seen")

    @api.model
    def _update_found(self, today):
        """What was found before and is changed by now, snoozed or accepted as it may be; what was closed opens again."""
        self.env.cr.execute(SQL(
            """
            UPDATE key_account_risk risk
               SET amount = found.amount, facts = found.facts, severity = found.severity, user_id = %(owner)s,
                   state = CASE WHEN risk.state = 'closed' THEN 'open' ELSE risk.state END,
                   opened_on = CASE WHEN risk.state = 'closed' THEN %(today)s ELSE risk.opened_on END,
                   deadline = CASE WHEN risk.state = 'closed' THEN found.close_until ELSE risk.deadline END,
                   history = CASE WHEN risk.state = 'closed' THEN risk.history || %(event)s ELSE risk.history END,
                   closed_on = NULL, write_uid = %(uid)s, write_date = %(now)s
              FROM (%(found)s) found
             WHERE %(cause)s
               AND (risk.state = 'closed' OR (risk.amount, risk.facts, risk.severity, risk.user_id)
                    IS DISTINCT FROM (found.amount, found.facts, found.severity, %(owner)s))
            """, today=today, found=self._found_sql(today), cause=CAUSE, event=self._event_sql('open', today),
            owner=SQL("CASE WHEN risk.is_assigned THEN risk.user_id ELSE found.owner_id END"),
            uid=self.env.uid, now=fields.Datetime.now()))

    @api.model
    def _open_found(self, company, today):
        # sorted, so that all are looked up before the first is written: on the first night the table grows from nothing, which
        # PostgreSQL did not plan for
        self.env.cr.execute(SQL(
            """
            INSERT INTO key_account_risk (
                   rule_id, account_id, company_id, topic, res_model, res_id, amount, facts, severity, user_id, state,
                   opened_on, deadline, history, create_uid, create_date, write_uid, write_date)
            SELECT found.rule_id, found.account_id, %(company)s, found.topic, found.res_model, found.res_id, found.amount,
                   found.facts, found.severity, found.owner_id, 'open', %(today)s, found.close_until, %(event)s,
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM (%(found)s) found
             WHERE NOT EXISTS (SELECT FROM key_account_risk risk WHERE %(cause)s)
          ORDER BY found.account_id, found.severity DESC, found.amount DESC
            ON CONFLICT DO NOTHING
            """, company=company.id, today=today, found=self._found_sql(today), cause=CAUSE,
            event=self._event_sql('open', today), uid=self.env.uid, now=fields.Datetime.now()))
        if self.env.cr.rowcount > MANY:
            self.env.cr.execute("ANALYZE key_account_risk")  # else the next statement takes the table for empty

    @api.model
    def _close_vanished(self, company, today, scope, failed):
        """What is found no more, also because its rule was switched off or excepted."""
        self.env.cr.execute(SQL(
            """
            UPDATE key_account_risk risk
               SET state = 'closed', closed_on = %(today)s, snooze_until = NULL, history = risk.history || %(event)s,
                   write_uid = %(uid)s, write_date = %(now)s
              FROM key_account account
             WHERE account.id = risk.account_id AND %(scope)s AND risk.company_id = %(company)s
               AND risk.rule_id IS NOT NULL AND risk.rule_id <> ALL(%(failed)s) AND risk.state <> 'closed'
               AND NOT EXISTS (SELECT FROM key_account_risk_found found WHERE %(cause)s)
            """, company=company.id, today=today, scope=scope, failed=failed.ids, cause=CAUSE,
            event=self._event_sql('closed', today), uid=self.env.uid, now=fields.Datetime.now()))

    @api.model
    def _wake_snoozed(self, today, scope):
        self.env.cr.execute(SQL(
            """
            UPDATE key_account_risk risk
               SET state = 'open', snooze_until = NULL, history = risk.history || %(event)s,
                   write_uid = %(uid)s, write_date = %(now)s
              FROM key_account account
             WHERE account.id = risk.account_id AND %(scope)s
               AND risk.state = 'snoozed' AND risk.snooze_until <= %(today)s
            """, today=today, scope=scope, event=self._event_sql('woken', today), uid=self.env.uid,
            now=fields.Datetime.now()))

    @api.model
    def _found_sql(self, today):
        """What was found, with its owner: whom the cause names, else whom the rule does, else the manager; who is there."""
        return SQL(
            """
            SELECT found.*, rule.topic, COALESCE(found.deadline, %(today)s + rule.days_to_close) AS close_until,
                   COALESCE(named.id, wanted.id, manager.id) AS owner_id
              FROM key_account_risk_found found
              JOIN key_account_risk_rule rule ON rule.id = found.rule_id
              JOIN key_account account ON account.id = found.account_id
         LEFT JOIN res_users manager ON manager.id = account.user_id AND manager.active
         LEFT JOIN res_users named ON named.id = found.named_id AND named.active
         LEFT JOIN res_users wanted ON wanted.active
                   AND wanted.id = CASE rule.owner WHEN 'sponsor' THEN account.sponsor_id WHEN 'user' THEN rule.user_id END
            """, today=today)

    @api.model
    def _event_sql(self, event, today):
        return SQL("jsonb_build_array(jsonb_build_object('date', %s::text, 'event', %s::text))", str(today), event)
