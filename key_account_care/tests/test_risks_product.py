from datetime import date

from dateutil.relativedelta import relativedelta
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from .agreement_common import AgreementCommon
from .common import TODAY
from .risk_common import RiskCommon

YEAR_AGO = TODAY - relativedelta(years=1)


class TestRisksProduct(RiskCommon, AgreementCommon):
    """Products that customers count on and that are not what they were; and what was promised to one of them alone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.key_account_revenue_source = 'order'
        cls.customer.email = "harbor@example.com"
        cls.template = cls.product.product_tmpl_id
        cls.new = cls.create_product(name="Steel Rope").product_tmpl_id
        cls.other = cls.create_customer("Anchor Hotel", country_id=cls.env.ref('base.be').id)
        cls.other_account = cls.create_account(cls.other)

    def supersede(self):
        self.template.write({'key_account_successor_id': self.new.id, 'key_account_news': "Twice as strong"})

    # ------------------------------------------------------------
    # Superseded
    # ------------------------------------------------------------

    def test_superseded(self):
        """Bought within 12 months; what is older, or was given back, does not count."""
        rule = self.use_rule('product_superseded')
        self.create_order(self.customer, YEAR_AGO, 100)
        self.supersede()
        self.assertFound(rule)
        order = self.create_order(self.customer, YEAR_AGO + relativedelta(days=1), 100)
        self.assertFound(rule, self.template)
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 100.0, 'reason': "They buy Rope. Steel Rope takes its place, and nobody has told them."}])
        order._action_cancel()
        self.assertFound(rule)

    def test_superseded_under_agreement(self):
        """Agreed on and not bought yet is enough; a draft is not."""
        rule = self.use_rule('product_superseded')
        self.supersede()
        agreement = self.create_agreement({'price_unit': 80.0}, sign=False)
        self.assertFound(rule)
        agreement.action_sign()
        self.assertFound(rule, self.template)
        self.assertFound(rule, today=date(2026, 1, 1))
        self.template.key_account_successor_id = False
        self.assertFound(rule)

    def test_told(self):
        """The mail that is sent from the warning is the telling. It closes the warning for good, for this customer."""
        rule = self.use_rule('product_superseded')
        self.supersede()
        for customer in (self.customer, self.other):
            self.create_order(customer, TODAY, 100)
        self.detect()
        risk = self.get_risks(rule).filtered(lambda risk: risk.account_id == self.account).with_user(self.salesperson)
        action = risk.action_fix()
        composer = Form(self.env['mail.compose.message'].with_user(self.salesperson).with_context(**action['context'])).save()
        self.assertIn("Twice as strong", composer.body)
        self.assertIn("Steel Rope", composer.subject)
        self.assertEqual(composer.partner_ids, self.customer)
        composer._action_send_mail()
        self.assertRecordValues(risk, [{'state': 'closed', 'closed_on': TODAY}])
        self.assertRecordValues(self.template.with_user(self.salesperson).key_account_told_ids, [{
            'account_id': self.account.id, 'partner_id': self.customer.id, 'date': TODAY, 'user_id': self.salesperson.id,
            'successor_id': self.new.id}])
        self.detect()
        self.assertEqual(self.get_risks(rule).account_id, self.other_account)
        self.new.key_account_successor_id = self.create_product(name="Silk Rope").product_tmpl_id
        self.template.key_account_successor_id = self.new.key_account_successor_id
        self.detect()
        self.assertEqual(risk.state, 'open')  # that is news again

    def test_nobody_to_tell(self):
        rule = self.use_rule('product_superseded')
        self.supersede()
        self.create_order(self.customer, TODAY, 100)
        self.detect()
        self.customer.email = False
        with self.assertRaisesRegex(UserError, "no email address"):
            self.get_risks(rule).action_fix()

    def test_circle(self):
        self.supersede()
        for product, successor in ((self.new, self.template), (self.new, self.new)):
            with self.assertRaisesRegex(ValidationError, "cannot be the successor"):
                product.key_account_successor_id = successor

    # ------------------------------------------------------------
    # Archived
    # ------------------------------------------------------------

    def test_archived(self):
        """A product; one of its variants; not where a successor is named."""
        rule = self.use_rule('product_archived')
        self.create_order(self.customer, TODAY, 100)
        self.assertFound(rule)
        self.template.active = False
        self.assertFound(rule, self.template)
        self.assertRecordValues(self.get_risks(rule), [{
            'amount': 100.0, 'reason': "Rope is not sold any more, and they still count on it."}])
        self.supersede()
        self.assertFound(rule)
        self.template.key_account_successor_id = False
        self.template.active = True
        self.assertFound(rule)

    def test_archived_under_agreement(self):
        """An agreement on the whole product is about the whole product, one on a variant about the variant."""
        rule = self.use_rule('product_archived')
        attribute = self.env['product.attribute'].create({
            'name': "Color", 'value_ids': [(0, 0, {'name': name}) for name in ("Red", "Blue")]})
        template = self.env['product.template'].create({'name': "Buoy", 'attribute_line_ids': [
            (0, 0, {'attribute_id': attribute.id, 'value_ids': attribute.value_ids.ids})]})
        red, blue = template.product_variant_ids
        self.create_agreement({'product_tmpl_id': template.id, 'price_unit': 5.0})
        red.active = False
        self.assertFound(rule)
        self.create_agreement({'product_id': red.id, 'price_unit': 5.0}, customer=self.other)
        self.detect()
        self.assertRecordValues(self.get_risks(rule), [{
            'account_id': self.other_account.id, 'res_model': 'product.product', 'res_id': red.id, 'amount': 0.0}])
        template.active = False
        self.detect()
        self.assertEqual(self.get_risks(rule).mapped('res_model'), ['product.template'] * 2)
        self.assertTrue(blue)

    def test_agenda(self):
        """The next meeting is a chance to tell."""
        self.use_rule('product_superseded')
        self.use_rule('product_archived')
        gone = self.create_product(name="Knot")
        for product in (self.product, gone):
            self.create_order(self.customer, TODAY, 100, product=product)
        self.supersede()
        gone.product_tmpl_id.active = False
        self.detect()
        review = self.env['key.account.review'].create({
            'account_id': self.account.id, 'type_id': self.env['key.account.review.type'].search([], limit=1).id})
        names = {point['name'] for point in review._get_agenda_suggestions()}
        self.assertLessEqual({"Steel Rope instead of Rope", "No longer available: Knot"}, names)

    # ------------------------------------------------------------
    # Stock
    # ------------------------------------------------------------

    def test_out_of_stock_without_inventory(self):
        """There is nothing to find; where Odoo's inventory is installed, see the tests beside it."""
        rule = self.use_rule('product_out_of_stock', threshold=14)
        self.create_order(self.customer, TODAY, 240)
        self.assertFound(rule)

    # ------------------------------------------------------------
    # Exclusivity
    # ------------------------------------------------------------

    def promise(self, **vals):
        return self.env['key.account.exclusivity'].create({
            'account_id': self.account.id, 'product_tmpl_id': self.template.id, 'date_from': self.days(-10), **vals})

    def test_exclusivity(self):
        """Somebody else ordered it, in that time and within the days of the limit; the warning is of whom it was promised."""
        rule = self.use_rule('exclusivity_broken', threshold=5)
        exclusivity = self.promise(date_until=self.days(-2))
        self.create_order(self.customer, self.days(-3), 100)
        self.create_order(self.other, self.days(-6), 100)
        self.create_order(self.other, self.days(-1), 100)
        self.create_order(self.other, self.days(-3), 100, product=self.new.product_variant_id)
        self.create_order(self.other, self.days(-3), 100, confirm=False)
        self.assertFound(rule)
        first, last = (self.create_order(self.other, self.days(day), 100) for day in (-5, -2))
        self.assertFound(rule, first, last)
        self.assertEqual(self.get_risks(rule).account_id, self.account)
        self.assertFound(rule, last, today=self.days(1))
        last._action_cancel()
        self.assertFound(rule, first)
        exclusivity.active = False
        self.assertFound(rule)

    def test_exclusivity_region_and_category(self):
        """Where the goods go to counts, and categories within the promised one."""
        rule = self.use_rule('exclusivity_broken', threshold=30)
        outer = self.env['product.category'].create({'name': "Ropes"})
        self.template.categ_id = self.env['product.category'].create({'name': "Thin", 'parent_id': outer.id})
        germany, state = self.env.ref('base.de'), self.env.ref('base.state_us_1')
        exclusivity = self.promise(product_tmpl_id=False, categ_id=outer.id, country_ids=germany.ids)
        order = self.create_order(self.other, TODAY, 100)
        self.assertFound(rule)
        order.partner_shipping_id = self.create_customer("Site", parent_id=self.other.id, type='delivery', country_id=germany.id)
        self.assertFound(rule, order)
        exclusivity.write({'country_ids': [(5,)], 'state_ids': state.ids})
        self.assertFound(rule)
        order.partner_shipping_id.write({'country_id': state.country_id.id, 'state_id': state.id})
        self.assertFound(rule, order)
        self.assertIn(f"for {state.name}", self.get_risks(rule).reason)

    def test_exclusivity_tells_no_more_than_needed(self):
        """Who may not read the order of the other customer learns the product, the place and the day, and no name."""
        rule = self.use_rule('exclusivity_broken', threshold=30)
        self.promise()
        order = self.create_order(self.other, TODAY, 100, user_id=self.salesperson_2.id)
        order.message_unsubscribe(self.salesperson.partner_id.ids)
        self.detect()
        risk = self.get_risks(rule).with_user(self.salesperson)
        self.assertFalse(risk.source)
        self.assertEqual(
            risk.reason, "On 06/30/2025 another customer ordered Rope for Belgium, which only they may sell there.")
        self.assertEqual(self.env['key.account.exclusivity'].search(risk.action_fix()['domain']).account_id, self.account)
        self.assertEqual(risk.with_user(self.manager).source, order.name)

    def test_promised_once(self):
        """The same to two customers is refused where they share a place and a day."""
        belgium, germany = self.env.ref('base.be'), self.env.ref('base.de')
        self.promise(country_ids=belgium.ids, date_until=TODAY)
        self.promise(country_ids=germany.ids, account_id=self.other_account.id)
        self.promise(country_ids=belgium.ids, account_id=self.other_account.id, date_from=self.days(1))
        for vals in ({'country_ids': belgium.ids}, {'country_ids': False}):
            with self.assertRaisesRegex(ValidationError, "promised to another customer"):
                self.promise(account_id=self.other_account.id, **vals)

    def test_exclusivity_rights(self):
        """Salespeople see what is promised to the customers whom they serve."""
        own = self.promise()
        self.other_account.user_id = self.salesperson_2
        self.promise(account_id=self.other_account.id, product_tmpl_id=self.new.id)
        found = self.env['key.account.exclusivity'].with_user(self.salesperson).search([])
        self.assertEqual(found, own)
        self.assertEqual(self.account.with_user(self.salesperson).exclusivity_ids, own)
