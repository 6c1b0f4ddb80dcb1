"""What the warning rules look for: one kind a file, named after it. See ``key.account.risk.rule._get_found_sql``."""
from . import single_thread
