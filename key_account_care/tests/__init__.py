from . import test_figures
from . import test_lifecycle
from . import test_margin
from . import test_tier_rules
