import csv
from collections import defaultdict
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import accumulate
from pathlib import Path
from unittest import skipUnless

from odoo.tests import freeze_time
from odoo.tools import SQL

from .common import KeyAccountCommon

# real invoices of a wholesaler; they lie beside the repository and are not part of it
HISTORY = Path(__file__).resolve().parents[3] / 'shared' / 'data' / 'online_retail_h1.csv'
DAY = date(2011, 6, 1)
PARETO = (30.0, 60.0, 90.0)


@skipUnless(HISTORY.is_file(), f"The real sales history is not at {HISTORY}")
class TestRealHistory(KeyAccountCommon):
    """Half a year of real invoices: every figure equals what plain Python makes of the same file."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with HISTORY.open(newline='') as file:
            cls.invoices = list(csv.DictReader(file))
        cls.load_invoices()
        cls.tiers = cls.set_tiers(
            *({'rule': 'pareto', 'pareto_share': share} for share in PARETO), {'rule': 'amount', 'amount_min': 0.0})
        cls.expected = cls.compute_figures()

    # ------------------------------------------------------------
    # The same figures in plain Python
    # ------------------------------------------------------------

    @classmethod
    def compute_figures(cls):
        """Revenue, rank, share and cumulative share per customer number; of equals who came first in the file leads.

        Accounts are opened in the order of their customers, and those in the order of the file.
        """
        revenue = defaultdict(Decimal)
        days = defaultdict(set)
        count = defaultdict(int)
        for invoice in cls.invoices:
            revenue[invoice['customer']] += Decimal(invoice['total'])
            days[invoice['customer']].add(date.fromisoformat(invoice['date']))
            count[invoice['customer']] += 1
        ranked = sorted(revenue, key=lambda customer: -revenue[customer])  # stable: the order of the file breaks ties
        total = sum(max(amount, 0) for amount in revenue.values())
        running = accumulate(max(revenue[customer], 0) for customer in ranked)
        return {
            customer: {
                'revenue': revenue[customer], 'rank': rank, 'share': max(revenue[customer], 0) / total,
                'cumulative_share': down_to / total, 'order_count': count[customer],
                'first_order_date': min(days[customer]), 'last_order_date': max(days[customer]),
            } for rank, (customer, down_to) in enumerate(zip(ranked, running), start=1)}

    # ------------------------------------------------------------
    # The history as posted invoices
    # ------------------------------------------------------------

    @classmethod
    def load_invoices(cls):
        """Customers and posted invoices with a sales line and a due line each, as Odoo itself stores them."""
        cls.env.flush_all()
        with closing(StringIO()) as file:
            for invoice in cls.invoices:
                file.write('\t'.join(invoice.values()) + '\n')
            file.seek(0)
            cls.env.cr.execute(
                "CREATE TEMPORARY TABLE history (invoice text, day date, customer text, total numeric, place serial)"
                " ON COMMIT DROP")
            cls.env.cr._obj.copy_from(file, 'history', columns=('invoice', 'day', 'customer', 'total'))
        journal = cls.env['account.journal'].search([('company_id', '=', cls.company.id), ('type', '=', 'sale')])
        receivable = cls.env['res.partner'].with_company(cls.company)._fields[
            'property_account_receivable_id'].get_company_dependent_fallback(cls.env['res.partner'])
        cls.env.cr.execute(SQL(
            """
            INSERT INTO res_partner (name, complete_name, ref, type, is_company, active, autopost_bills)
                 SELECT 'Customer ' || customer, 'Customer ' || customer, customer, 'contact', TRUE, TRUE, 'ask'
                   FROM history GROUP BY customer ORDER BY MIN(place);
            UPDATE res_partner SET commercial_partner_id = id WHERE commercial_partner_id IS NULL;
            INSERT INTO account_move (
                        name, move_type, state, journal_id, company_id, currency_id, partner_id, commercial_partner_id,
                        partner_shipping_id, date, invoice_date, invoice_date_due, auto_post, payment_state,
                        invoice_currency_rate, sequence_prefix, sequence_number,
                        amount_untaxed, amount_total, amount_residual, amount_untaxed_signed, amount_total_signed,
                        amount_untaxed_in_currency_signed, amount_total_in_currency_signed, amount_residual_signed,
                        amount_tax, amount_tax_signed)
                 SELECT 'INV/' || invoice, 'out_invoice', 'posted', %(journal)s, %(company)s, %(currency)s, partner.id,
                        partner.id, partner.id, day, day, day, 'no', 'not_paid', 1, 'INV/', invoice::integer,
                        total, total, total, total, total, total, total, total, 0, 0
                   FROM history JOIN res_partner partner ON partner.ref = history.customer AND partner.is_company
               ORDER BY place;
            INSERT INTO account_move_line (
                        move_id, move_name, parent_state, journal_id, company_id, company_currency_id, currency_id,
                        partner_id, date, invoice_date, date_maturity, display_type, account_id, name, quantity,
                        price_unit, price_subtotal, price_total, debit, credit, balance, amount_currency,
                        amount_residual, amount_residual_currency, reconciled, sequence)
                 SELECT move.id, move.name, 'posted', move.journal_id, move.company_id, move.currency_id,
                        move.currency_id, move.partner_id, move.date, move.invoice_date, line.due, line.display_type,
                        line.account_id, line.name, line.quantity, line.price, line.price, line.price,
                        GREATEST(line.balance, 0), GREATEST(-line.balance, 0), line.balance, line.balance,
                        line.residual, line.residual, FALSE, line.sequence
                   FROM account_move move
             CROSS JOIN LATERAL (VALUES
                        ('product', %(income)s, 'Gifts', 1, move.amount_total, -move.amount_total, 0, NULL::date, 100),
                        ('payment_term', %(receivable)s, move.name, NULL, NULL, move.amount_total, move.amount_total,
                         move.invoice_date_due, 10000)
                        ) line (display_type, account_id, name, quantity, price, balance, residual, due, sequence)
                  WHERE move.company_id = %(company)s
            """,
            journal=journal.id, company=cls.company.id, currency=cls.company.currency_id.id,
            income=journal.default_account_id.id, receivable=receivable.id))
        # as autovacuum would have done by the night; it does not see what is not committed
        cls.env.cr.execute("ANALYZE res_partner, account_move, account_move_line")
        cls.env.invalidate_all()

    # ------------------------------------------------------------
    # Tests
    # ------------------------------------------------------------

    def assertFigures(self):
        accounts = self.get_accounts()
        self.assertEqual(len(accounts), 2718)
        self.assertEqual(accounts.mapped('rank'), list(range(1, 2719)))
        for account in accounts:
            expected = self.expected[account.partner_id.ref]
            self.assertEqual(f'{account.revenue:.2f}', f"{expected['revenue']:.2f}", account.partner_id.ref)
            for figure in ('rank', 'order_count', 'first_order_date', 'last_order_date'):
                self.assertEqual(account[figure], expected[figure], (figure, account.partner_id.ref))
            for figure in ('share', 'cumulative_share'):
                self.assertAlmostEqual(account[figure], float(expected[figure]), 12, (figure, account.partner_id.ref))
        self.assertAlmostEqual(sum(accounts.mapped('share')), 1.0, 9)
        self.assertEqual(accounts[-1].cumulative_share, 1.0)
        self.assertEqual(sum(Decimal(f'{account.revenue:.2f}') for account in accounts), Decimal('3332591.96'))

    def test_figures(self):
        self.refresh(DAY)
        self.assertFigures()

    def test_figures_by_the_nightly_job(self):
        """By the scheduled action itself, on that day."""
        with freeze_time(datetime(2011, 6, 1, 3)), self.enter_registry_test_mode():
            self.env.ref('key_account_care.ir_cron_refresh').method_direct_trigger()
        self.env.invalidate_all()
        self.assertFigures()
        self.assertEqual(set(self.get_accounts().mapped('figures_date')), {DAY})

    def test_tiers(self):
        """An account is inside a share of revenue when those above it bring less than that share."""
        self.refresh(DAY)
        tier_of = {account.partner_id.ref: account.tier_id for account in self.get_accounts()}
        counts = defaultdict(int)
        for customer, figures in self.expected.items():
            above = figures['cumulative_share'] - figures['share']
            place = next((place for place, share in enumerate(PARETO) if above < Decimal(share) / 100), len(PARETO))
            self.assertEqual(tier_of[customer], self.tiers[place], customer)
            counts[place] += 1
        self.assertEqual(sum(counts.values()), 2718)
        self.assertTrue(all(counts[place] for place in range(4)), "Every tier has accounts.")

    def test_invoices_in_the_web_client(self):
        """What was loaded is what Odoo shows: the invoice list, one form, and figures that open their lines."""
        moves = self.env['account.move'].web_search_read(
            [('company_id', '=', self.company.id)],
            {'name': {}, 'partner_id': {'fields': {'display_name': {}}}, 'invoice_date': {}, 'state': {},
             'amount_untaxed_signed': {}, 'amount_total_signed': {}, 'payment_state': {}}, limit=80, order='id')
        self.assertEqual(len(moves['records']), 80)
        for move, invoice in zip(moves['records'], self.invoices):
            self.assertEqual(
                (move['name'], move['partner_id']['display_name'], str(move['invoice_date']), move['state'],
                 f"{move['amount_total_signed']:.2f}", f"{move['amount_untaxed_signed']:.2f}"),
                (f"INV/{invoice['invoice']}", f"Customer {invoice['customer']}", invoice['date'], 'posted',
                 invoice['total'], invoice['total']))
        move = self.env['account.move'].browse(moves['records'][0]['id'])
        self.assertTrue(move.web_read({'tax_totals': {}, 'invoice_line_ids': {'fields': {'price_subtotal': {}}}}))
        self.assertEqual(sum(move.line_ids.mapped('balance')), 0.0)
        self.refresh(DAY)
        best = self.get_accounts()[0]
        action = best.with_context(figure='revenue').action_open_figure()
        lines = self.env['key.account.sale'].search(action['domain'])
        self.assertAlmostEqual(sum(lines.mapped('revenue')), best.revenue)
        self.assertEqual(len(lines), best.order_count)
