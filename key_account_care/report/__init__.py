from . import key_account_calloff
from . import key_account_data_check
from . import key_account_interaction
from . import key_account_leakage
from . import key_account_progress
from . import key_account_sale
from . import key_account_time_share
from . import sale_report
