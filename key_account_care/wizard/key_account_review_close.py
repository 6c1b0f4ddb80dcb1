from odoo import api, fields, models
from odoo.fields import Command


class KeyAccountReviewClose(models.TransientModel):
    """Closes a review: shows to whom what is sent before it is."""
    _name = 'key.account.review.close'
    _description = "Close a Review"

    review_id = fields.Many2one('key.account.review', required=True, readonly=True, ondelete='cascade')
    present_ids = fields.Many2many(related='review_id.present_ids')
    recipient_ids = fields.Many2many(
        'res.partner', 'key_account_review_close_recipient_rel', string="Send Minutes to",
        compute='_compute_recipient_ids', store=True, readonly=False)
    without_email = fields.Char(string="Cannot Be Sent to", compute='_compute_without_email')
    preview = fields.Html(compute='_compute_preview', sanitize=False)
    share = fields.Boolean(
        string="Show in the Portal", default=True, help="The customer reads decisions and actions under “Our meetings”.")
    next_due = fields.Date(
        string="Next One Due", compute='_compute_next_due', store=True, readonly=False, help="Empty: none is planned.")
    criterion_ids = fields.One2many(related='review_id.criterion_ids', readonly=False)
    rating = fields.Selection(related='review_id.rating', readonly=False)
    rating_note = fields.Char(related='review_id.rating_note', readonly=False)

    @api.depends('review_id')
    def _compute_recipient_ids(self):
        for wizard in self:
            wizard.recipient_ids = [Command.set(wizard.review_id.present_ids.filtered('email').ids)]

    @api.depends('review_id', 'recipient_ids')
    def _compute_without_email(self):
        for wizard in self:
            without = (wizard.review_id.present_ids | wizard.recipient_ids).filtered(lambda person: not person.email)
            wizard.without_email = ", ".join(without.mapped('name'))

    @api.depends('review_id')
    def _compute_next_due(self):
        for wizard in self:
            wizard.next_due = wizard.review_id._get_next_due()

    @api.depends('review_id', 'recipient_ids')
    def _compute_preview(self):
        """The mail as the first reader of the customer gets it."""
        template = self.env.ref('key_account_care.mail_template_review_minutes')
        for wizard in self:
            review = wizard.review_id._origin
            readers = review._get_theirs(wizard.recipient_ids) or wizard.recipient_ids
            lang = readers[:1].lang or review.partner_id.lang
            wizard.preview = template.with_context(key_account_reader_lang=lang)._render_field(
                'body_html', review.ids, compute_lang=True)[review.id]

    def action_close(self):
        """Send the minutes and close the review."""
        self.ensure_one()
        self.review_id._close(self.recipient_ids, share=self.share, next_due=self.next_due)
        return {'type': 'ir.actions.act_window_close'}

    def action_close_silently(self):
        """Close the review, and send nothing."""
        self.ensure_one()
        self.review_id._close(self.env['res.partner'], share=self.share, next_due=self.next_due)
        return {'type': 'ir.actions.act_window_close'}
