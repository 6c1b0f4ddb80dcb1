from odoo.tests import tagged

from .common import TODAY
from .relationship_common import RelationshipCommon


@tagged('post_install', '-at_install')
class TestSuggestions(RelationshipCommon):
    """Who writes from a customer's domain and is not known there is suggested as a contact."""

    def write_in(self, email_from, **vals):
        return self.env['mail.message'].create({
            'author_id': False, 'email_from': email_from, 'message_type': 'email', 'partner_ids': self.ours.partner_id.ids,
            'date': TODAY, **vals})

    def refresh_suggestions(self, accounts=()):
        self.env.flush_all()
        self.env['key.account.suggestion']._refresh_suggestions(
            self.env.company, TODAY, accounts or self.env['key.account'])
        self.env.invalidate_all()
        return self.env['key.account.suggestion'].search([('company_id', '=', self.env.company.id)])

    def test_add_in_one_click(self):
        mail = self.write_in('"Dee Dock" <Dee@Harbor.example>')
        self.write_in('dee@harbor.example')
        suggestion = self.refresh_suggestions()
        self.assertEqual(
            (suggestion.account_id, suggestion.name, suggestion.email, suggestion.message_count),
            (self.account, "Dee Dock", 'dee@harbor.example', 2))
        suggestion.with_user(self.manager).action_add()
        contact = mail.author_id
        self.assertEqual((contact.name, contact.parent_id), ("Dee Dock", self.customer))
        self.refresh()
        self.assertEqual(self.find(self.ours, contact).mail_in_count, 2)

    def test_known_public_and_strange_addresses_are_not_suggested(self):
        self.ada.email = 'ada@gmail.com'
        for address in ('bea@harbor.example', 'somebody@gmail.com', 'who@elsewhere.example', 'nonsense'):
            self.write_in(address)
        self.assertFalse(self.refresh_suggestions())

    def test_domain_of_two_customers_tells_nothing(self):
        other = self.env['res.partner'].create({'name': "Second", 'is_company': True, 'email': 'info@harbor.example'})
        self.env['key.account'].create({'partner_id': other.id})
        self.write_in('dee@harbor.example')
        self.assertFalse(self.refresh_suggestions())
        self.assertFalse(self.refresh_suggestions(self.account), "nor when only one of them is refreshed")

    def test_salesperson_adds_to_own_account(self):
        self.account.user_id = self.ours
        self.write_in('dee@harbor.example')
        self.refresh_suggestions().with_user(self.ours).action_add()
        self.assertEqual(self.customer.child_ids.filtered('email').mapped('name')[-1:], ['dee@harbor.example'])

    def test_somebody_whom_odoo_knows_but_not_where_he_works(self):
        """Neither who belongs to another customer, nor one of ours, nor a customer of its own."""
        second = self.env['res.partner'].create({'name': "Second", 'is_company': True})
        dee, eve, fay, private = self.env['res.partner'].create([
            {'name': name, 'email': f'{name.lower()}@harbor.example', 'parent_id': parent.id}
            for name, parent in (("Dee", self.env['res.partner']), ("Eve", second), ("Fay", self.env['res.partner']),
                                 ("Private", self.env['res.partner']))])
        self.env['key.account'].create({'partner_id': private.id})
        self.ours.partner_id.email = 'ours@harbor.example'
        for person in dee + eve + private + self.ours.partner_id:
            self.write_in(person.email, author_id=person.id)
        suggestion = self.refresh_suggestions()
        self.assertEqual((suggestion.partner_id, suggestion.name, suggestion.message_count), (dee, "Dee", 1))
        self.account.user_id = self.ours
        suggestion.with_user(self.ours).action_add()
        self.assertEqual((dee.parent_id, suggestion.state), (self.customer, 'added'))
        self.refresh()
        self.assertEqual(self.find(self.ours, dee).mail_in_count, 1)
        self.assertFalse(fay.parent_id)

    def test_who_became_known_otherwise_is_no_suggestion_any_more(self):
        self.write_in('dee@harbor.example')
        self.assertTrue(self.refresh_suggestions())
        self.env['res.partner'].create({'name': "Dee", 'parent_id': self.customer.id, 'email': 'dee@harbor.example'})
        self.assertFalse(self.refresh_suggestions())

    def test_ignored_stays_ignored(self):
        self.write_in('dee@harbor.example')
        self.refresh_suggestions().action_ignore()
        self.write_in('dee@harbor.example')
        self.assertEqual(self.refresh_suggestions().state, 'ignored')
