from odoo.tests import HttpCase
from odoo.tools.misc import file_path

LEFT_OUT = 'mail/static/lib/selfie_segmentation/selfie_segmentation.js'


class TourCommon(HttpCase):
    """Tours of the web client in a browser."""

    test_cursor_lock_timeout = 120  # making what a page needs holds up the next request; on a busy machine for a while

    def setUp(self):
        super().setUp()
        try:
            file_path(LEFT_OUT)
        except FileNotFoundError:  # some builds of Odoo leave it out; the browser reports it as an error
            self.env['ir.asset'].create({
                'name': "No background blur", 'bundle': 'web.assets_backend', 'directive': 'remove', 'path': LEFT_OUT})
