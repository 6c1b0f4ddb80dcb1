"""./run demo as a person uses it: start, log in, change something, Ctrl-C, start again."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from conftest import ROOT

from launcher import databases

NAME = "demo_of_the_tests"
PROGRAM = (
    "import sys; from launcher import console, demo, processes\n"
    f"demo.NAME = {NAME!r}\n"
    "processes.interrupt_on_termination()\n"
    "console.exit_on_failure(lambda: demo.main(sys.argv[1:]))"
)


@pytest.fixture(scope="module")
def port():
    """A free port; the demo's database is dropped at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    databases.drop(databases.name_of(NAME))
    yield number
    databases.drop(databases.name_of(NAME))


@contextlib.contextmanager
def _demo(port):
    """The running demo: yields what it printed until it was ready; ends it as Ctrl-C does."""
    command = [sys.executable, "-c", PROGRAM, "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        try:
            yield printed
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 130, printed


class Client:
    """A logged-in user."""

    def __init__(self, port, login):
        self.address = f"http://127.0.0.1:{port}"
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor())
        database = databases.name_of(NAME)
        self.user = self.call("/web/session/authenticate", db=database, login=login, password=login)

    def call(self, route, **params):
        """The result of a route."""
        body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
        request = urllib.request.Request(self.address + route, body, {"Content-Type": "application/json"})
        answer = json.load(self.opener.open(request, timeout=120))
        assert "error" not in answer, answer
        return answer["result"]

    def model(self, model, method, *args):
        """The result of a method of a model."""
        return self.call("/web/dataset/call_kw", model=model, method=method, args=args, kwargs={})


def _processes_of(port):
    """The command lines that name the port."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
            found += [pid] if f"--http-port\0{port}\0".encode() in file.read() else []
    return found


def _check_that_it_is_closed_to_others(port):
    page = urllib.request.urlopen(f"http://127.0.0.1:{port}/web/database/manager", timeout=60).read().decode()
    assert "has been disabled by the administrator" in page
    with open("/proc/net/tcp") as table:
        listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    assert [address for address in listening if int(address.split(":")[1], 16) == port] == [f"0100007F:{port:04X}"]


def test_demo_from_start_to_second_start(port):
    with _demo(port) as printed:
        _check_that_it_is_closed_to_others(port)
        assert f"http://127.0.0.1:{port}" in printed
        assert "login admin  password admin" in printed
        assert "login demo   password demo" in printed
        admin, sales = Client(port, "admin"), Client(port, "demo")
        assert sales.user["is_system"] is False
        module = [["name", "=", "key_account_care"], ["state", "=", "installed"], ["demo", "=", True]]
        assert admin.model("ir.module.module", "search_count", module) == 1
        partner = admin.model("res.partner", "create", {"name": "Kept"})
    assert not _processes_of(port)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/web/login", timeout=5)

    start = time.monotonic()
    with _demo(port):
        seconds = time.monotonic() - start
        assert Client(port, "admin").model("res.partner", "read", [partner], ["name"])[0]["name"] == "Kept"
    assert seconds < 60, "the second start takes seconds (a busy machine included)"
