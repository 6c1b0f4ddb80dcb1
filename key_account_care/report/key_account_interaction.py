from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.tools import SQL

PARTNERS = 2 ** 24  # ids of partners are below; with the id of a message they make one that a browser still counts exactly


class KeyAccountInteraction(models.Model):
    """An exchange of one of our users with one of a customer's people. The one definition of an interaction.

    Mails in and out, meetings that both attended, calls and other done activities. Log notes, notifications, bots and
    automatic replies are none, and neither is what was mailed to many at once.
    """
    _name = 'key.account.interaction'
    _description = "Interaction"
    _auto = False
    _order = 'date desc, id desc'
    _rec_name = 'kind'

    date = fields.Datetime(readonly=True)
    kind = fields.Selection(
        selection=[('mail', "Mail"), ('call', "Call"), ('meeting', "Meeting"), ('activity', "Other Activity")], readonly=True)
    direction = fields.Selection(
        selection=[('in', "They to us"), ('out', "We to them"), ('both', "Both")], readonly=True)
    user_id = fields.Many2one('res.users', string="Our Person", readonly=True)
    partner_id = fields.Many2one('res.partner', string="Their Person", readonly=True)
    account_id = fields.Many2one('key.account', readonly=True)
    company_id = fields.Many2one('res.company', readonly=True)
    tier_id = fields.Many2one(related='account_id.tier_id')
    manager_id = fields.Many2one(related='account_id.user_id', string="Key Account Manager")
    proactive = fields.Float(
        string="Started by Us", readonly=True, aggregator='avg',
        help="Share of our mails, calls and meetings that were not the answer to a mail of theirs.")
    hours = fields.Float(
        readonly=True, help="Time of our person in a meeting; divided by the people of the customer who were there.")
    participants = fields.Integer(readonly=True, aggregator=None)
    # nobody reads them: Odoo tells the name of what is linked, which is a subject, also to those who may not open it
    message_id = fields.Many2one('mail.message', readonly=True, groups=fields.NO_ACCESS)
    event_id = fields.Many2one('calendar.event', readonly=True, groups=fields.NO_ACCESS)
    activity_id = fields.Many2one('mail.activity', readonly=True, groups=fields.NO_ACCESS)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field='res_model', readonly=True)
    subject = fields.Char(compute='_compute_subject')

    _depends = {
        'mail.message': ['date', 'message_type', 'author_id', 'parent_id', 'is_internal', 'model', 'res_id', 'partner_ids',
                         'key_account_is_automatic'],
        'mail.notification': ['res_partner_id', 'notification_type', 'notification_status'],
        'calendar.event': ['active', 'start', 'stop', 'duration', 'partner_ids'],
        'calendar.attendee': ['event_id', 'partner_id', 'state'],
        'mail.activity': ['active', 'date_done', 'user_id', 'res_model', 'res_id', 'activity_type_id', 'calendar_event_id'],
        'key.account.response': ['user_id', 'answer_message_id', 'answer_event_id', 'answer_activity_id'],
        'res.partner': ['commercial_partner_id', 'is_company'],
        'res.users': ['partner_id', 'share', 'company_id', 'company_ids'],
        'key.account': ['partner_id', 'company_id'],
        'sale.order': ['partner_id'],
        'crm.lead': ['partner_id'],
    }

    @api.depends_context('uid')
    def _compute_subject(self):
        """What it was about, for those who may open what it came from."""
        sources = {'message_id': 'record_name', 'event_id': 'display_name', 'activity_id': 'display_name'}
        self.subject = False
        for name, title in sources.items():
            ids = {row.id: row[name].id for row in self.sudo()}  # sudo: only which source it is; what it says is read below
            readable = self.env[self._fields[name].comodel_name].with_context(active_test=False).search([
                ('id', 'in', list(filter(None, ids.values())))]).grouped('id')
            for interaction in self.filtered(lambda row, ids=ids, readable=readable: ids[row.id] in readable):
                source = readable[ids[interaction.id]]
                interaction.subject = (name == 'message_id' and source.subject) or source[title]

    def action_open_source(self):
        """Open the record that the interaction came from.

        :raise AccessError: when the user may not read it
        """
        self.ensure_one()
        source = self.env[self.res_model].browse(self.res_id)  # of a meeting, it is the meeting
        source.check_access('read')
        return {
            'type': 'ir.actions.act_window',
            'res_model': source._name,
            'res_id': source.id,
            'views': [(False, 'form')],
        }

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT interaction.*, account.id AS account_id, account.company_id, %s AS proactive
              FROM (%s) interaction
        CROSS JOIN LATERAL (%s) account
            """, self._proactive_sql(), self._get_interactions_sql(fields.Datetime.now()),
            self._account_sql(SQL("interaction.user_id"), SQL("interaction.partner_id")))

    @api.model
    def _proactive_sql(self):
        """SQL of 1 for what we started, 0 for our answers to a mail, and nothing for what came from them."""
        answered = SQL(" OR ").join(
            SQL("""
                EXISTS (SELECT FROM key_account_response response
                         WHERE response.%s = interaction.%s AND response.user_id = interaction.user_id
                           AND response.partner_id = interaction.partner_id)
                """, SQL.identifier(f'answer_{source}'), SQL.identifier(source))
            for source in ('message_id', 'event_id', 'activity_id'))
        return SQL("CASE WHEN interaction.direction = 'in' THEN NULL WHEN %s THEN 0.0::float8 ELSE 1.0 END", answered)

    @api.model
    def _account_sql(self, user, contact):
        """An exchange counts for one account: that of the user's own company, else the first one the user may see.

        :param SQL user: id of one of our users
        :param SQL contact: id of a person of the customer
        """
        return SQL(
            """
            SELECT account.id, account.company_id
              FROM key_account account
              JOIN res_partner person ON person.commercial_partner_id = account.partner_id
              JOIN res_users employee ON employee.id = %(user)s
              JOIN res_company_users_rel allowed ON allowed.user_id = employee.id AND allowed.cid = account.company_id
             WHERE person.id = %(contact)s
          ORDER BY (account.company_id = employee.company_id) DESC, account.company_id
             LIMIT 1
            """, user=user, contact=contact)

    @api.model
    def _is_account_sql(self):
        """SQL of whether ``account`` is the one of ``_account_sql`` for ``employee``, one of those who may see it."""
        return SQL(
            """
            NOT EXISTS (SELECT FROM key_account other
                          JOIN res_company_users_rel also ON also.cid = other.company_id
                         WHERE other.partner_id = account.partner_id AND also.user_id = employee.id
                           AND other.company_id <> account.company_id
                           AND (other.company_id <> employee.company_id, other.company_id)
                               < (account.company_id <> employee.company_id, account.company_id))
            """)

    @api.model
    def _get_interactions_sql(self, now, people=None, few=False):
        """:param datetime now: meetings that end later have not taken place yet
        :param SQL people: a table of persons, with ``id`` and ``commercial_partner_id``, to limit the work to
        :param bool few: look up what they exchanged person by person. PostgreSQL takes each of them for as busy as one of
            ours, and would rather read everything
        :return: SQL of a SELECT with the columns of this model but the account
        """
        contact = SQL("%s contact", people or SQL("res_partner"))
        last = SQL(" + 0 * contact.id") if people else SQL()
        fence = SQL("OFFSET 0") if few else SQL()  # what is before it is looked up for each row anew
        parts = (
            self._mails_in_sql(contact, last, fence), self._replies_in_sql(contact, last, fence),
            self._mails_out_sql(contact, last, fence), self._mails_kept_sql(contact, last, fence),
            self._meetings_sql(contact, last, fence, now), self._activities_sql(contact))
        is_person = SQL("TRUE") if people else SQL("contact.is_company IS NOT TRUE")
        return SQL(" UNION ALL ").join(
            SQL("%s AND %s AND ours.share IS FALSE AND ours.id <> %s", part, is_person, SUPERUSER_ID) for part in parts)

    @api.model
    def _row_sql(self, number, source, person, **columns):
        """The columns of a row.

        :param int number: of the kind of source, below 4; makes the id together with source and person
        :param SQL source: id of the source
        :param SQL person: id of the partner that, of all rows of this source, only this one has
        """
        values = {
            'hours': SQL("0.0::float8"), 'participants': SQL("2"), 'message_id': SQL("NULL::integer"),
            'event_id': SQL("NULL::integer"), 'activity_id': SQL("NULL::integer"), **columns}
        names = (
            'date', 'kind', 'direction', 'hours', 'participants', 'message_id', 'event_id', 'activity_id', 'res_model',
            'res_id')
        return SQL(
            "(%s::bigint * %s + %s) * 4 + %s AS id, ours.id AS user_id, contact.id AS partner_id, %s",
            source, PARTNERS, person, number,
            SQL(", ").join(SQL("%s AS %s", values[name], SQL.identifier(name)) for name in names))

    @api.model
    def _ours_sql(self, partner, last):
        """Join our user who is a partner.

        :param SQL last: our people are few and write most mails, which PostgreSQL does not expect. Where people of
            customers are chosen, it must begin with them: then the join needs a column of theirs.
        """
        return SQL("JOIN res_users ours ON ours.partner_id = %s%s", partner, last)

    @api.model
    def _mail_row_sql(self, number, person, direction):
        return self._row_sql(
            number, SQL("message.id"), person, date=SQL("message.date"), kind=SQL("'mail'"),
            direction=SQL("%s", direction), message_id=SQL("message.id"), res_model=SQL("message.model"),
            res_id=SQL("message.res_id"))

    @api.model
    def _mails_in_sql(self, contact, last, fence):
        """Mails and comments of a contact, to those of us who were addressed."""
        return SQL(
            """
            SELECT %(row)s
              FROM %(contact)s
        CROSS JOIN LATERAL (%(written)s %(fence)s) message
        CROSS JOIN LATERAL (SELECT * FROM mail_message_res_partner_rel rel
                             WHERE rel.mail_message_id = message.id %(fence)s) rel
              %(ours)s
             WHERE TRUE
            """,
            row=self._mail_row_sql(0, SQL("ours.partner_id"), 'in'), contact=contact, written=self._written_sql(),
            ours=self._ours_sql(SQL("rel.res_partner_id"), last), fence=fence)

    @api.model
    def _written_sql(self):
        """Mails and comments that a contact has written."""
        return SQL(
            """
            SELECT * FROM mail_message message
             WHERE message.author_id = contact.id AND message.message_type IN ('email', 'comment')
               AND message.is_internal IS NOT TRUE AND message.key_account_is_automatic IS NOT TRUE
            """)

    @api.model
    def _replies_in_sql(self, contact, last, fence):
        """Mails and comments of a contact, to those of us who were answered without being addressed."""
        return SQL(
            """
            SELECT %(row)s
              FROM %(contact)s
        CROSS JOIN LATERAL (%(written)s %(fence)s) message
        CROSS JOIN LATERAL (SELECT * FROM mail_message answered WHERE answered.id = message.parent_id %(fence)s) answered
              %(ours)s
             WHERE NOT EXISTS (SELECT FROM mail_message_res_partner_rel rel
                                WHERE rel.mail_message_id = message.id AND rel.res_partner_id = answered.author_id %(fence)s)
            """,
            row=self._mail_row_sql(0, SQL("ours.partner_id"), 'in'), contact=contact, written=self._written_sql(),
            ours=self._ours_sql(SQL("answered.author_id"), last), fence=fence)

    @api.model
    def _mails_out_sql(self, contact, last, fence):
        """Mails of one of us that were sent to a contact, who was addressed or follows the document."""
        return SQL(
            """
            SELECT %(row)s
              FROM %(contact)s
        CROSS JOIN LATERAL (SELECT * FROM mail_notification note
                             WHERE note.res_partner_id = contact.id AND note.notification_type = 'email'
                               AND COALESCE(note.notification_status, '') NOT IN ('bounce', 'exception', 'canceled')
                             %(fence)s) note
        CROSS JOIN LATERAL (%(sent)s %(fence)s) message
              %(ours)s
             WHERE TRUE
            """,
            row=self._mail_row_sql(1, SQL("contact.id"), 'out'), contact=contact,
            sent=self._sent_sql(SQL("note.mail_message_id")), ours=self._ours_sql(SQL("message.author_id"), last),
            fence=fence)

    @api.model
    def _sent_sql(self, message):
        """The mail that one of us wrote for others to read.

        :param SQL message: its id
        """
        return SQL(
            """
            SELECT * FROM mail_message message
             WHERE message.id = %s AND message.message_type = 'comment' AND message.is_internal IS NOT TRUE
            """, message)

    @api.model
    def _mails_kept_sql(self, contact, last, fence):
        """Mails of one of us to a contact of which Odoo has forgotten whether they were sent."""
        return SQL(
            """
            SELECT %(row)s
              FROM %(contact)s
        CROSS JOIN LATERAL (SELECT * FROM mail_message_res_partner_rel rel
                             WHERE rel.res_partner_id = contact.id
                               AND NOT EXISTS (SELECT FROM mail_notification note
                                                WHERE note.mail_message_id = rel.mail_message_id
                                                  AND note.res_partner_id = contact.id
                                                  AND (note.notification_type = 'email' OR note.notification_status
                                                       IN ('bounce', 'exception', 'canceled')) %(fence)s)
                             %(fence)s) rel
        CROSS JOIN LATERAL (%(sent)s %(fence)s) message
              %(ours)s
             WHERE TRUE
            """,
            row=self._mail_row_sql(1, SQL("contact.id"), 'out'), contact=contact,
            sent=self._sent_sql(SQL("rel.mail_message_id")), ours=self._ours_sql(SQL("message.author_id"), last),
            fence=fence)

    @api.model
    def _meetings_sql(self, contact, last, fence, now):
        """Meetings of the past that both were asked to and neither declined."""
        return SQL(
            """
            SELECT %(row)s
              FROM %(contact)s
        CROSS JOIN LATERAL (SELECT event.*, theirs.id AS theirs_id
                              FROM calendar_event_res_partner_rel invited
                              JOIN calendar_event event ON event.id = invited.calendar_event_id
                              JOIN calendar_attendee theirs ON theirs.event_id = event.id
                                   AND theirs.partner_id = invited.res_partner_id AND theirs.state IS DISTINCT FROM 'declined'
                             WHERE invited.res_partner_id = contact.id AND event.active AND event.stop <= %(now)s
                             %(fence)s) event
              JOIN calendar_attendee us ON us.event_id = event.id AND us.state IS DISTINCT FROM 'declined'
              %(ours)s
        CROSS JOIN LATERAL (SELECT COUNT(*)::integer AS people,
                                   COUNT(*) FILTER (WHERE person.commercial_partner_id = contact.commercial_partner_id
                                                      AND person.is_company IS NOT TRUE) AS theirs
                              FROM calendar_attendee attendee
                              JOIN res_partner person ON person.id = attendee.partner_id
                             WHERE attendee.event_id = event.id AND attendee.state IS DISTINCT FROM 'declined') present
             WHERE TRUE
            """,
            contact=contact, fence=fence, now=now, ours=self._ours_sql(SQL("us.partner_id"), last),
            row=self._row_sql(
                2, SQL("event.theirs_id"), SQL("ours.partner_id"), date=SQL("event.start"), kind=SQL("'meeting'"),
                direction=SQL("'both'"), hours=SQL("COALESCE(event.duration, 0) / present.theirs"),
                participants=SQL("present.people"), event_id=SQL("event.id"), res_model=SQL("'calendar.event'"),
                res_id=SQL("event.id")))

    @api.model
    def _activities_sql(self, contact):
        """Calls and other activities that one of us has done with a contact, or on a document of it."""
        return SQL(
            """
            SELECT %(row)s
              FROM mail_activity activity
              JOIN res_users ours ON ours.id = activity.user_id
         LEFT JOIN mail_activity_type kind ON kind.id = activity.activity_type_id
         LEFT JOIN sale_order ON activity.res_model = 'sale.order' AND sale_order.id = activity.res_id
         LEFT JOIN crm_lead ON activity.res_model = 'crm.lead' AND crm_lead.id = activity.res_id
              JOIN %(contact)s ON contact.id = CASE activity.res_model
                   WHEN 'res.partner' THEN activity.res_id
                   WHEN 'sale.order' THEN sale_order.partner_id
                   WHEN 'crm.lead' THEN crm_lead.partner_id END
             WHERE activity.active IS FALSE AND activity.date_done IS NOT NULL AND activity.calendar_event_id IS NULL
            """,
            contact=contact, row=self._row_sql(
                3, SQL("activity.id"), SQL("ours.partner_id"), date=SQL("activity.date_done::timestamp"),
                kind=SQL("CASE WHEN kind.category = 'phonecall' THEN 'call' ELSE 'activity' END"),
                direction=SQL("'out'"), activity_id=SQL("activity.id"), res_model=SQL("activity.res_model"),
                res_id=SQL("activity.res_id")))
