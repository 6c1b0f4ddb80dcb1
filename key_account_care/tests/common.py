from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import TransactionCase, freeze_time, tagged

TODAY = date(2025, 6, 30)


@tagged('post_install', '-at_install')
class KeyAccountCommon(TransactionCase):
    """A company of its own with what it takes to post invoices and confirm orders, its people, and one clock.

    Nothing here needs demo data or a chart of accounts. The clock stands at noon (UTC) of ``today``; the trailing 12
    months are 2024-07-01 to 2025-06-30, the 12 months before 2023-07-01 to 2024-06-30.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(datetime(TODAY.year, TODAY.month, TODAY.day, 12)))
        cls.today = TODAY
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True, 'no_reset_password': True})
        cls.dollar = cls._get_currency('base.USD')
        cls.company = cls.create_company("Harbor Trading", cls._get_currency('base.EUR'))
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids})
        cls.company = cls.company.with_env(cls.env)
        cls.product = cls.create_product(list_price=100.0, standard_price=60.0)
        cls._create_users()

    # ------------------------------------------------------------
    # The world
    # ------------------------------------------------------------

    @classmethod
    def create_company(cls, name, currency, usd_rate=2.0):
        """A company in the time zone UTC that can post invoices; its currency is worth ``usd_rate`` dollars."""
        company = cls.env['res.company'].create({
            'name': name, 'currency_id': currency.id, 'key_account_revenue_source': 'invoice'})
        company.partner_id.tz = 'UTC'
        env = company.with_company(company).env
        env.user.company_ids += company
        company.account_fiscal_country_id = cls.env.ref('base.be')
        income, receivable, payable = env['account.account'].create([
            {'name': name, 'code': code, 'account_type': kind, 'company_ids': [Command.set(company.ids)]}
            for name, code, kind in (
                ("Sales", '700000', 'income'),
                ("Customers", '400000', 'asset_receivable'),
                ("Suppliers", '440000', 'liability_payable'))])
        for name, account in (('receivable', receivable), ('payable', payable)):
            env['ir.default'].set('res.partner', f'property_account_{name}_id', account.id, company_id=company.id)
        env['account.journal'].create([
            {'name': "Sales", 'code': 'INV', 'type': 'sale', 'company_id': company.id, 'default_account_id': income.id},
            {'name': "Bills", 'code': 'BILL', 'type': 'purchase', 'company_id': company.id,
             'default_account_id': income.id}])
        if currency != cls.dollar:
            env['res.currency.rate'].create({
                'currency_id': cls.dollar.id, 'company_id': company.id, 'name': date(2020, 1, 1), 'rate': usd_rate})
        return company

    @classmethod
    def _get_currency(cls, xml_id):
        currency = cls.env.ref(xml_id)
        currency.active = True
        return currency

    @classmethod
    def create_product(cls, **vals):
        """A service in units without taxes; its cost is that of the current company."""
        return cls.env['product.product'].create({
            'name': "Rope", 'type': 'service', 'invoice_policy': 'order', 'taxes_id': False,
            'uom_id': cls.env.ref('uom.product_uom_unit').id, **vals})

    @classmethod
    def _create_users(cls):
        companies = {'company_id': cls.company.id, 'company_ids': [Command.set(cls.company.ids)]}
        groups = {
            'ka_salesperson': 'sales_team.group_sale_salesman', 'ka_salesperson_2': 'sales_team.group_sale_salesman',
            'ka_manager': 'sales_team.group_sale_manager', 'ka_employee': 'base.group_user',
            'ka_portal': 'base.group_portal'}
        # as new_test_user does, but all at once, which takes a third of the time
        cls.salesperson, cls.salesperson_2, cls.manager, cls.employee, cls.portal_user = cls.env['res.users'].create([
            {'login': login, 'password': login, 'name': f"{login} ({group})", 'email': f"{login}@example.com",
             'group_ids': [Command.set(cls.env.ref(group).ids)], **companies}
            for login, group in groups.items()])

    @classmethod
    def set_tiers(cls, *vals_list):
        """Archive every tier there is and create these, in their order; each with a rule and no grace unless given."""
        tiers = cls.env['key.account.tier']
        tiers.search([]).active = False
        return tiers.create([
            {'name': f"Tier {place}", 'sequence': place, 'grace_runs': 0, 'company_id': cls.company.id,
             'currency_id': cls.company.currency_id.id, **vals}
            for place, vals in enumerate(vals_list, start=1)])

    # ------------------------------------------------------------
    # Customers and what they bought
    # ------------------------------------------------------------

    @classmethod
    def create_customer(cls, name="Customer", contacts=(), **vals):
        """A customer company with contacts of these names."""
        return cls.env['res.partner'].create({
            'name': name, 'is_company': True,
            'child_ids': [Command.create({'name': contact}) for contact in contacts], **vals})

    @classmethod
    def create_invoice(cls, partner, day, amount, move_type='out_invoice', post=True, product=None, quantity=1.0,
                       company=None, **vals):
        """An invoice of one line over ``amount`` without tax, posted unless told otherwise.

        :param res.partner partner: customer or one of its contacts
        :param date day: invoice date
        :param float amount: untaxed amount of the line, in the currency of the invoice
        :param product.product product: product of the line; by default none, so that the line has no cost
        """
        company = company or cls.company
        move = cls.env['account.move'].with_company(company).create({
            'move_type': move_type, 'partner_id': partner.id, 'invoice_date': day, 'date': day,
            'company_id': company.id,
            'invoice_line_ids': [Command.create({
                'name': "Rope", 'product_id': product and product.id, 'quantity': quantity,
                'price_unit': amount / quantity, 'tax_ids': False})],
            **vals})
        if post:
            move.action_post()
        return move

    @classmethod
    def create_credit_note(cls, partner, day, amount, **options):
        """A credit note of one line over ``amount``; options as in :meth:`create_invoice`."""
        return cls.create_invoice(partner, day, amount, move_type='out_refund', **options)

    @classmethod
    def create_order(cls, partner, day, amount=100.0, confirm=True, product=None, quantity=1.0, company=None, **vals):
        """An order of one line over ``amount`` without tax, confirmed unless told otherwise.

        :param res.partner partner: customer or one of its contacts
        :param day: day of the order (at noon), or a datetime in UTC
        :param float amount: untaxed amount of the line, in the currency of the order
        :param product.product product: product of the line; by default the one of this world, with its cost
        """
        company = company or cls.company
        moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day, 12)
        order = cls.env['sale.order'].with_company(company).create({
            'partner_id': partner.id, 'company_id': company.id, 'date_order': moment,
            'order_line': [Command.create({
                'product_id': (product or cls.product).id, 'product_uom_qty': quantity,
                'price_unit': amount / quantity, 'tax_ids': False})],
            **vals})
        if confirm:
            order.action_confirm()
            order.date_order = moment
        return order

    # ------------------------------------------------------------
    # Accounts
    # ------------------------------------------------------------

    @classmethod
    def refresh(cls, today=TODAY, company=None):
        """The nightly run of one company on a day."""
        cls.env['key.account']._refresh(today, companies=company or cls.company)

    @classmethod
    def get_account(cls, partner, company=None):
        """The account of a customer, also when it is archived; empty when there is none."""
        return cls.env['key.account'].with_context(active_test=False).search(
            [('partner_id', '=', partner.id), ('company_id', '=', (company or cls.company).id)])

    @classmethod
    def get_accounts(cls, company=None):
        """All accounts of a company by rank, the archived ones first."""
        return cls.env['key.account'].with_context(active_test=False).search(
            [('company_id', '=', (company or cls.company).id)])

    def count_queries(self, function, *args, **kwargs):
        """How many queries a call takes, with nothing in the cache before and everything written after."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function(*args, **kwargs)
        self.env.flush_all()
        return self.cr.sql_log_count - before
