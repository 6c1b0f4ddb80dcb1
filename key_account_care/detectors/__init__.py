"""What the warning rules look for: one kind a file, named after it. See ``key.account.risk.rule._get_found_sql``."""
from . import complaint_repeated
from . import feedback_late
from . import feedback_open
from . import promise_broken
from . import promise_unconfirmed
from . import single_thread
