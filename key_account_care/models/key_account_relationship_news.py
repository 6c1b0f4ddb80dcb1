from odoo import api, models
from odoo.tools import SQL


class KeyAccountRelationship(models.Model):
    """Whom the nightly step counts anew: the people about whom there may be news since the last run."""
    _inherit = 'key.account.relationship'

    @api.model
    def _collect_contacts(self, company, today, accounts, everybody=False, companies=False):
        """Put the people who are to be counted into a temporary table, also those who went to another customer.

        :param bool everybody: also those about whom there is no news
        :param bool companies: also the customers themselves, who write from a general mail address
        :return: whether it is about some people only
        """
        few = bool(accounts) or not (everybody or self._is_all_new(company))
        people = SQL("res_partner")
        kind = SQL("TRUE") if companies else SQL("contact.is_company IS NOT TRUE")
        if few:
            people = SQL("key_account_news")
            # what is looked up person by person is hardly ever the same, and not worth remembering
            self.env.cr.execute(SQL("SET LOCAL enable_memoize = off"))
            self._create_table('key_account_news', (
                self._people_of_sql(company, accounts) if accounts else self._news_sql(company, today)))
        self._create_table('key_account_touched', SQL(
            """
            SELECT contact.id, contact.commercial_partner_id, account.id AS account_id
              FROM %(people)s people
              JOIN res_partner contact ON contact.id = people.id
         LEFT JOIN key_account account ON account.partner_id = contact.commercial_partner_id
                                       AND %(kind)s AND %(scope)s
             WHERE account.id IS NOT NULL
                OR EXISTS (SELECT FROM key_account_relationship relationship
                             JOIN key_account account ON account.id = relationship.account_id
                            WHERE relationship.partner_id = contact.id AND %(scope)s)
            """, scope=accounts._get_scope(company), people=people, kind=kind))
        self.env.cr.execute(SQL("CREATE UNIQUE INDEX ON key_account_touched (id)"))
        return few

    @api.model
    def _touched_sql(self, few, companies=False):
        """SQL of a table of at least the people who are to be counted; for the parameters see ``_collect_contacts``."""
        if few:
            return SQL("(SELECT id, commercial_partner_id FROM key_account_touched WHERE account_id IS NOT NULL)")
        # several processes may share the work only where nothing temporary takes part
        return SQL(
            "(SELECT id, commercial_partner_id FROM res_partner WHERE %s)",
            SQL("TRUE") if companies else SQL("is_company IS NOT TRUE"))

    @api.model
    def _create_table(self, name, query, keys=None):
        """Keep the rows of a query in a temporary table until the end of the transaction.

        :param SQL keys: the columns about which PostgreSQL has to know more than how many there are; by default all
        """
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(name)))
        self.env.cr.execute(SQL("CREATE TEMP TABLE %s ON COMMIT DROP AS %s", SQL.identifier(name), query))
        self.env.cr.execute(SQL("ANALYZE %s %s", SQL.identifier(name), SQL("(%s)", keys) if keys else SQL()))

    @api.model
    def _is_all_new(self, company):
        """:return: whether there was no run yet, or one that counted otherwise"""
        return (not company.key_account_relationship_day
                or company.key_account_relationship_rule != company._get_relationship_rule())

    @api.model
    def _people_of_sql(self, company, accounts):
        """SQL of the ids of the people of some accounts, and of who was one of them."""
        return SQL(
            """
            SELECT contact.id
              FROM key_account account
              JOIN res_partner contact ON contact.commercial_partner_id = account.partner_id
             WHERE %(scope)s
             UNION
            SELECT relationship.partner_id
              FROM key_account account
              JOIN key_account_relationship relationship ON relationship.account_id = account.id
             WHERE %(scope)s
            """, scope=accounts._get_scope(company))

    @api.model
    def _news_sql(self, company, today):
        """SQL of the ids of people about whom there may be news since the last run."""
        return SQL(
            "%s UNION %s", self._new_exchange_sql(company, today),
            self._changed_sql(company.key_account_relationship_moment, today))

    @api.model
    def _new_exchange_sql(self, company, today):
        """SQL of the ids of people with new or changed mails, meetings and activities, or meetings that are over by now."""
        return SQL(
            """
            SELECT author_id AS id FROM mail_message WHERE id > %(first)s
             UNION SELECT res_partner_id FROM mail_message_res_partner_rel WHERE mail_message_id > %(first)s
             UNION SELECT res_partner_id FROM mail_notification WHERE mail_message_id > %(first)s
             UNION SELECT rel.res_partner_id
                     FROM calendar_event event
                     JOIN calendar_event_res_partner_rel rel ON rel.calendar_event_id = event.id
                    WHERE event.write_date >= %(moment)s OR (event.stop > %(since)s AND event.stop <= %(end)s)
                          OR EXISTS (SELECT FROM calendar_attendee attendee
                                      WHERE attendee.event_id = event.id AND attendee.write_date >= %(moment)s)
             UNION SELECT CASE activity.res_model WHEN 'res.partner' THEN activity.res_id
                          WHEN 'sale.order' THEN sale_order.partner_id ELSE crm_lead.partner_id END
                     FROM mail_activity activity
                LEFT JOIN sale_order ON activity.res_model = 'sale.order' AND sale_order.id = activity.res_id
                LEFT JOIN crm_lead ON activity.res_model = 'crm.lead' AND crm_lead.id = activity.res_id
                    WHERE activity.write_date >= %(moment)s
            """,
            first=company.key_account_relationship_message, moment=company.key_account_relationship_moment,
            since=self._get_end(company.key_account_relationship_day), end=self._get_end(today))

    @api.model
    def _changed_sql(self, moment, today):
        """SQL of the ids of people whose old exchange may count otherwise now, as it is old, or somebody else's."""
        return SQL(
            """
            SELECT partner_id FROM key_account_relationship WHERE recount_on <= %(today)s
             UNION SELECT partner_id FROM key_account_relationship WHERE is_stale
             UNION SELECT id FROM res_partner WHERE write_date >= %(moment)s
             UNION SELECT contact.id
                     FROM key_account account
                     JOIN res_partner contact ON contact.commercial_partner_id = account.partner_id
                    WHERE GREATEST(account.create_date, account.write_date) >= %(moment)s
             UNION SELECT relationship.partner_id
                     FROM key_account account
                     JOIN key_account_relationship relationship ON relationship.account_id = account.id
                    WHERE GREATEST(account.create_date, account.write_date) >= %(moment)s
             UNION SELECT relationship.partner_id
                     FROM key_account_relationship relationship
                     JOIN res_users employee ON employee.id = relationship.user_id
                    WHERE employee.write_date >= %(moment)s
             UNION SELECT document.partner_id
                     FROM mail_activity activity
                     JOIN sale_order document ON activity.res_model = 'sale.order' AND document.id = activity.res_id
                    WHERE activity.active IS FALSE AND document.write_date >= %(moment)s
             UNION SELECT document.partner_id
                     FROM mail_activity activity
                     JOIN crm_lead document ON activity.res_model = 'crm.lead' AND document.id = activity.res_id
                    WHERE activity.active IS FALSE AND document.write_date >= %(moment)s
            """, moment=moment, today=today)
