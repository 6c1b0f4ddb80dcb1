from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

SILENT_DAYS = 90
ANSWER_DAYS = 14  # so long somebody may take to answer
ANSWERED = 2.0  # points of the mails from somebody who used to answer, on the day of the last one


class KeyAccount(models.Model):
    """The nightly step that asks of the customers' people whether they have left."""
    _inherit = 'key.account'

    leaving_ids = fields.Many2many('res.partner', string="Have They Left?", compute='_compute_leaving_ids')

    @api.depends('partner_id')
    def _compute_leaving_ids(self):
        """People of whom the nightly run asks whether they are still there."""
        people = self.env['res.partner'].search([
            ('commercial_partner_id', 'in', self.partner_id.ids), ('key_account_left_sign', '!=', False)])
        by_customer = people.grouped('commercial_partner_id')
        for account in self:
            account.leaving_ids = by_customer.get(account.partner_id)

    def action_open_data_checks(self):
        """Open what is missing or unconfirmed about this customer and its people."""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_data_check'),
            'domain': [('account_id', '=', self.id)],
            'context': {},
        }

    def action_open_leaving(self):
        """Open the people of whom is asked whether they have left."""
        return {**self.action_open_data_checks(), 'context': {'search_default_filter_left_sign': 1}}

    @api.model
    def _refresh_departures(self, company, today, accounts):
        """Note of whom mail comes back or who does not answer any more, and forget it when the person is back.

        :param res.company company: company of the accounts
        :param date today: day of the run
        :param key.account accounts: only their people; empty for all of the company
        """
        self.env['res.partner']._store_columns(SQL(
            """
            WITH contact AS MATERIALIZED (
                SELECT person.id
                  FROM res_partner person
                 WHERE person.is_company IS NOT TRUE
                   AND EXISTS (SELECT FROM key_account account
                                WHERE account.partner_id = person.commercial_partner_id AND %(scope)s)
            ), exchange AS MATERIALIZED (%(exchange)s), failed AS (%(failed)s), quiet AS MATERIALIZED (
                %(quiet)s
            ), silent AS (%(silent)s), judged AS (
                SELECT person.id, exchange.last_in,
                       CASE WHEN NOT person.active OR person.key_account_left_on IS NOT NULL THEN NULL
                            WHEN %(bounced)s THEN 'bounce'
                            WHEN silent.partner_id IS NOT NULL THEN 'silence' END AS sign
                  FROM contact
                  JOIN res_partner person ON person.id = contact.id
             LEFT JOIN exchange ON exchange.partner_id = person.id
             LEFT JOIN failed ON failed.partner_id = person.id
             LEFT JOIN silent ON silent.partner_id = person.id
            )
            SELECT id, sign AS key_account_left_sign, CASE WHEN sign IS NOT NULL THEN last_in END AS key_account_left_sign_on
              FROM judged
            """,
            exchange=self._exchange_sql(), failed=self._failed_sql(), bounced=self._bounced_sql(),
            quiet=self._quiet_sql(today), silent=self._silent_sql(today), scope=accounts._get_scope(company)),
            ('key_account_left_sign', 'key_account_left_sign_on'))

    @api.model
    def _exchange_sql(self):
        """Last exchange of each person with all of us, in all companies, and what the answers weighed on the last day."""
        return SQL(
            """
            SELECT pair.partner_id, MAX(pair.last_in_of_all) AS last_in, MAX(pair.last_out) AS last_out,
                   SUM(pair.points_in * POWER(2, LEAST(900, (pair.points_date - pair.last_in_of_all)
                                                            / company.key_account_half_life::float8))) AS answers
              FROM (SELECT relationship.*,
                           MAX(relationship.last_in) OVER (PARTITION BY relationship.partner_id) AS last_in_of_all
                      FROM key_account_relationship relationship
                     WHERE relationship.partner_id IN (SELECT id FROM contact)) pair
              JOIN key_account account ON account.id = pair.account_id
              JOIN res_company company ON company.id = account.company_id
          GROUP BY pair.partner_id
            """)

    @api.model
    def _failed_sql(self):
        """Last mail to each person that came back from the address that the person still has."""
        return SQL(
            """
            SELECT person.id AS partner_id, MAX(message.date)::date AS day
              FROM mail_notification failed
              JOIN res_partner person ON person.id = failed.res_partner_id
              JOIN mail_message message ON message.id = failed.mail_message_id
             WHERE failed.notification_status = 'bounce'
               AND COALESCE(NULLIF(failed.mail_email_address, ''), person.email_normalized)
                   IS NOT DISTINCT FROM person.email_normalized
          GROUP BY person.id
            """)

    @api.model
    def _bounced_sql(self):
        return SQL(
            """
            (person.message_bounce > 0
             OR failed.day > GREATEST(exchange.last_in, person.key_account_still_there_on, '-infinity'))
            """)

    @api.model
    def _quiet_sql(self, today):
        """Who used to answer, has not for long although we wrote, and whom nobody has confirmed since."""
        return SQL(
            """
            SELECT person.id, person.commercial_partner_id, exchange.last_in
              FROM exchange
              JOIN res_partner person ON person.id = exchange.partner_id
             WHERE exchange.last_in < %(long_ago)s AND exchange.last_out > exchange.last_in
               AND exchange.answers >= %(answered)s
               AND COALESCE(person.key_account_still_there_on < %(long_ago)s, TRUE)
            """, long_ago=today - timedelta(days=SILENT_DAYS), answered=ANSWERED)

    @api.model
    def _silent_sql(self, today):
        """To whom of those we wrote early enough for an answer."""
        return SQL(
            """
            SELECT DISTINCT interaction.partner_id
              FROM (%(interactions)s) interaction
              JOIN quiet ON quiet.id = interaction.partner_id
             WHERE interaction.direction = 'out' AND interaction.date::date > quiet.last_in AND interaction.date < %(early)s
            """,
            early=today - timedelta(days=ANSWER_DAYS),
            interactions=self.env['key.account.interaction']._get_interactions_sql(
                fields.Datetime.to_datetime(today), SQL("quiet"), few=True))
