"""The results: a table for people, JSON for comparison."""

import json
import operator
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path

import odoo.release
from odoo.modules import Manifest

from .databases import cursor

COLUMNS = "{:<66}{:>12}  {:<9}{:>10}  {}"
SETTINGS = ("server_version", "work_mem", "shared_buffers", "max_parallel_workers_per_gather", "jit")
COMPARE = {"<=": operator.le, "=": operator.eq, ">=": operator.ge}


@dataclass
class Result:
    """One measured number, and what it should be."""

    name: str
    value: float
    unit: str
    goal: str = ""  # such as "<= 2.0"

    @property
    def verdict(self):
        """Whether the goal is met; empty without a goal."""
        if not self.goal:
            return ""
        sign, limit = self.goal.split()
        return "ok" if COMPARE[sign](round(self.value, 2), float(limit)) else "MISSED"


class Report:
    """The results of a run with its circumstances."""

    def __init__(self, size):
        self.size = size
        self.settings = {}
        self.results = []

    def read_settings(self, database):
        """Note the settings of the server that matter."""
        with cursor(database) as cr:
            for name in SETTINGS:
                cr.execute("SELECT current_setting(%s)", [name])
                (self.settings[name],) = cr.fetchone()

    def add(self, name, value, unit="s", goal=""):
        """Add a result and print its line."""
        result = Result(name, value, unit, goal)
        self.results.append(result)
        print(COLUMNS.format(name, f"{value:.2f}", unit, goal, result.verdict), flush=True)

    def section(self, name):
        """Print a heading."""
        print(f"\n{name}", flush=True)

    @property
    def missed(self):
        """The results that missed their goal."""
        return [result for result in self.results if result.verdict == "MISSED"]

    def write(self, path):
        """Write everything as JSON."""
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        content = {
            "sizes": asdict(self.size),
            "versions": {
                "addon": Manifest.for_addon("key_account_care")["version"],
                "odoo": odoo.release.version,
                "python": platform.python_version(),
            },
            "server": {"processors": os.cpu_count(), **self.settings},
            "results": [
                {**asdict(result), "value": round(result.value, 3), "verdict": result.verdict} for result in self.results
            ],
        }
        Path(path).write_text(json.dumps(content, indent=2) + "\n")
