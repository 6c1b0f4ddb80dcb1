"""What the warning rules look for: one kind a file, named after it. See ``key.account.risk.rule._get_found_sql``."""
from . import agreement_end
from . import agreement_leakage
from . import agreement_over
from . import agreement_pace
from . import complaint_repeated
from . import credit_repeated
from . import credit_unusual
from . import delivery_overdue
from . import delivery_repeated
from . import feedback_late
from . import feedback_open
from . import invoice_disputed
from . import payment_unusual
from . import promise_broken
from . import promise_unconfirmed
from . import service_undelivered
from . import single_thread
