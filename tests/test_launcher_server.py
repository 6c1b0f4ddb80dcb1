"""What the launcher does with PostgreSQL, with its databases, and with the processes and locks around them."""

import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from conftest import ROOT

from launcher import console, databases, demo, layout, locks, odoo_source, postgres, processes


def _python(code, **options):
    """A process of the launcher's Python, with the launcher importable."""
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)


# ----- PostgreSQL ----------------------------------------------------------------------


def test_without_variables_the_server_is_ours(no_server, monkeypatch):
    monkeypatch.setenv("PGSSLMODE", "require")
    env = postgres.environment()
    assert not postgres.is_users_own()
    assert env["PGHOST"] == str(postgres.socket_folder())
    assert "PGSSLMODE" not in env


def test_variables_name_the_users_own_server(no_server, monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example")
    monkeypatch.setenv("PGPASSWORD", "secret")
    monkeypatch.setenv("PGDATABASE", "mine")
    env = postgres.environment()
    assert postgres.is_users_own()
    assert (env["PGHOST"], env["PGPASSWORD"]) == ("db.example", "secret")
    assert "PGDATABASE" not in env, "Odoo would take it for the database to serve"


def test_a_server_of_the_users_that_does_not_answer_is_told_with_its_variables(no_server, monkeypatch):
    monkeypatch.setenv("PGHOST", "/nonexistent")
    with pytest.raises(console.Failure, match="PGHOST=/nonexistent selects your own server"), postgres.running():
        pass


def test_a_command_within_a_command_uses_the_same_server(no_server, monkeypatch):
    monkeypatch.setenv("PGHOST", postgres.environment()["PGHOST"])
    assert not postgres.is_users_own()


def test_on_the_users_server_every_checkout_has_names_of_its_own(no_server, monkeypatch, tmp_path):
    assert databases.name_of("demo") == "key_account_care_demo"
    monkeypatch.setenv("PGHOST", "db.example")
    here = databases.name_of("demo")
    assert here.startswith("key_account_care_")
    monkeypatch.setattr(layout, "ROOT", tmp_path)
    assert databases.name_of("demo") != here


def test_users_settings_of_odoo_do_not_leak_in(monkeypatch):
    monkeypatch.setenv("ODOO_HTTP_PORT", "1")
    assert "ODOO_HTTP_PORT" not in postgres.environment()


def test_socket_moves_where_its_path_fits(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "FOLDER", tmp_path / ("long" * 40))
    folder = postgres.socket_folder()
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) <= postgres.LONGEST_SOCKET
    assert str(os.getuid()) in folder.name


def test_a_socket_folder_that_others_can_enter_is_refused(tmp_path):
    tmp_path.chmod(0o755)
    with pytest.raises(console.Failure, match="not private"):
        postgres._make_private(tmp_path)


@pytest.fixture
def own_server(no_server, monkeypatch, tmp_path):
    """A server of our own for one test, in a folder of its own."""
    monkeypatch.setattr(postgres, "FOLDER", tmp_path / "postgres")
    monkeypatch.setattr(layout, "LOCKS", tmp_path / "locks")


def test_the_last_user_stops_the_server(own_server):
    with postgres.running():
        with postgres.running():
            assert postgres.psql("SELECT 1") == ["1"]
        assert postgres.psql("SELECT 2") == ["2"]
        assert stat.S_IMODE(postgres.socket_folder().stat().st_mode) == 0o700
        assert postgres.psql("SHOW listen_addresses") == [""]
    assert not postgres._is_running()


def test_half_finished_data_of_the_server_are_made_again(own_server):
    (postgres.FOLDER / "data.part").mkdir(parents=True)
    (postgres.FOLDER / "data.part" / "PG_VERSION").write_text("nonsense")
    with postgres.running():
        assert postgres.psql("SELECT 1") == ["1"]


