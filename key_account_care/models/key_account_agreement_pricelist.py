from datetime import datetime, time, timedelta

import pytz
from odoo import api, fields, models
from odoo.tools import SQL

LAST = 999  # sequence of a pricelist that must never become anybody's default


class KeyAccountAgreement(models.Model):
    """How Odoo prices by an agreement: who is under it on a day, and the pricelist that is made from its lines."""
    _inherit = 'key.account.agreement'

    # ------------------------------------------------------------
    # Who is under an agreement
    # ------------------------------------------------------------

    @api.model
    def _find_in_force(self, customers, company, day):
        """The agreement under which each customer buys on a day: its own, else one that covers it.

        :param list customers: ids of commercial partners
        :param res.company company: the seller
        :param date day: first and last day of an agreement are part of it
        :return: dict of ``key.account.agreement`` by id of the customer; those without are left out
        """
        if not customers:
            return {}
        self.flush_model(['state', 'partner_id', 'company_id', 'date_start', 'date_until', 'covered_partner_ids'])
        rows = self.env.execute_query(SQL(
            """
            SELECT covered.partner_id, agreement.id
              FROM key_account_agreement_covered_rel covered
              JOIN key_account_agreement agreement ON agreement.id = covered.agreement_id
             WHERE covered.partner_id = ANY(%(customers)s) AND %(in_force)s
             UNION ALL
            SELECT agreement.partner_id, agreement.id
              FROM key_account_agreement agreement
             WHERE agreement.partner_id = ANY(%(customers)s) AND %(in_force)s
            """,
            customers=list(customers),
            in_force=SQL(
                "agreement.company_id = %s AND agreement.state = 'signed'"
                " AND agreement.date_start <= %s AND agreement.date_until >= %s", company.id, day, day)))
        agreements = self.browse(agreement_id for __, agreement_id in rows)
        return {customer_id: agreement for (customer_id, __), agreement in zip(rows, agreements)}

    def _get_covered_products(self, products):
        """:return: those of some variants for which the agreement has a line"""
        if not self or not products:
            return products.browse()
        categories = {
            product: [int(part) for part in (product.categ_id.parent_path or '').split('/') if part]
            for product in products}
        lines = self.line_ids.search([
            ('agreement_id', '=', self.id),
            '|', '|', '|', ('applied_on', '=', '3_global'), ('product_id', 'in', products.ids),
            ('product_tmpl_id', 'in', products.product_tmpl_id.ids),
            ('categ_id', 'in', list({part for parts in categories.values() for part in parts}))])
        if any(line.applied_on == '3_global' for line in lines):
            return products
        return products.filtered(
            lambda product: product in lines.product_id or product.product_tmpl_id in lines.product_tmpl_id
            or not set(lines.categ_id.ids).isdisjoint(categories[product]))

    @api.model
    def _get_day(self, company, moment=None):
        """:return: the date of a moment (naive UTC; by default now) where the company is"""
        moment = pytz.utc.localize(moment or fields.Datetime.now())
        zone = company.sudo().partner_id.tz or 'UTC'  # sudo: visitors of a shop, too, are served by the seller's clock
        return moment.astimezone(pytz.timezone(zone)).date()

    @api.model
    def _get_day_bounds(self, company, first, last):
        """:return: the first second of one day and the last second of another where the company is, as naive UTC"""
        zone = pytz.timezone(company.partner_id.tz or 'UTC')
        start, end = (
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (first, last + timedelta(days=1)))
        return start, end - timedelta(seconds=1)

    # ------------------------------------------------------------
    # The pricelist
    # ------------------------------------------------------------

    def _generate_pricelist(self):
        """Make the pricelists anew from the lines. Order lines keep no link to their rules, so they can be replaced."""
        # sudo: who may sign an agreement makes its prices hold; pricelists are otherwise for sales managers
        for agreement in self.sudo():
            rules = agreement._prepare_pricelist_items()
            for pricelist, normal in agreement._make_pricelists().items():
                pricelist.item_ids.unlink()
                agreement.env['product.pricelist.item'].create([
                    {**vals, 'pricelist_id': pricelist.id, **(
                        self._prepare_normal_price(normal) if vals.get('base') == 'list_price' else {})}
                    for vals in rules])
        self._forget_prices()

    def _make_pricelists(self):
        """A covered company whose normal prices are not those of the customer needs a pricelist that falls back to its own.

        :return: dict of the normal pricelist (maybe empty) by pricelist of the agreement
        """
        self.ensure_one()
        Pricelist = self.env['product.pricelist']
        normals = self._get_normal_pricelists()
        main = normals.pop(self.partner_id)
        if not self.pricelist_id:
            self.pricelist_id = Pricelist.create(self._prepare_pricelist())
        bases = {rule.pricelist_id: rule.base_pricelist_id for rule in self._get_fallback_items()}
        bases[self.pricelist_id] = main
        for normal in set(normals.values()) - set(bases.values()):
            bases[Pricelist.create({
                **self._prepare_pricelist(), 'name': f"{self.display_name} · {normal.name or ''}"})] = normal
        return bases

    def _get_fallback_items(self):
        """:return: the last rule of each pricelist of the agreement"""
        self.ensure_one()
        pricelists = self.env['product.pricelist'].with_context(active_test=False).search(
            [('key_account_agreement_id', '=', self.id)])
        return self.env['product.pricelist.item'].search(
            [('pricelist_id', 'in', pricelists.ids), ('key_account_agreement_line_id', '=', False)])

    def _get_pricelist_of(self, customer_id, normal):
        """:return: product.pricelist by which a customer or covered company buys

        :param int customer_id: the customer or one that the agreement covers
        :param product.pricelist normal: what it would buy by without the agreement
        """
        self.ensure_one()
        if customer_id == self.partner_id.id:
            return self.pricelist_id
        found = self._get_fallback_items().filtered(lambda rule: rule.base_pricelist_id.id == normal.id).pricelist_id
        return self.pricelist_id if self.pricelist_id in found or not found else found[0]

    def _prepare_pricelist(self):
        self.ensure_one()
        vals = {
            'name': self.display_name,
            'company_id': self.company_id.id,
            'currency_id': self.currency_id.id,
            'sequence': LAST,
            'key_account_agreement_id': self.id,
        }
        if 'website_id' in self.env['product.pricelist']._fields:
            vals['website_id'] = False  # else Odoo puts the first website of the company
        return vals

    def _prepare_pricelist_items(self):
        """:return: values of the rules; the first one is the fallback, which of equal rules comes last in Odoo's order"""
        self.ensure_one()
        return [self._prepare_fallback_item(), *self.line_ids._prepare_pricelist_items()]

    def _prepare_fallback_item(self):
        """What no line covers costs what the customer would pay without the agreement, also before and after it."""
        return {
            'applied_on': '3_global',
            'compute_price': 'percentage',  # unlike a formula it keeps the discounts of the normal pricelist visible
            'percent_price': 0,
            'base': 'list_price',
        }

    @api.model
    def _prepare_normal_price(self, normal):
        """:return: values that make a rule start from a normal pricelist, which is empty where list prices hold"""
        return {
            'base': 'pricelist' if normal else 'list_price',
            'base_pricelist_id': normal.id,
        }

    def _get_normal_pricelist(self):
        """:return: product.pricelist of the customer without any agreement; empty where list prices hold"""
        self.ensure_one()
        return self._get_normal_pricelists()[self.partner_id]

    def _get_normal_pricelists(self):
        """:return: dict of product.pricelist without any agreement, by customer and covered companies"""
        customers = self.partner_id | self.covered_partner_ids
        Pricelist = self.env['product.pricelist'].with_company(self.company_id)
        found = Pricelist.with_context(key_account_without_agreement=True)._get_partner_pricelist_multi(customers.ids)
        return {customer: found.get(customer.id) or Pricelist for customer in customers}

    def _sync_normal_pricelist(self):
        """Follow the normal pricelists of the customer and the covered companies, when they are others by now."""
        for agreement in self.sudo():  # sudo: the prices of an agreement follow whoever changes the customer
            normals = agreement._get_normal_pricelists()
            normal = self._prepare_normal_price(normals.pop(agreement.partner_id))
            stale = agreement.pricelist_id.item_ids.filtered_domain([
                ('compute_price', '=', 'percentage'), ('base', 'in', ('pricelist', 'list_price')),
                ('base_pricelist_id', '!=', normal['base_pricelist_id'])])
            stale.write(normal)
            if {other.id for other in normals.values()} - {rule.base_pricelist_id.id for rule in agreement._get_fallback_items()}:
                agreement._generate_pricelist()

    def _limit_pricelist(self):
        """End the prices with the agreement, when it ends earlier than was agreed."""
        for agreement in self.sudo():  # sudo: see _generate_pricelist
            __, end = self._get_day_bounds(agreement.company_id, agreement.date_start, agreement.date_until)
            late = agreement._get_fallback_items().pricelist_id.item_ids.filtered_domain([('date_end', '>', end)])
            never = late.filtered_domain([('date_start', '>', end)])  # a price from a day that does not come any more
            never.unlink()
            (late - never).date_end = end
        self._forget_prices()

    def _forget_prices(self):
        # what Odoo has cached on customers does not depend on agreements
        self.env['res.partner'].invalidate_model(['property_product_pricelist'])
