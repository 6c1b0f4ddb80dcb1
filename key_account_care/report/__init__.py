from . import key_account_sale
from . import sale_report
from . import key_account_calloff
