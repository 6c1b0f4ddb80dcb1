from odoo import SUPERUSER_ID, http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.http import request


class ReviewPortal(CustomerPortal):
    """*Our meetings*: what was decided, and who does what until when, on both sides."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'key_account_review_count' in counters:
            values['key_account_review_count'] = self._get_reviews().search_count(self._get_review_domain())
        return values

    @http.route(['/my/meetings', '/my/meetings/page/<int:page>'], type='http', auth='user', website=True)
    def portal_my_reviews(self, page=1, **kwargs):
        """List the meetings that we share with the customer of the user."""
        Review, domain = self._get_reviews(), self._get_review_domain()
        pager = portal_pager(
            url='/my/meetings', total=Review.search_count(domain), page=page, step=self._items_per_page)
        return request.render('key_account_care.portal_my_reviews', {
            **self._prepare_portal_layout_values(),
            'reviews': Review.search(domain, limit=self._items_per_page, offset=pager['offset'], order='date desc, id desc'),
            'pager': pager,
            'page_name': 'key_account_review',
            'default_url': '/my/meetings',
        })

    @http.route('/my/meetings/<int:review_id>', type='http', auth='public', website=True)
    def portal_review(self, review_id, access_token=None, **kwargs):
        """Show the decisions and actions of one meeting, and its pack."""
        review = self._get_reviews().browse(review_id).exists()
        if not review or not review._get_portal_role(request.env.user, access_token):
            return self._refuse_review(review_id)
        if request.env.user._is_public() and review.partner_id.lang:
            request.update_context(lang=review.partner_id.lang)
            review = review.with_context(lang=review.partner_id.lang)
        return request.render('key_account_care.portal_review', {
            **self._prepare_portal_layout_values(),
            'review': review.with_company(review.company_id),
            'res_company': review.company_id,  # whose logo and colors the page has
            'page_name': 'key_account_review',
        })

    def _refuse_review(self, review_id):
        """Whoever is not logged in may do so and come back; others see the meetings that are theirs."""
        if request.env.user._is_public():
            return request.redirect_query('/web/login', {'redirect': f'/my/meetings/{review_id}'})
        return request.redirect('/my/meetings')

    def _get_reviews(self):
        # superuser: customers have no rights on reviews; the domain or the role tells which of them are theirs
        return request.env['key.account.review'].with_user(SUPERUSER_ID)

    def _get_review_domain(self):
        return request.env['key.account.review']._get_portal_domain(request.env.user.partner_id)
