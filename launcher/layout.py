"""Where things are: the repository, and `.run/`, which holds everything that is made here."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ADDON = ROOT / "key_account_care"
RUN = ROOT / ".run"
LOGS = RUN / "logs"
LOCKS = RUN / "locks"
VENV = RUN / "venv"
PYTHON = VENV / "bin" / "python"
DATA = RUN / "data"  # Odoo's data_dir: filestores and sessions
ODOO_CONF = RUN / "odoo.conf"
