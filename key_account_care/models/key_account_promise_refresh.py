from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountPromise(models.Model):
    """The nightly step: whoever has to keep a promise is asked whether it will hold, and afterwards whether it was kept."""
    _inherit = 'key.account.promise'

    @api.model
    def _refresh_promises(self, company, today, accounts):
        """Ask our person, or else the key account manager: once before a promise is due, and once when it is over.

        Whoever has not answered the first question yet is not asked the second.

        :param res.company company: company of the promises
        :param date today: day of the run
        :param key.account accounts: only theirs; empty for all of the company
        """
        self.env.cr.execute(SQL(
            """
            WITH due AS (
                SELECT promise.id, promise.name, promise.date_due, asked.user_id, asked.lang, asked.tz,
                       CASE WHEN promise.date_due < %(today)s THEN 'over' ELSE promise.direction END AS question
                  FROM key_account_promise promise
                  JOIN key_account account ON account.id = promise.account_id
            CROSS JOIN LATERAL (%(asked)s) asked
                 WHERE %(scope)s AND account.active AND promise.company_id = %(company)s AND promise.state = 'open'
                   AND promise.date_due <= %(until)s AND (%(before)s OR %(after)s)
            FOR UPDATE OF promise
            ), noted AS (
                UPDATE key_account_promise promise SET asked_on = %(today)s FROM due WHERE due.id = promise.id
            )
            INSERT INTO mail_activity (
                   res_model_id, res_model, res_id, res_name, activity_type_id, summary, date_deadline, user_id, user_tz,
                   automated, active, create_uid, create_date, write_uid, write_date)
            SELECT %(model)s, 'key.account.promise', due.id, due.name, %(type)s, question.text,
                   GREATEST(%(today)s, due.date_due - 1), due.user_id, due.tz, TRUE, TRUE, %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM due
              JOIN LATERAL (SELECT question.text FROM (VALUES %(questions)s) question (lang, kind, text)
                             WHERE question.kind = due.question
                          ORDER BY question.lang = due.lang DESC NULLS LAST, question.lang = 'en_US' DESC LIMIT 1
                   ) question ON TRUE
            """,
            today=today, until=fields.Date.add(today, days=company.key_account_promise_days), company=company.id,
            scope=accounts._get_scope(company), asked=self._asked_sql(), questions=self._questions_sql(),
            before=SQL("promise.asked_on IS NULL AND promise.forecast IS NULL"), after=self._after_sql(today),
            model=self.env['ir.model']._get_id(self._name), uid=self.env.uid, now=fields.Datetime.now(),
            type=self.env['ir.model.data']._xmlid_to_res_id('mail.mail_activity_data_todo') or None))

    @api.model
    def _after_sql(self, today):
        """It is over, also the later day that was named, and nobody was asked since, or is still asked."""
        return SQL(
            """
            (COALESCE(promise.expected_on, promise.date_due) < %s
             AND COALESCE(promise.asked_on <= COALESCE(promise.expected_on, promise.date_due), TRUE)
             AND NOT EXISTS (SELECT FROM mail_activity activity
                              WHERE activity.res_model = 'key.account.promise' AND activity.res_id = promise.id
                                AND activity.active AND activity.automated))
            """, today)

    @api.model
    def _asked_sql(self):
        """Who is asked: our person, or the key account manager when that one is gone."""
        return SQL(
            """
            SELECT person.id AS user_id, partner.lang, partner.tz
              FROM res_users person
              JOIN res_partner partner ON partner.id = person.partner_id
             WHERE person.active AND person.id IN (promise.user_id, account.user_id)
          ORDER BY person.id = promise.user_id DESC NULLS LAST LIMIT 1
            """)

    @api.model
    def _questions_sql(self):
        """The questions in all languages that are in use, as rows of language, kind and text."""
        rows = []
        for lang, __ in self.env['res.lang'].get_installed():
            env = self.with_context(lang=lang).env
            rows += [
                SQL("(%s, 'we', %s)", lang, env._("Will this promise hold?")),
                SQL("(%s, 'they', %s)", lang, env._("Will they keep this promise?")),
                SQL("(%s, 'over', %s)", lang, env._("Was this promise kept?")),
            ]
        return SQL(", ").join(rows)
