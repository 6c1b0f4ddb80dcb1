from . import test_figures
from . import test_lifecycle
from . import test_margin
