from datetime import date
from unittest.mock import patch

from odoo.fields import Command

from .common import TODAY, KeyAccountCommon


class AgreementCommon(KeyAccountCommon):
    """A world in which pricelists are switched on, and a customer may have a signed agreement.

    The clock stands at 2025-06-30; agreements run over the calendar year unless told otherwise. The product of the world
    costs 100.00 by its list price.
    """

    makes_documents = False  # a PDF takes longer than all the rest of signing

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.makes_documents:
            cls.startClassPatcher(patch.object(
                cls.registry['key.account.agreement'], '_render_document', lambda agreement, tell=True: False))
        cls.env.ref('base.group_user')._apply_group(cls.env.ref('product.group_product_pricelist'))
        cls.pricelist = cls.env['product.pricelist'].create({
            'name': "Default", 'company_id': cls.company.id, 'currency_id': cls.company.currency_id.id, 'sequence': 1})
        cls.customer = cls.create_customer("Anchor Hotel", contacts=["Ann"])
        cls.contact = cls.customer.child_ids
        cls.account = cls.create_account(cls.customer)

    @classmethod
    def create_product(cls, **vals):
        """A product with prices in the currency of the company."""
        return super().create_product(**{'company_id': cls.company.id, **vals})

    @classmethod
    def create_account(cls, customer):
        """The account of a customer, as a person opens it before the next night does."""
        return cls.env['key.account'].create({'partner_id': customer.id, 'company_id': cls.company.id})

    @classmethod
    def create_agreement(cls, *lines, customer=None, sign=True, **vals):
        """An agreement with lines of these values, signed unless told otherwise.

        :param dict lines: values of lines; the product of the world where they name none
        """
        customer = customer or cls.customer
        account = cls.get_account(customer) or cls.create_account(customer)
        agreement = cls.env['key.account.agreement'].create({
            'account_id': account.id, 'date_start': date(2025, 1, 1), 'date_end': date(2025, 12, 31),
            'currency_id': cls.company.currency_id.id,
            'line_ids': [Command.create(cls.get_line_vals(line)) for line in lines or [{'price_unit': 80.0}]], **vals})
        if sign:
            agreement.action_sign()
        return agreement

    @classmethod
    def get_line_vals(cls, line):
        """:return: values of an agreement line, for the product of the world where they name nothing"""
        named = {'product_id', 'product_tmpl_id', 'categ_id', 'applied_on'} & line.keys()
        return line if named else {'product_id': cls.product.id, **line}

    @classmethod
    def quote(cls, partner=None, quantity=1.0, product=None, day=TODAY, user=None, **vals):
        """A quotation of one line, priced by Odoo."""
        return cls.env['sale.order'].with_user(user or cls.env.user).create({
            'partner_id': (partner or cls.customer).id, 'company_id': cls.company.id,
            'order_line': [Command.create({
                'product_id': (product or cls.product).id, 'product_uom_qty': quantity, **vals.pop('line', {})})],
            **vals})

    @classmethod
    def order(cls, *args, **kwargs):
        """A confirmed order of one line, priced by Odoo."""
        order = cls.quote(*args, **kwargs)
        order.action_confirm()
        return order
