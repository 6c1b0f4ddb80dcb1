"""What the warning rules look for: one kind a file, named after it. See ``key.account.risk.rule._get_found_sql``."""
from . import complaint_repeated
from . import contact_left
from . import customer_silent
from . import feedback_late
from . import feedback_open
from . import mail_unanswered
from . import margin_crept
from . import price_above_peers
from . import promise_broken
from . import promise_unconfirmed
from . import role_missing
from . import single_thread
from . import sponsor_missing
from . import touch_overdue
