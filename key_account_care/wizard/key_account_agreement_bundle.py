from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class KeyAccountAgreementBundle(models.TransientModel):
    """Proposes an agreement from what a customer really bought in the last 12 months.

    Lines by product and lines by category are both made when the assistant opens; the switch shows the one or the other.
    All prices are as pricelists know them (with those taxes that the product's price includes), per unit of the product,
    in the currency of the agreement to be.
    """
    _name = 'key.account.agreement.bundle'
    _description = "Propose Agreement"

    account_id = fields.Many2one('key.account', required=True, readonly=True, ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id')
    currency_id = fields.Many2one('res.currency', readonly=True)
    today = fields.Date(required=True, readonly=True)
    start = fields.Date(compute='_compute_start')
    running_id = fields.Many2one(
        'key.account.agreement', string="Running Agreement", readonly=True, ondelete='cascade')
    remark = fields.Text(readonly=True, help="What was left out, and why.")

    group_by = fields.Selection(
        selection=[('product', "Product"), ('category', "Category")], string="Group by", default='product', required=True)
    commit_volume = fields.Boolean(
        string="Commit the volume of last year", help="Products: the quantity. Categories: the amount, at the proposed prices.")
    target_discount = fields.Float(string="Target Discount (%)")
    line_count = fields.Integer(readonly=True)
    product_line_ids = fields.One2many(
        'key.account.agreement.bundle.line', 'wizard_id', string="Products", domain=[('scope', '=', 'product')])
    category_line_ids = fields.One2many(
        'key.account.agreement.bundle.line', 'wizard_id', string="Categories", domain=[('scope', '=', 'category')])

    ticked_count = fields.Integer(compute='_compute_sums')
    paid_amount = fields.Monetary(compute='_compute_sums')
    proposed_amount = fields.Monetary(compute='_compute_sums')
    change = fields.Float(compute='_compute_sums')
    margin = fields.Float(compute='_compute_sums', groups='base.group_user')

    @api.depends('today')
    def _compute_start(self):
        for wizard in self:
            start = wizard.today and self.env['key.account']._get_periods(wizard.today)[0]
            wizard.start = start and fields.Date.add(start, days=1)

    @api.depends(
        'group_by', 'product_line_ids.selected', 'product_line_ids.price_unit',
        'category_line_ids.selected', 'category_line_ids.price_unit')
    def _compute_sums(self):
        """What last year's purchases of the ticked lines cost, and what they would cost at the proposed prices."""
        for wizard in self:
            lines = wizard._get_ticked()
            cost = sum(line.cost * line.quantity / line.tax_factor for line in lines)
            wizard.ticked_count = len(lines)
            wizard.paid_amount = sum(lines.mapped('amount'))
            wizard.proposed_amount = sum(line.price_unit * line.quantity / line.tax_factor for line in lines)
            wizard.change = wizard.proposed_amount / wizard.paid_amount - 1 if wizard.paid_amount else 0.0
            wizard.margin = 1 - cost / wizard.proposed_amount if wizard.proposed_amount else 0.0

    def _get_lines(self):
        """:return: the lines of the chosen grouping"""
        self.ensure_one()
        return self.category_line_ids if self.group_by == 'category' else self.product_line_ids

    def _get_ticked(self):
        return self._get_lines().filtered('selected')

    # ------------------------------------------------------------
    # Open
    # ------------------------------------------------------------

    @api.model
    def _open_for(self, account, today):
        """Make the assistant with its lines.

        :param key.account account: whose purchases are bundled
        :param date today: last day of the 12 months
        :return: key.account.agreement.bundle
        """
        account.check_access('read')
        company = account.company_id
        Agreement = self.env['key.account.agreement'].with_company(company)
        # sudo: what a customer pays is for whoever may see its account, also when its parent's agreement covers it
        running = Agreement.sudo()._find_in_force(account.partner_id.ids, company, today).get(account.partner_id.id)
        wizard = self.with_company(company).create({
            'account_id': account.id,
            'today': today,
            'running_id': running and running.id,
            'currency_id': (running or Agreement.new({'account_id': account.id})).currency_id.id,
        })
        wizard._load_lines()
        return wizard

    def _load_lines(self):
        purchases = self.account_id._get_purchases(self.today)
        products = self.env['product.product'].browse(row['product_id'] for row in purchases)
        gone = products.filtered(lambda product: not product.active or not product.sale_ok)
        rows = self._get_rows([row for row in purchases if row['product_id'] not in gone._ids])
        loose = self.env['product.product'].browse(
            row['product_id'] for row in rows if not row['product'].categ_id)
        self.remark = "\n".join(filter(None, [self._get_remark_gone(gone), self._get_remark_loose(loose)]))
        Line = self.env['key.account.agreement.bundle.line']
        Line.create([
            {'wizard_id': self.id, **vals}
            for vals in (*Line._prepare_product_lines(rows), *Line._prepare_category_lines(rows))])
        self.line_count = len(rows)

    def _get_remark_gone(self, products):
        return products and self.env._(
            "Left out, because they are archived or not for sale any more: %(products)s",
            products=", ".join(products.mapped('display_name')))

    def _get_remark_loose(self, products):
        return products and self.env._(
            "Only among the products, because they have no category: %(products)s",
            products=", ".join(products.mapped('display_name')))

    def _reopen(self):
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_agreement_bundle'),
            'res_id': self.id,
        }

    # ------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------

    def action_apply_discount(self):
        """Propose the normal prices less the target discount on all ticked lines.

        :raise UserError: when it is no discount
        """
        if not 0 <= self.target_discount <= 100:
            raise UserError(self.env._("A discount must be 0 to 100 %."))
        for line in self._get_ticked():
            line.price_unit = line._get_price_at(self.target_discount)
        return self._reopen()

    def action_tick_all(self):
        """Tick all lines of the grouping that is shown."""
        self._get_lines().selected = True
        return self._reopen()

    def action_untick_all(self):
        """Untick all lines of the grouping that is shown."""
        self._get_lines().selected = False
        return self._reopen()

    def action_new_agreement(self):
        """Open an empty draft, where nothing was bought that a draft could be made of."""
        return self.account_id.action_new_agreement()

    def action_create_agreement(self):
        """Make a draft of the ticked lines and open it.

        :raise UserError: when no line is ticked
        """
        if not self._get_ticked():
            raise UserError(self.env._("Tick at least one line to make an agreement of."))
        agreement = self.env['key.account.agreement'].with_company(self.company_id).create(self._prepare_agreement())
        return {
            'type': 'ir.actions.act_window',
            'res_model': agreement._name,
            'res_id': agreement.id,
            'views': [(False, 'form')],
        }

    def _prepare_agreement(self):
        agreed = self._get_last_agreement()
        return {
            'account_id': self.account_id.id,
            'currency_id': self.currency_id.id,
            'date_start': max(self.today, fields.Date.add(agreed.date_until, days=1)) if agreed else self.today,
            'covered_partner_ids': [Command.set(agreed.covered_partner_ids.ids)],
            'line_ids': [
                Command.create({'sequence': place, **line._prepare_agreement_line(self.commit_volume)})
                for place, line in enumerate(self._get_ticked(), start=1)],
        }

    def _get_last_agreement(self):
        """:return: the account's own signed agreement with the latest end, after which a new one can begin"""
        return self.env['key.account.agreement'].search([
            ('account_id', '=', self.account_id.id), ('state', '=', 'signed'), ('date_until', '>=', self.today),
        ], order='date_until desc', limit=1)
