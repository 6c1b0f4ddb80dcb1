"""A large history of mails and meetings between our people and those of customers, made by set-based SQL.

As in ``history``, the size is an argument, nothing is random, and every row is a copy of one that Odoo has made. A person
exchanges mostly with one of ours, and some people exchange more than others. Needs the addon: customers have accounts.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from odoo.fields import Command
from odoo.tools import SQL

from .copies import Copier, spread
from .databases import environment

USERS = 40
PEOPLE = 5  # of a customer
YEARS = 3
MAP_USERS, MAP_PEOPLE = 8, 30  # of the one customer whose map is opened
MAP_CUSTOMER = "Map Customer"
MEETING = 4  # attendees, half of them ours


@dataclass(frozen=True)
class Size:
    """How much exchange there is."""

    messages: int = 1_000_000

    @property
    def attendees(self):
        """Of meetings."""
        return self.messages // 10

    @property
    def contacts(self):
        """People of customers."""
        return max(PEOPLE, self.messages // 5)


def generate(database, size, last_day=None):
    """Add the exchange of some years until a day (today) to a database with the addon."""
    with environment(database) as env:
        _check_nothing(env)
        Exchange(env, size, last_day or date.today()).generate()


def add_mails(database, size, share, day):
    """Add mails of one day: a share of all that there are."""
    with environment(database) as env:
        _check_nothing(env)
        Exchange(env, size, day).add_mails(int(size.messages * share))


def _check_nothing(env):
    if env.execute_query(SQL("SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER")) == [(True,)]:
        env.cr.execute("SET LOCAL session_replication_role = replica")  # as in ``history``


class Exchange:
    """The generation in the main company of a database: the steps, and what they share."""

    def __init__(self, env, size, last_day):
        """
        :param env: environment of the superuser
        :param Size size: how much
        :param date last_day: day of the youngest mail
        """
        company = env.ref("base.main_company")
        context = {
            "allowed_company_ids": company.ids, "tracking_disable": True, "no_reset_password": True,
            "no_mail_to_attendees": True, "dont_notify": True, "mail_notify_force_send": False}  # fmt: skip
        self.env = env(user=env.ref("base.user_admin"), su=True, context=context)
        self.copier = Copier(env.cr)
        self.size = size
        self.last_day = last_day

    def generate(self):
        """Generate everything: our people, theirs, what they write, and when they meet."""
        self._make_models()
        self._make_users()
        self._add_customers()
        self._plan_mails(self.size.messages, self.last_day - timedelta(days=YEARS * 365))
        self._add_mails()
        self._add_map_mails()
        self._add_meetings()
        self.env.invalidate_all()

    def add_mails(self, count):
        """Add so many mails of the last day."""
        self._find_models()
        shift = self.size.messages + self.last_day.toordinal() % 100 * count  # other people write on another day
        self._plan_mails(count, self.last_day - timedelta(days=1), shift)
        self._add_mails()
        self.env.invalidate_all()

    def _execute(self, statement, **arguments):
        self.env.cr.execute(SQL(statement, **arguments))

    # ------------------------------------------------------------
    # What a real one looks like
    # ------------------------------------------------------------

    def _make_models(self):
        """A customer with a person, an account, a mail each way and a meeting."""
        self.customer = self.env["res.partner"].create({"name": "Exchange Model", "is_company": True})
        self.person = self.customer.create({
            "name": "Person", "email": "person@exchange.example", "parent_id": self.customer.id})
        self.user = self._create_users(["model"])
        self.account = self.env["key.account"].create({"partner_id": self.customer.id})
        self.mail_in = self._post(self.person, self.user.partner_id, "email")
        self.mail_out = self._post(self.user.partner_id, self.person, "comment")
        self.meeting = self.env["calendar.event"].create({
            "name": "Exchange Meeting", "start": self.last_day, "stop": self.last_day + timedelta(hours=1),
            "partner_ids": [Command.set((self.user.partner_id | self.person).ids)]})  # fmt: skip
        self.env.flush_all()

    def _find_models(self):
        self.customer = self.env["res.partner"].search([("name", "=", "Exchange Model")])
        self.person = self.customer.child_ids
        self.user = self.env["res.users"].search([("login", "=", "exchange-model")])
        self.mail_in, self.mail_out = (
            self.env["mail.message"].search([("author_id", "=", author.id), ("model", "=", "res.partner")], order="id", limit=1)
            for author in (self.person, self.user.partner_id))

    def _post(self, author, recipient, message_type):
        return self.customer.message_post(
            author_id=author.id, body="Hello", message_type=message_type, subtype_xmlid="mail.mt_comment",
            partner_ids=recipient.ids)  # fmt: skip

    def _create_users(self, names):
        groups = [Command.link(self.env.ref("sales_team.group_sale_salesman").id)]
        return self.env["res.users"].create([{
            "name": f"Exchange {name}", "login": f"exchange-{name}", "email": f"{name}@ours.example",
            "group_ids": groups} for name in names])  # fmt: skip

    def _make_users(self):
        """Our people, who are as old as the exchange: who has just come or been changed is counted anew."""
        users = self._create_users(range(USERS))
        self.env.flush_all()
        self._execute("UPDATE res_users SET create_date = %(day)s, write_date = %(day)s WHERE id = ANY(%(users)s)",
                      day=self.last_day - timedelta(days=YEARS * 365), users=users.ids)

    # ------------------------------------------------------------
    # Customers
    # ------------------------------------------------------------

    def _add_customers(self):
        """Customers with their people and accounts; the first one has enough people for a large map."""
        customers = self.size.contacts // PEOPLE
        self._execute(
            """
            CREATE TEMP TABLE plan_customer AS
            SELECT number, %(partner)s + number AS id, %(account)s + number AS account_id,
                   CASE number WHEN 0 THEN %(map)s ELSE 'Exchange customer ' || number END AS name,
                   %(day)s::timestamp AS moment
              FROM generate_series(0, %(customers)s - 1) number
            """, partner=self.copier.next_id("res_partner"), account=self.copier.next_id("key_account"), map=MAP_CUSTOMER,
            day=self.last_day - timedelta(days=YEARS * 365), customers=customers)  # fmt: skip
        self.copier.copy(
            self.customer, "plan_customer", id="plan.id", name="plan.name", complete_name="plan.name",
            commercial_partner_id="plan.id", commercial_company_name="plan.name", create_date="plan.moment",
            write_date="plan.moment")
        self.copier.copy(
            self.account, "plan_customer", id="plan.account_id", partner_id="plan.id", create_date="plan.moment",
            write_date="plan.moment")
        self._execute(
            """
            CREATE TEMP TABLE plan_person AS
            SELECT %(first)s + ROW_NUMBER() OVER (ORDER BY customer.number, place) - 1 AS id, customer.id AS customer_id,
                   customer.number AS customer, customer.moment, 'Person ' || place AS name,
                   'person' || place || '@c' || customer.number || '.example' AS email
              FROM plan_customer customer
        CROSS JOIN LATERAL generate_series(1, CASE customer.number WHEN 0 THEN %(map)s ELSE %(people)s END) place
            """, first=self.copier.next_id("res_partner"), people=PEOPLE, map=MAP_PEOPLE)
        self.copier.copy(
            self.person, "plan_person", id="plan.id", name="plan.name", complete_name="plan.name", email="plan.email",
            email_normalized="plan.email", parent_id="plan.customer_id", commercial_partner_id="plan.customer_id",
            create_date="plan.moment", write_date="plan.moment")
        self._execute("ANALYZE res_partner; ANALYZE key_account")

    def _plan_pairs(self):
        """Our people and theirs, numbered; those of the model take no part, nor does the customer with the large map."""
        self._execute(
            """
            DROP TABLE IF EXISTS plan_user, plan_contact;
            CREATE TEMP TABLE plan_user AS
            SELECT ROW_NUMBER() OVER (ORDER BY id) - 1 AS number, id, partner_id
              FROM res_users WHERE login ~ '^exchange-[0-9]';
            CREATE TEMP TABLE plan_contact AS
            SELECT ROW_NUMBER() OVER (ORDER BY person.id) - 1 AS number, person.id, person.parent_id AS customer_id
              FROM res_partner person JOIN res_partner customer ON customer.id = person.parent_id
             WHERE customer.name ~ '^Exchange customer';
            CREATE UNIQUE INDEX ON plan_contact (number);
            ANALYZE plan_user;
            ANALYZE plan_contact
            """)

    # ------------------------------------------------------------
    # Mails
    # ------------------------------------------------------------

    def _plan_mails(self, count, first_day, shift=0):
        """Who writes to whom and when, in the order of time; every second mail is one of theirs."""
        self._plan_pairs()
        self._execute(
            """
            DROP TABLE IF EXISTS plan_mail;
            CREATE TEMP TABLE plan_mail AS
            SELECT %(first_id)s + place AS id, place %% 2 = 0 AS incoming, contact.id AS contact_id, contact.customer_id,
                   ours.partner_id AS our_partner_id, '<' || %(first_id)s + place || '@bench.example>' AS name,
                   DATE_TRUNC('second', %(day)s::timestamp + %(span)s * (place + 1) / %(count)s * INTERVAL '1 day') AS moment
              FROM generate_series(0, %(count)s - 1) place
              JOIN plan_contact contact
                   ON contact.number = FLOOR(POWER(%(who)s, 1.5) * (SELECT COUNT(*) FROM plan_contact))::bigint
              JOIN plan_user ours
                   ON ours.number = (contact.number / %(people)s + CASE WHEN %(other)s < 0.2 THEN 1 ELSE 0 END) %% %(users)s;
            ANALYZE plan_mail
            """, first_id=self.copier.next_id("mail_message"), day=first_day, span=(self.last_day - first_day).days,
            count=count, who=spread(f"(place + {shift})", 2654435761), other=spread(f"(place + {shift})", 2246822519),
            people=PEOPLE, users=USERS)

    def _add_map_mails(self):
        """Mails between each of some users and each person of the customer with the large map."""
        self._execute(
            """
            DROP TABLE plan_mail;
            CREATE TEMP TABLE plan_mail AS
            SELECT %(first_id)s + ROW_NUMBER() OVER () - 1 AS id, incoming, person.id AS contact_id,
                   customer.id AS customer_id, ours.partner_id AS our_partner_id, 'map' AS name,
                   %(day)s::timestamp - (ours.number + 1) * INTERVAL '9 days' AS moment
              FROM res_partner customer JOIN res_partner person ON person.parent_id = customer.id
              JOIN plan_user ours ON ours.number < %(users)s
        CROSS JOIN (VALUES (TRUE), (FALSE)) way (incoming)
             WHERE customer.name = %(name)s
            """, first_id=self.copier.next_id("mail_message"), day=self.last_day, users=MAP_USERS, name=MAP_CUSTOMER)
        self._add_mails()

    def _add_mails(self):
        """The messages, their recipients, and the notifications of the mails that went out."""
        for model, incoming in ((self.mail_in, True), (self.mail_out, False)):
            self._execute(
                """
                DROP TABLE IF EXISTS plan_part;
                CREATE TEMP TABLE plan_part AS
                SELECT *, CASE WHEN %(incoming)s THEN contact_id ELSE our_partner_id END AS author_id,
                       CASE WHEN %(incoming)s THEN our_partner_id ELSE contact_id END AS recipient_id,
                       %(first)s + ROW_NUMBER() OVER () AS notification_id
                  FROM plan_mail WHERE incoming = %(incoming)s
                """, incoming=incoming, first=self.copier.next_id("mail_notification"))
            self.copier.copy(
                model, "plan_part", id="plan.id", author_id="plan.author_id", res_id="plan.customer_id",
                date="plan.moment", create_date="plan.moment", write_date="plan.moment", message_id="plan.name",
                parent_id="NULL::integer")
            self._execute(
                """
                INSERT INTO mail_message_res_partner_rel (mail_message_id, res_partner_id)
                SELECT id, recipient_id FROM plan_part
                """)
            self.copier.copy(
                model.notification_ids[:1], "plan_part", id="plan.notification_id", mail_message_id="plan.id",
                res_partner_id="plan.recipient_id", author_id="plan.author_id", mail_mail_id="NULL::integer")
        self._execute("ANALYZE mail_message; ANALYZE mail_message_res_partner_rel; ANALYZE mail_notification")

    # ------------------------------------------------------------
    # Meetings
    # ------------------------------------------------------------

    def _add_meetings(self):
        """Meetings of two of ours and two people of one customer."""
        self._execute(
            """
            CREATE TEMP TABLE plan_meeting AS
            SELECT %(event)s + place AS id, %(attendee)s + place * %(size)s AS attendee_id, contact.number AS contact,
                   DATE_TRUNC('day', %(day)s::timestamp - (1 + %(when)s * %(days)s) * INTERVAL '1 day')
                   + INTERVAL '10 hours' AS start
              FROM generate_series(0, %(count)s - 1) place
              JOIN plan_contact contact
                   ON contact.number = FLOOR(POWER(%(who)s, 1.5) * (SELECT COUNT(*) FROM plan_contact))::bigint
                      / %(people)s * %(people)s
            """, event=self.copier.next_id("calendar_event"), attendee=self.copier.next_id("calendar_attendee"),
            size=MEETING, day=self.last_day, days=YEARS * 365 - 2, when=spread("place", 2654435761),
            who=spread("place", 3266489917), count=self.size.attendees // MEETING, people=PEOPLE)
        self.copier.copy(
            self.meeting, "plan_meeting", id="plan.id", start="plan.start", stop="plan.start + INTERVAL '1 hour'",
            create_date="plan.start", write_date="plan.start", access_token="NULL")
        self._execute(
            """
            CREATE TEMP TABLE plan_attendee AS
            SELECT attendee_id + 0 AS id, meeting.id AS event_id, contact.id AS partner_id, start FROM plan_meeting meeting
              JOIN plan_contact contact ON contact.number = meeting.contact
             UNION ALL SELECT attendee_id + 1, meeting.id, contact.id, start FROM plan_meeting meeting
              JOIN plan_contact contact ON contact.number = meeting.contact + 1
             UNION ALL SELECT attendee_id + 2 + place, meeting.id, ours.partner_id, start FROM plan_meeting meeting
        CROSS JOIN generate_series(0, 1) place
              JOIN plan_user ours ON ours.number = (meeting.contact / %(people)s + place) %% %(users)s
            """, people=PEOPLE, users=USERS)
        self._execute(
            """
            INSERT INTO calendar_event_res_partner_rel (calendar_event_id, res_partner_id)
            SELECT event_id, partner_id FROM plan_attendee
            """)
        self.copier.copy(
            self.meeting.attendee_ids[:1], "plan_attendee", id="plan.id", event_id="plan.event_id",
            partner_id="plan.partner_id", create_date="plan.start", write_date="plan.start", state="'accepted'",
            access_token="NULL")
        self._execute("ANALYZE calendar_event; ANALYZE calendar_attendee; ANALYZE calendar_event_res_partner_rel")
