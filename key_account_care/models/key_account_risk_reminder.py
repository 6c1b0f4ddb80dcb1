from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountRisk(models.Model):
    """The nightly step that reminds owners: one activity for each warning, once, a few a day; the rest in one sentence."""
    _inherit = 'key.account.risk'

    reminded_on = fields.Date(readonly=True, copy=False, help="When the owner was last asked to close it.")

    @api.model
    def _refresh_reminders(self, company, today, accounts):
        """Plan an activity for the worst warnings that their owners were not asked about since they opened.

        Nobody gets more than the setting a day; one personal activity tells how many more there are.

        :param res.company company: company of the warnings
        :param date today: day of the run
        :param key.account accounts: only theirs; empty for all of the company
        """
        self._forget_reminders(company)
        self._remind(company, today, accounts._get_scope(company))
        self._summarize_rest(company, today)

    @api.model
    def _forget_reminders(self, company):
        """Nobody is asked any more to close what is closed."""
        self.env.cr.execute(SQL(
            """
            DELETE FROM mail_activity activity
             USING key_account_risk risk
             WHERE activity.res_model = 'key.account.risk' AND activity.res_id = risk.id AND activity.automated
               AND activity.active AND risk.company_id = %s AND risk.state <> 'open'
            """, company.id))

    @api.model
    def _remind(self, company, today, scope):
        self.env.cr.execute(SQL(
            """
            WITH given AS (
                SELECT user_id, COUNT(*) AS number FROM key_account_risk
                 WHERE company_id = %(company)s AND reminded_on = %(today)s GROUP BY user_id
            ), chosen AS (
                SELECT ranked.* FROM (
                    SELECT risk.id, risk.user_id, risk.rule_id, risk.account_id, risk.deadline,
                           COALESCE(given.number, 0) AS given,
                           ROW_NUMBER() OVER (PARTITION BY risk.user_id
                                                  ORDER BY risk.severity DESC, risk.amount DESC NULLS LAST, risk.id) AS place
                      FROM key_account_risk risk
                      JOIN key_account account ON account.id = risk.account_id
                 LEFT JOIN given ON given.user_id = risk.user_id
                     WHERE %(scope)s AND %(waiting)s
                ) ranked WHERE place + given <= %(limit)s
            ), noted AS (
                UPDATE key_account_risk risk SET reminded_on = %(today)s FROM chosen WHERE chosen.id = risk.id
            )
            INSERT INTO mail_activity (
                   res_model_id, res_model, res_id, res_name, activity_type_id, summary, date_deadline, user_id, user_tz,
                   automated, active, create_uid, create_date, write_uid, write_date)
            SELECT %(model)s, 'key.account.risk', chosen.id, name.text, %(type)s, name.text || ': ' || customer.complete_name,
                   GREATEST(%(today)s, COALESCE(chosen.deadline, %(today)s)), chosen.user_id, person.tz, TRUE, TRUE,
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM chosen
              JOIN key_account account ON account.id = chosen.account_id
              JOIN res_partner customer ON customer.id = account.partner_id
              JOIN key_account_risk_rule rule ON rule.id = chosen.rule_id
              JOIN res_users employee ON employee.id = chosen.user_id
              JOIN res_partner person ON person.id = employee.partner_id
        CROSS JOIN LATERAL (SELECT COALESCE(rule.name ->> person.lang, rule.name ->> 'en_US') AS text) name
            """, company=company.id, today=today, scope=scope, waiting=self._waiting_sql(company),
            limit=company.key_account_reminder_limit, model=self.env['ir.model']._get_id(self._name),
            type=self._get_todo_id(), uid=self.env.uid, now=fields.Datetime.now()))

    @api.model
    def _waiting_sql(self, company):
        """Open, of a rule, with an owner who works here and was not asked since it opened."""
        return SQL(
            """
            risk.company_id = %s AND risk.state = 'open' AND risk.rule_id IS NOT NULL
            AND (risk.reminded_on IS NULL OR risk.reminded_on < risk.opened_on)
            AND EXISTS (SELECT FROM res_users owner WHERE owner.id = risk.user_id AND owner.active)
            """, company.id)

    @api.model
    def _summarize_rest(self, company, today):
        """One personal activity for each owner with more warnings than the limit, brought up to date and taken away."""
        rest = SQL(
            """
            SELECT risk.user_id, COUNT(*) AS number FROM key_account_risk risk WHERE %s GROUP BY risk.user_id
            """, self._waiting_sql(company))
        told = SQL(
            """
            SELECT rest.user_id, REPLACE(sentence.text, '{count}', rest.number::text) AS summary, partner.tz
              FROM (%s) rest
              JOIN res_users person ON person.id = rest.user_id
              JOIN res_partner partner ON partner.id = person.partner_id
        CROSS JOIN LATERAL (SELECT sentence.text FROM (VALUES %s) sentence (lang, text)
                          ORDER BY sentence.lang = partner.lang DESC NULLS LAST, sentence.lang = 'en_US' DESC LIMIT 1) sentence
            """, rest, self._sentences_sql())
        mine = SQL("activity.key_account_rest_company_id = %s AND activity.active", company.id)
        self.env.cr.execute(SQL(
            "DELETE FROM mail_activity activity WHERE %s AND NOT EXISTS ("
            "SELECT FROM (%s) rest WHERE rest.user_id = activity.user_id)", mine, rest))
        self.env.cr.execute(SQL(
            "UPDATE mail_activity activity SET summary = told.summary FROM (%s) told"
            " WHERE %s AND told.user_id = activity.user_id AND activity.summary <> told.summary", told, mine))
        self.env.cr.execute(SQL(
            """
            INSERT INTO mail_activity (
                   activity_type_id, summary, date_deadline, user_id, user_tz, automated, active, key_account_rest_company_id,
                   create_uid, create_date, write_uid, write_date)
            SELECT %(type)s, told.summary, %(today)s, told.user_id, told.tz, TRUE, TRUE, %(company)s,
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM (%(told)s) told
             WHERE NOT EXISTS (SELECT FROM mail_activity activity WHERE %(mine)s AND activity.user_id = told.user_id)
            """, type=self._get_todo_id(), today=today, company=company.id, told=told, mine=mine, uid=self.env.uid,
            now=fields.Datetime.now()))

    @api.model
    def _get_todo_id(self):
        return self.env['ir.model.data']._xmlid_to_res_id('mail.mail_activity_data_todo') or None

    @api.model
    def _sentences_sql(self):
        """The sentence in all languages that are in use, as rows of language and text."""
        return SQL(", ").join(
            SQL("(%s, %s)", lang, self.with_context(lang=lang).env._("More early warnings: %(count)s", count='{count}'))
            for lang, __ in self.env['res.lang'].get_installed())