def test_databases_are_cloned_with_their_files_and_dropped(own_server, monkeypatch, tmp_path):
    monkeypatch.setattr(layout, "DATA", tmp_path / "data")
    with postgres.running():
        databases.create("key_account_care_a")
        postgres.psql("CREATE TABLE fact AS SELECT 42 AS answer", "key_account_care_a")
        file = databases.filestore("key_account_care_a") / "ab" / "abcdef"
        file.parent.mkdir(parents=True)
        file.write_text("attachment")
        databases.clone("key_account_care_a", "key_account_care_b")
        assert postgres.psql("SELECT answer FROM fact", "key_account_care_b") == ["42"]
        assert (databases.filestore("key_account_care_b") / "ab" / "abcdef").samefile(file)
        databases.drop("key_account_care_a")
        assert databases.names() == ["key_account_care_b"]
        assert not file.exists()


# ----- databases -------------------------------------------------------------------------


def _addon(folder, depends):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__manifest__.py").write_text(repr({"name": "x", "depends": depends}))


def test_template_is_another_one_for_other_dependencies_or_another_odoo(elsewhere):
    source = odoo_source.Source(elsewhere, "19.0-1")
    _addon(layout.ADDON, ["sale", "crm"])
    name = databases.template_name(source)
    _addon(layout.ADDON, ["crm", "sale"])
    assert databases.template_name(source) == name
    assert databases.template_name(odoo_source.Source(elsewhere, "19.0-2")) != name
    assert databases.template_name(source, "neighbours", ["stock"]) != databases.template_name(source, "neighbours")
    _addon(layout.ADDON, ["sale", "crm", "stock"])
    assert databases.template_name(source) != name


def test_demo_is_updated_when_the_addon_changed_but_not_for_its_tests(elsewhere):
    _addon(layout.ADDON, [])
    (layout.ADDON / "tests").mkdir()
    before = demo.addon_fingerprint()
    (layout.ADDON / "tests" / "test_x.py").write_text("assert True")
    assert demo.addon_fingerprint() == before
    (layout.ADDON / "view.xml").write_text("<odoo/>")
    assert demo.addon_fingerprint() != before


# ----- processes and locks ------------------------------------------------------------------


def test_a_lock_ends_with_its_process(elsewhere):
    code = (
        f"from launcher import layout, locks; from pathlib import Path; layout.LOCKS = Path({str(layout.LOCKS)!r})\n"
        "import time\nwith locks.held('it'): print('held', flush=True); time.sleep(60)"
    )
    with _python(code) as process:
        process.stdout.readline()
        with locks.attempt("it") as held:
            assert not held
        process.kill()
    with locks.attempt("it") as held:
        assert held


def test_shared_locks_keep_out_an_exclusive_one(elsewhere):
    with locks.held("it", shared=True), locks.held("it", shared=True), locks.attempt("it") as held:
        assert not held


def test_runs_at_the_same_time_get_databases_of_their_own(elsewhere):
    with locks.first_free("test") as first, locks.first_free("test") as second:
        assert (first, second) == ("test_1", "test_2")
    with locks.first_free("test") as again:
        assert again == "test_1"


def test_a_service_ends_with_its_block():
    with processes.service([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        assert process.poll() is None
    assert process.returncode is not None


def test_termination_of_the_launcher_ends_its_server():
    code = (
        "import sys; from launcher import processes\nprocesses.interrupt_on_termination()\n"
        "try:\n"
        "    with processes.service([sys.executable, '-c', 'import time; time.sleep(60)']) as process:\n"
        "        print(process.pid, flush=True); process.wait()\n"
        "except KeyboardInterrupt: pass"
    )
    with _python(code) as launcher:
        child = int(launcher.stdout.readline())
        launcher.send_signal(signal.SIGTERM)
        assert launcher.wait(30) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def test_steps_that_go_at_the_same_time_return_in_order():
    assert processes.parallel(lambda: time.sleep(0.1) or 1, lambda: 2) == [1, 2]
