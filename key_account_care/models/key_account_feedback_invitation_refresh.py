from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

DAYS_TO_SEND = 7


class KeyAccountFeedbackInvitation(models.Model):
    """The nightly step: whom to ask next is proposed to the key account manager, and mails that failed are tried again."""
    _inherit = 'key.account.feedback.invitation'

    @api.model
    def _refresh_invitations(self, company, today, accounts):
        """Propose whom to ask, as often as the tiers say. Nothing is sent that nobody has looked at.

        :param res.company company: company of the accounts
        :param date today: day of the run
        :param key.account accounts: only these; empty for all of the company
        """
        self._retry_mails(company, today)
        self._propose(company, today, accounts._get_scope(company))

    @api.model
    def _retry_mails(self, company, today):
        """Put mails that could not be sent back into Odoo's queue, while their links work."""
        # sudo: the run works for everybody, whoever started it
        self.sudo().search([
            ('company_id', '=', company.id), ('state', '=', 'sent'), ('expires_on', '>=', today),
            ('mail_id.state', '=', 'exception')]).mail_id.mark_outgoing()

    @api.model
    def _propose(self, company, today, scope):
        """Insert an activity for each account whose turn it is, and the invitations that it is about, in one statement.

        :param res.company company: company of the accounts
        :param date today: day of the run
        :param SQL scope: condition on ``account``
        """
        email = self.env.ref('mail.mail_activity_data_email', raise_if_not_found=False)
        stamp = SQL("%(uid)s, %(now)s, %(uid)s, %(now)s", uid=self.env.uid, now=fields.Datetime.now())
        self.env.cr.execute(SQL(
            """
            WITH due AS MATERIALIZED (%(due)s), ranked AS (%(ranked)s), able AS MATERIALIZED (
                SELECT * FROM ranked WHERE place <= people
            ), chosen AS MATERIALIZED (
                SELECT * FROM able WHERE account_id IN (%(turns)s)
            ), activity AS (
                INSERT INTO mail_activity (res_model_id, res_model, res_id, res_name, activity_type_id, user_id, summary,
                                           date_deadline, automated, active, create_uid, create_date, write_uid, write_date)
                     SELECT %(model)s, 'key.account', due.id, customer.name, %(type)s, due.user_id,
                            COALESCE(summary.text, %(summary)s), %(deadline)s, TRUE, TRUE, %(stamp)s
                       FROM due
                       JOIN res_partner customer ON customer.id = due.partner_id
                       JOIN res_users manager ON manager.id = due.user_id
                       JOIN res_partner person ON person.id = manager.partner_id
                  LEFT JOIN (%(summaries)s) summary ON summary.lang = person.lang
                      WHERE due.id IN (SELECT account_id FROM chosen)
                  RETURNING id, res_id)
            INSERT INTO key_account_feedback_invitation (account_id, company_id, partner_id, user_id, state, proposed_on,
                                                         activity_id, create_uid, create_date, write_uid, write_date)
                 SELECT chosen.account_id, due.company_id, chosen.partner_id, due.user_id, 'proposed', %(today)s,
                        activity.id, %(stamp)s
                   FROM chosen
                   JOIN due ON due.id = chosen.account_id
                   JOIN activity ON activity.res_id = chosen.account_id
            """,
            due=self._due_sql(today, scope), ranked=self._ranked_sql(today), stamp=stamp, today=today,
            turns=self._turns_sql(company, today),
            model=self.env['ir.model']._get_id('key.account'), type=email and email.id or None,
            summary=self._get_proposal_summary(), summaries=self._summaries_sql(),
            deadline=today + timedelta(days=DAYS_TO_SEND)))

    @api.model
    def _due_sql(self, today, scope):
        """Accounts with a manager of which nobody was asked for as long as the tier says, and nobody waits to be asked.

        Accounts that were never asked come due spread over that time, or all of them would on one day.
        """
        return SQL(
            """
            SELECT account.id, account.partner_id, account.company_id, account.user_id, account.revenue,
                   tier.satisfaction_people AS people
              FROM key_account account
              JOIN key_account_tier tier ON tier.id = account.tier_id
                   AND tier.satisfaction_months > 0 AND tier.satisfaction_people > 0
              JOIN res_users manager ON manager.id = account.user_id AND manager.active
         LEFT JOIN LATERAL (SELECT MAX(day) AS day
                              FROM (SELECT MAX(proposed_on) AS day FROM key_account_feedback_invitation
                                     WHERE account_id = account.id
                                     UNION ALL
                                    SELECT MAX(date) FROM key_account_feedback
                                     WHERE account_id = account.id AND kind = 'interview') asked) last ON TRUE
             WHERE %(scope)s AND account.active
               AND NOT EXISTS (SELECT FROM key_account_feedback_invitation waiting
                                WHERE waiting.account_id = account.id AND waiting.state = 'proposed')
               AND COALESCE(last.day + make_interval(months => tier.satisfaction_months),
                            account.tier_since + MOD(account.id, tier.satisfaction_months * 30), '-infinity') <= %(today)s
            """, scope=scope, today=today)

    @api.model
    def _ranked_sql(self, today):
        """The people of the accounts who can be asked, first those who were not for longest, then those we know best."""
        return SQL(
            """
            SELECT due.id AS account_id, due.people, person.id AS partner_id,
                   ROW_NUMBER() OVER (PARTITION BY due.id
                                      ORDER BY last.day NULLS FIRST, known.strength DESC NULLS LAST, person.id) AS place
              FROM due
              JOIN res_partner person ON person.commercial_partner_id = due.partner_id
         LEFT JOIN LATERAL (SELECT MAX(proposed_on) AS day FROM key_account_feedback_invitation
                             WHERE account_id = due.id AND partner_id = person.id) last ON TRUE
         LEFT JOIN LATERAL (SELECT MAX(strength) AS strength FROM key_account_relationship
                             WHERE account_id = due.id AND partner_id = person.id) known ON TRUE
             WHERE person.active AND person.is_company IS NOT TRUE AND person.type = 'contact'
               AND person.email_normalized IS NOT NULL
               AND (person.key_account_left_on IS NULL OR person.key_account_left_on > %(today)s)
               AND NOT EXISTS (SELECT FROM mail_blacklist blocked
                                WHERE blocked.email = person.email_normalized AND blocked.active)
            """, today=today)

    @api.model
    def _turns_sql(self, company, today):
        """Of the accounts with people who can be asked, as many per manager and night as one can look at, the largest first.

        Else the first night on a database with years of customers asks for all of them at once. Others come the nights after.
        """
        return SQL(
            """
            SELECT turn.account_id
              FROM (SELECT due.id AS account_id, due.user_id,
                           ROW_NUMBER() OVER (PARTITION BY due.user_id ORDER BY due.revenue DESC NULLS LAST, due.id) AS place
                      FROM due WHERE due.id IN (SELECT account_id FROM able)) turn
         LEFT JOIN (SELECT user_id, COUNT(DISTINCT account_id) AS accounts
                      FROM key_account_feedback_invitation
                     WHERE company_id = %(company)s AND proposed_on = %(today)s
                  GROUP BY user_id) today ON today.user_id = turn.user_id
             WHERE turn.place + COALESCE(today.accounts, 0) <= %(most)s
            """, company=company.id, today=today, most=company.key_account_feedback_nightly)

    @api.model
    def _get_proposal_summary(self):
        """:return: str, what the manager is asked to do, in the language of the environment"""
        return self.env._("Ask for satisfaction: look at the invitations and send them")

    @api.model
    def _summaries_sql(self):
        """The summary in each language that people use."""
        languages = [code for code, __ in self.env['res.lang'].get_installed()]
        return SQL(
            "SELECT * FROM UNNEST(%s::varchar[], %s::varchar[]) AS known (lang, text)", languages,
            [self.with_context(lang=code)._get_proposal_summary() for code in languages])
