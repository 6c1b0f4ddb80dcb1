from odoo import api, fields, models
from odoo.exceptions import UserError

CHART = {'width': 640, 'height': 150, 'label': 18}  # points
TEMPLATES = {
    'customer': 'key_account_care.review_pack_customer',
    'internal': 'key_account_care.review_pack_internal',
}
REPORTS = {
    'customer': 'key_account_care.action_report_review_customer',
    'internal': 'key_account_care.action_report_review_internal',
}


class KeyAccountReview(models.Model):
    """The pack of a review, in two versions from the same figures, and frozen once it was sent.

    What the customer reads is made of :meth:`_get_customer_pack` alone, which knows nothing that only we may know.
    """
    _inherit = 'key.account.review'

    # nobody types them: what was sent stays as it was sent
    pack_customer = fields.Html(readonly=True, copy=False, sanitize=False, groups=fields.NO_ACCESS)
    pack_internal = fields.Html(readonly=True, copy=False, sanitize=False, groups=fields.NO_ACCESS)
    pack_date = fields.Datetime(
        string="Pack of", readonly=True, copy=False, help="When the pack was sent. It does not change any more.")

    # ------------------------------------------------------------
    # What is in it
    # ------------------------------------------------------------

    def _get_customer_pack(self, delivered=None):
        """
        :param dict delivered: see :meth:`_get_delivered`, where it is known already
        :return: dict of the figures that the customer may read
        """
        self.ensure_one()
        delivered = delivered or self._get_delivered(cost=False)
        return {
            'total': delivered['total'],
            'months': delivered['months'],
            'chart': self._get_chart(delivered['months']),
            'products': self._prepare_products(delivered['products'], ('quantity', 'amount', 'months')),
            'others': delivered['others'],
            'others_amount': delivered['others_amount'],
            'in_progress': self._get_orders_in_progress(),
            'credits': self._get_credits(),
            'returns': self._get_returns(),
            'responses': self._get_responses(),
            'agreement': self._get_agreement_figures(),
            'kept': self._get_kept_promises(),
            'open_promises': self._get_open_promises(),
            'objectives': self._get_objectives(),
            'voices': self._get_voices(),
            'last_decisions': self._get_last_decisions(),
        }

    def _get_internal_pack(self):
        """:return: dict of the figures of the customer's version, and of what only we read, under ``internal``"""
        self.ensure_one()
        delivered = self._get_delivered()
        account = self.account_id
        pack = self._get_customer_pack(delivered)
        agreement = pack['agreement']['agreement']
        return {
            **pack,
            'internal': {
                'margin': delivered['margin'],
                'margin_rate': delivered['margin'] / delivered['total'] if delivered['total'] else 0.0,
                'products': self._prepare_products(delivered['products'], ('amount', 'margin')),
                'account': account,
                'leakage': agreement.leakage_amount,
                'coverage': agreement.coverage,
                'agreement': agreement,
            },
        }

    def _prepare_products(self, rows, names):
        """:return: list of dicts of ``product`` and the named figures"""
        # together, so that their names are asked for in one go
        products = self.env['product.product'].browse([row['product_id'] for row in rows if row['product_id']])
        found = {product.id: product for product in products}
        return [
            {'product': found.get(row['product_id'], products.browse()), **{name: row[name] for name in names}} for row in rows]

    @api.model
    def _get_chart(self, months):
        """The bars of a chart of amounts by month, drawn by hand: what makes the PDF runs no script.

        :param dict months: amounts by first day of the month
        :return: dict of ``width``, ``height``, ``base`` (of the bars) and ``bars``: dicts of ``x``, ``y``, ``width``,
            ``height``, ``middle``, ``month`` and ``amount``
        """
        top = max(months.values(), default=0.0)
        base = CHART['height'] - CHART['label']
        step = CHART['width'] / max(len(months), 1)
        bars = []
        for position, (month, amount) in enumerate(months.items()):
            height = max(amount, 0.0) / top * (base - CHART['label']) if top > 0 else 0.0
            bars.append({
                'x': round(position * step + step * 0.15, 1), 'y': round(base - height, 1), 'width': round(step * 0.7, 1),
                'height': round(height, 1), 'middle': round((position + 0.5) * step, 1), 'month': month, 'amount': amount})
        return {'width': CHART['width'], 'height': CHART['height'], 'base': base, 'bars': bars}

    # ------------------------------------------------------------
    # Show, print, freeze
    # ------------------------------------------------------------

    def _render_pack(self, version):
        """:param str version: ``customer`` or ``internal``
        :return: Markup of the pack, as it was sent, or else as of now
        :raise UserError: when the period is not known
        """
        self.ensure_one()
        # sudo: nobody writes what was sent, and whoever may read the review may read it
        frozen = self.sudo()[f'pack_{version}']
        if frozen:
            return frozen
        self._check_period()
        review = self.with_context(lang=self._get_pack_lang(version))
        pack = review._get_customer_pack() if version == 'customer' else review._get_internal_pack()
        return review.env['ir.qweb']._render(TEMPLATES[version], {
            'review': review, 'company': review.company_id, 'currency': review.currency_id, **pack})

    def _get_pack_lang(self, version):
        # the page of a report comes in the language of the website, whatever that of its reader
        reader = self.env.user if version == 'internal' else self.partner_id
        return reader.lang or self.env.lang

    def _check_period(self):
        for review in self:
            if not review.period_start or not review.period_end or review.period_end < review.period_start:
                raise UserError(review.env._(
                    "Set the first and the last day of the period of “%(review)s”: the pack is about what happened in it.",
                    review=review.name))

    def _freeze_pack(self):
        """Keep both versions as they are now. What was frozen before stays."""
        for review in self.filtered(lambda review: not review.pack_date):
            packs = {f'pack_{version}': review._render_pack(version) for version in TEMPLATES}
            # sudo: nobody types what was sent, and whoever sends it has it kept
            review.sudo().write({**packs, 'pack_date': fields.Datetime.now()})

    def _attach_pack(self):
        """:return: ir.attachment, the PDF for the customer, kept with the review; empty where no PDF can be made"""
        self.ensure_one()
        self.env.flush_all()  # styles of the PDF are asked for by another request
        Attachment = self.env['ir.attachment']
        try:
            pdf, __ = self.env['ir.actions.report'].with_company(self.company_id)._render_qweb_pdf(
                REPORTS['customer'], self.ids)
        except UserError:
            return Attachment
        return Attachment.create({
            'name': f'{self.name}.pdf', 'raw': pdf, 'mimetype': 'application/pdf', 'res_model': self._name, 'res_id': self.id})

    @api.model
    def _can_print(self):
        """:return: whether this server can make PDFs"""
        return self.env['ir.actions.report'].get_wkhtmltopdf_state() not in ('install', 'broken')

    def action_open_pack(self):
        """Open the pack as a web page; the context key ``version`` says which."""
        self.ensure_one()
        self._check_period()
        version = self.env.context.get('version', 'internal')
        return {'type': 'ir.actions.act_url', 'target': 'new', 'url': self._get_pack_url(version)}

    def _get_pack_url(self, version):
        return f'/report/html/key_account_care.report_review_{version}/{self.id}'

    def action_print_pack(self):
        """Print the pack; the context key ``version`` says which.

        :raise UserError: when this server cannot make PDFs
        """
        self.ensure_one()
        self._check_period()
        if not self._can_print():
            raise UserError(self.env._(
                "This server cannot make PDFs: wkhtmltopdf is missing. Open the pack as a web page, and print that."))
        version = self.env.context.get('version', 'internal')
        return self.env.ref(REPORTS[version]).report_action(self)
