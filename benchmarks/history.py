"""A large history of customers, orders and invoices, made by set-based SQL.

The sizes are arguments and nothing is random: the same sizes and last day give the same rows. A real customer, order
and invoice are made through the ORM first; every generated row is a copy of one of their rows in which only what has
to differ does, so that the ORM and the web client accept it.

Revenue follows a power law: every customer has an order in the last two years, the other orders go to few customers,
and those buy more at a time. A third of the orders are placed by a contact of the customer.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from odoo.fields import Command
from odoo.tools import SQL

from .copies import Copier, spread
from .databases import environment

PRODUCTS = 50
CATEGORIES = 8
LINES_PER_ORDER = 4


@dataclass(frozen=True)
class Size:
    """How much history there is."""

    customers: int = 100_000
    lines: int = 1_000_000  # of orders, and as many of invoices
    years: int = 3

    def divided(self, by):
        """The same history with fewer rows."""
        return Size(max(1, self.customers // by), max(1, self.lines // by), self.years)


def generate(database, size):
    """Add a history until today to a database."""
    with environment(database) as env:
        if env.execute_query(SQL("SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER")) == [(True,)]:
            # the test of the generator checks the foreign keys on few rows; on many it would take most of the time
            env.cr.execute("SET LOCAL session_replication_role = replica")
        History(env, size).generate()


class History:
    """The generation of a history in the main company of a database: the steps, and what they share."""

    def __init__(self, env, size, last_day=None):
        """
        :param env: environment of the superuser
        :param Size size: how much
        :param date last_day: day of the youngest order; today by default
        """
        company = env.ref("base.main_company")
        context = {"allowed_company_ids": company.ids, "tracking_disable": True}
        self.env = env(user=env.ref("base.user_admin"), su=True, context=context)
        self.copier = Copier(env.cr)
        self.size = size
        self.orders = max(size.customers, size.lines // LINES_PER_ORDER)
        self.lines = max(size.lines, self.orders)
        self.last_day = last_day or date.today()

    def generate(self):
        """Generate everything: first what is to be, in temporary tables, then the rows, a statement per table."""
        self._make_models()
        self._plan_customers()
        self._plan_orders()
        self._plan_lines()
        self._add_amounts()
        self._insert_customers()
        self._insert_orders()
        self._insert_invoices()
        self.env.invalidate_all()

    def _execute(self, statement, **arguments):
        self.env.cr.execute(SQL(statement, **arguments))

    # ------------------------------------------------------------
    # What a real one looks like
    # ------------------------------------------------------------

    def _make_models(self):
        self._make_customer()
        self._make_products()
        self.order = self.env["sale.order"].create({
            "partner_id": self.contact.id,
            "order_line": [Command.create({"product_id": self.products[0].id})],
        })  # fmt: skip
        self.order.action_confirm()
        self.invoice = self.order._create_invoices()
        self.invoice.action_post()
        self.env.flush_all()

    def _make_customer(self):
        address = {"email": "model@example.com", "country_id": self.env.ref("base.us").id}
        self.customer = self.env["res.partner"].create({**address, "name": "Model", "is_company": True})
        self.contact = self.customer.create({**address, "name": "Model", "parent_id": self.customer.id})

    def _make_products(self):
        categories = self.env["product.category"].create([{"name": f"Category {number}"} for number in range(CATEGORIES)])
        self.products = self.env["product.product"].create([{
            "name": f"Product {number}",
            "type": "consu",
            "categ_id": categories[number % CATEGORIES].id,
            "list_price": 10 + number * 7 % 90,
            "standard_price": 5 + number * 4 % 50,
            "taxes_id": False,
            "invoice_policy": "order",
        } for number in range(PRODUCTS)])  # fmt: skip
        self.env.flush_all()
        self._execute(
            """
            CREATE TEMP TABLE plan_product AS
            SELECT ROW_NUMBER() OVER (ORDER BY product.id) - 1 AS number, product.id, template.name ->> 'en_US' AS name,
                   template.list_price AS price, (product.standard_price ->> %(company)s)::numeric AS cost
              FROM product_product product JOIN product_template template ON template.id = product.product_tmpl_id
             WHERE product.id IN %(ids)s
            """, ids=self.products._ids, company=str(self.env.company.id))

    # ------------------------------------------------------------
    # Who buys what, and when
    # ------------------------------------------------------------

    def _plan_customers(self):
        """A company and its contact each; the first ones buy most."""
        self._execute(
            """
            CREATE TEMP TABLE plan_customer AS
            SELECT place, %(first)s + 2 * place AS id, %(first)s + 2 * place + 1 AS contact_id,
                   'Customer ' || to_char(place, 'FM0000000') AS name,
                   'Contact ' || to_char(place, 'FM0000000') AS contact_name,
                   'customer' || place || '@example.com' AS email, 'contact' || place || '@example.com' AS contact_email,
                   CEIL(POWER(%(customers)s / (place + 1.0), 0.4))::int AS quantity
              FROM generate_series(0, %(customers)s - 1) place;
            ANALYZE plan_customer
            """, first=self.copier.next_id("res_partner"), customers=self.size.customers)

    def _plan_orders(self):
        """Orders and their invoices, numbered by day, as they are when they come in one after the other."""
        days = 365 * self.size.years
        self._execute(
            """
            CREATE TEMP TABLE plan_order AS
            SELECT number, %(first_order)s + number AS order_id, %(first_move)s + number AS move_id, day,
                   day + TIME '10:00' AS moment, to_char(number, '"B"FM00000000') AS order_name,
                   to_char(day, '"INV/"YYYY/') AS prefix, 1000000 + number AS sequence_number,
                   to_char(day, '"INV/"YYYY/') || 1000000 + number AS move_name,
                   customer.id AS customer_id, customer.quantity,
                   CASE WHEN number %% 3 = 0 THEN customer.contact_id ELSE customer.id END AS partner_id,
                   customer.name || CASE WHEN number %% 3 = 0 THEN ', ' || customer.contact_name ELSE '' END AS partner_name
              FROM (SELECT ROW_NUMBER() OVER (ORDER BY day, turn) - 1 AS number, day, place
                      FROM (SELECT turn,
                                   CASE WHEN turn < %(customers)s THEN turn
                                        ELSE FLOOR(%(customers)s * POWER(%(who)s, 2))::int END AS place,
                                   %(last_day)s::date - FLOOR(
                                       %(when)s * CASE WHEN turn < %(customers)s THEN %(recent)s ELSE %(days)s END)::int AS day
                              FROM generate_series(0, %(orders)s - 1) turn) sold) numbered
              JOIN plan_customer customer USING (place);
            CREATE INDEX ON plan_order (number);
            ANALYZE plan_order
            """,
            first_order=self.copier.next_id("sale_order"), first_move=self.copier.next_id("account_move"),
            customers=self.size.customers, orders=self.orders, last_day=self.last_day, days=days, recent=min(days, 730),
            who=spread("turn", 2654435761), when=spread("turn", 2246822519))

    def _plan_lines(self):
        """Every order has its part of the lines; a line takes one of the products, in the quantity of its customer."""
        self._execute(
            """
            CREATE TEMP TABLE plan_line AS
            SELECT %(first_order_line)s + line AS order_line_id, %(first_move_line)s + line AS move_line_id, document.*,
                   product.id AS product_id, product.name, product.price, product.cost,
                   document.quantity * product.price AS amount,
                   document.quantity * (product.price - product.cost) AS margin
              FROM generate_series(0, %(lines)s - 1) line
              JOIN plan_order document ON document.number = line::bigint * %(orders)s / %(lines)s
              JOIN plan_product product ON product.number = FLOOR(%(products)s * %(what)s)
            """,
            first_order_line=self.copier.next_id("sale_order_line"), lines=self.lines, orders=self.orders,
            first_move_line=self.copier.next_id("account_move_line"), products=PRODUCTS, what=spread("line", 3266489917))

    def _add_amounts(self):
        self._execute(
            """
            CREATE TEMP TABLE plan_document AS
            SELECT plan_order.*, total.amount, total.margin, %(first_term_line)s + number AS term_line_id
              FROM plan_order
              JOIN (SELECT number, SUM(amount) AS amount, SUM(margin) AS margin FROM plan_line GROUP BY number) total
             USING (number);
            ANALYZE plan_line;
            ANALYZE plan_document
            """, first_term_line=self.copier.next_id("account_move_line") + self.lines)

    # ------------------------------------------------------------
    # The rows
    # ------------------------------------------------------------

    def _insert_customers(self):
        """Known since the beginning of the history: a night looks at everybody who was written since the one before."""
        day = self.last_day - timedelta(days=365 * self.size.years)
        known = dict.fromkeys(("create_date", "write_date"), f"'{day}'::timestamp")
        self.copier.copy(
            self.customer, "plan_customer", id="plan.id", name="plan.name", email="plan.email",
            commercial_partner_id="plan.id", complete_name="plan.name", commercial_company_name="plan.name",
            email_normalized="plan.email", **known)
        self.copier.copy(
            self.contact, "plan_customer", id="plan.contact_id", name="plan.contact_name", email="plan.contact_email",
            commercial_partner_id="plan.id", parent_id="plan.id", complete_name="plan.name || ', ' || plan.contact_name",
            commercial_company_name="plan.name", email_normalized="plan.contact_email", **known)

    def _insert_orders(self):
        self.copier.copy(
            self.order, "plan_document", id="plan.order_id", name="plan.order_name", partner_id="plan.partner_id",
            partner_invoice_id="plan.partner_id", partner_shipping_id="plan.partner_id",
            create_date="plan.moment", date_order="plan.moment", validity_date="plan.day + 30",
            amount_untaxed="plan.amount", amount_total="plan.amount", margin="plan.margin",
            margin_percent="plan.margin / plan.amount", access_token="NULL")
        self.copier.copy(
            self.order.order_line, "plan_line", id="plan.order_line_id", order_id="plan.order_id",
            order_partner_id="plan.partner_id", create_date="plan.moment", product_id="plan.product_id", name="plan.name",
            product_uom_qty="plan.quantity", qty_invoiced="plan.quantity", price_unit="plan.price",
            technical_price_unit="plan.price", price_reduce_taxexcl="plan.price", price_reduce_taxinc="plan.price",
            price_subtotal="plan.amount", price_total="plan.amount", untaxed_amount_invoiced="plan.amount",
            purchase_price="plan.cost", margin="plan.margin", margin_percent="plan.margin / plan.amount")

    def _insert_invoices(self):
        self.copier.copy(
            self.invoice, "plan_document", id="plan.move_id", name="plan.move_name", sequence_prefix="plan.prefix",
            sequence_number="plan.sequence_number", payment_reference="plan.move_name", ref="plan.order_name",
            invoice_origin="plan.order_name", partner_id="plan.partner_id", commercial_partner_id="plan.customer_id",
            partner_shipping_id="plan.partner_id", invoice_partner_display_name="plan.partner_name",
            create_date="plan.moment", date="plan.day", invoice_date="plan.day", invoice_date_due="plan.day",
            access_token="NULL", **dict.fromkeys((
                "amount_untaxed", "amount_total", "amount_residual", "amount_untaxed_signed",
                "amount_untaxed_in_currency_signed", "amount_total_signed", "amount_total_in_currency_signed",
                "amount_residual_signed"), "plan.amount"))
        document = {
            "move_id": "plan.move_id", "move_name": "plan.move_name", "ref": "plan.order_name",
            "partner_id": "plan.customer_id", "create_date": "plan.moment", "date": "plan.day", "invoice_date": "plan.day",
        }  # fmt: skip
        self._insert_invoice_lines(document)
        term = self.invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
        self.copier.copy(
            term, "plan_document", **document, id="plan.term_line_id", name="plan.order_name || ' - ' || plan.move_name",
            date_maturity="plan.day", **dict.fromkeys((
                "debit", "balance", "amount_currency", "amount_residual", "amount_residual_currency"), "plan.amount"))

    def _insert_invoice_lines(self, document):
        self.copier.copy(
            self.invoice.invoice_line_ids, "plan_line", **document, id="plan.move_line_id", product_id="plan.product_id",
            name="plan.name", quantity="plan.quantity", price_unit="plan.price", price_subtotal="plan.amount",
            price_total="plan.amount", credit="plan.amount", balance="-plan.amount", amount_currency="-plan.amount")
        self._execute(
            "INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)"
            " SELECT order_line_id, move_line_id FROM plan_line ORDER BY order_line_id")
