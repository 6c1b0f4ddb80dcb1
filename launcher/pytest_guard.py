"""A pytest plugin: a test that skips itself for want of a browser, a server, a module or a package has failed.

pytest-odoo and Odoo skip such tests silently, and a run without any browser test would end green.
"""

import pytest

SILENT = ("chrome", "websocket-client", "--odoo-http is not set", "is not installed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Turn such a skip into a failure that says why."""
    report = yield
    if report.skipped and any(sign in str(report.longrepr).lower() for sign in SILENT):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} did not run: {call.excinfo.value}"
    return report
