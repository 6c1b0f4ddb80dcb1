"""The launcher on its own: what it says when something is missing, and what it does with what is half done."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest
from conftest import ROOT

from launcher import console, databases, demo, layout, locks, odoo_source, postgres, processes, python_env


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The launcher with a repository of its own."""
    for name in ("RUN", "LOGS", "LOCKS", "VENV", "PYTHON", "DATA", "ADDON"):
        monkeypatch.setattr(layout, name, tmp_path / getattr(layout, name).relative_to(ROOT))
    monkeypatch.setattr(layout, "ROOT", tmp_path)
    monkeypatch.setattr(python_env, "FETCHED", tmp_path / ".run/python")
    return tmp_path


@pytest.fixture
def no_server(monkeypatch):
    """An environment that names no PostgreSQL server: the run of these tests names one."""
    for name in list(os.environ):
        if name.startswith("PG"):
            monkeypatch.delenv(name)


def _python(code, **options):
    """A process of the launcher's Python, with the launcher importable."""
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, **options)


# ----- the command ------------------------------------------------------------


@pytest.fixture
def bare(tmp_path):
    """A copy of the repository's entry, and a PATH with the shell's usual tools and nothing else."""
    folder, tools = tmp_path / "repository", tmp_path / "bin"
    shutil.copytree(ROOT / "launcher", folder / "launcher", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "run", folder)
    tools.mkdir()
    for name in ("sh", "dirname", "cat", "tail", "mkdir", "rm", "sed"):
        (tools / name).symlink_to(shutil.which(name))
    return folder


def _run(folder, *arguments, **env):
    libraries = os.environ.get("LD_LIBRARY_PATH", "")  # of a Python that ./run fetched
    env = {"PATH": str(folder.parent / "bin"), "HOME": "/nonexistent", "LD_LIBRARY_PATH": libraries, **env}
    return subprocess.run([folder / "run", *arguments], env=env, capture_output=True, text=True, timeout=60)


def _fake(folder, name, script):
    path = folder.parent / "bin" / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_without_python_and_without_debian_the_message_says_what_to_install(bare):
    done = _run(bare, "demo")
    assert done.returncode == 1
    assert "install Python 3.10, 3.11, 3.12 or 3.13" in done.stderr
    assert "PYTHON=/path/to/python3.12 ./run demo" in done.stderr


def test_a_python_that_is_too_old_or_broken_is_passed_over(bare):
    _fake(bare, "python3", "exit 1")
    _fake(bare, "python3.13", "exit 127")
    _fake(bare, "python3.12", f'exec "{sys.executable}" "$@"')
    done = _run(bare, "help")
    assert done.returncode == 0, done.stderr
    assert "./run test" in done.stdout


def test_a_python_named_by_the_user_must_suit(bare):
    _fake(bare, "python2", "exit 1")
    done = _run(bare, "demo", PYTHON="python2")
    assert done.returncode == 1
    assert "PYTHON=python2 is not a Python from 3.10 to 3.13" in done.stderr


def test_an_unknown_command_shows_the_help(bare):
    done = _run(bare, "tests", PYTHON=sys.executable)
    assert done.returncode == 2
    assert "No such command: tests" in done.stderr
    assert "./run demo" in done.stderr


def test_a_port_that_is_taken_is_told_before_any_set_up(bare):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _run(bare, "demo", "--port", str(port), PYTHON=sys.executable)
    assert done.returncode == 1
    assert f"Port {port} cannot be used" in done.stderr
    assert f"--port {port + 1}" in done.stderr
    assert not (bare / ".run" / "venv").exists()


def test_a_second_demo_of_the_same_folder_is_told_so(elsewhere):
    with locks.held("demo"), pytest.raises(console.Failure, match="running already"):
        demo.main([])


# ----- what is fetched ----------------------------------------------------------


@pytest.fixture
def debian(tmp_path):
    """debian.sh with a false apt-get: its packages are tar files, and `broken` makes it fail."""
    if not shutil.which("dpkg-deb"):
        pytest.skip("debian.sh works on Debian only")
    tools, content = tmp_path / "bin", tmp_path / "content"
    tools.mkdir()
    (content / "usr/share/thing").mkdir(parents=True)
    (content / "usr/share/doc").mkdir()
    (content / "usr/share/doc/text").write_text("not wanted")
    (content / "usr/share/thing/file").write_text("wanted")
    (tools / "apt-get").write_text(
        f"""#!/bin/sh
        case "$*" in
        *--print-uris*) . /etc/os-release
            echo "'file:///mirror/debian/dists/$VERSION_CODENAME/InRelease' name 0" ;;
        *" download "*)
            [ ! -e {tmp_path}/broken ] || exit 100
            tar -c -C {content} -f thing_1_all.deb . ;;
        esac
        """
    )
    (tools / "dpkg-deb").write_text('#!/bin/sh\ncat "$2"\n')
    for tool in tools.iterdir():
        tool.chmod(0o755)

    def fetch():
        env = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
        command = ["sh", ROOT / "launcher/debian.sh", "named", tmp_path / "thing", "all", "sid", "thing/sid"]
        return subprocess.run(command, env=env, capture_output=True, text=True)

    return fetch


def test_a_half_finished_fetch_is_started_over(debian, tmp_path):
    (tmp_path / "thing.part").mkdir()
    (tmp_path / "thing.part" / "left from before").touch()
    done = debian()
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "thing/usr/share/thing/file").read_text() == "wanted"
    assert not (tmp_path / "thing/left from before").exists()
    assert not (tmp_path / "thing/usr/share/doc").exists()
    assert sorted(path.name for path in tmp_path.glob("thing*")) == ["thing"]


def test_a_fetch_that_fails_leaves_nothing_that_looks_complete(debian, tmp_path):
    (tmp_path / "broken").touch()
    assert debian().returncode != 0
    assert not (tmp_path / "thing").exists()
    (tmp_path / "broken").unlink()
    assert debian().returncode == 0
    assert (tmp_path / "thing").is_dir()


@pytest.fixture
def pip(elsewhere, monkeypatch):
    """The calls of pip and venv, which are not made; raise `pip.failure` in the middle if it is set."""

    class Pip:
        calls, failure = [], None

    def run(command, log, *_advice, **_options):
        Pip.calls.append(log)
        if log == "venv":
            layout.PYTHON.parent.mkdir(parents=True)
            layout.PYTHON.symlink_to(sys.executable)
        elif Pip.failure:
            raise Pip.failure

    monkeypatch.setattr(console, "run", run)
    return Pip


def test_environment_is_made_once(pip):
    python_env.ensure()
    python_env.ensure()
    assert pip.calls == ["venv", "requirements"]


def test_environment_that_was_interrupted_is_made_again(pip):
    pip.failure = console.Failure("no network")
    with pytest.raises(console.Failure):
        python_env.ensure()
    left = layout.VENV / "half-finished"
    left.touch()
    pip.failure = None
    python_env.ensure()
    assert pip.calls == ["venv", "requirements"] * 2
    assert not left.exists()


def test_environment_follows_a_change_of_the_requirements(pip, tmp_path, monkeypatch):
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("a==1\n")
    python_env.ensure(requirements)
    requirements.write_text("a==2\n")
    python_env.ensure(requirements)
    assert pip.calls.count("requirements") == 2


def test_environment_whose_python_is_gone_is_made_again(pip):
    python_env.ensure()
    layout.PYTHON.unlink()
    layout.PYTHON.symlink_to("/nonexistent/python")
    python_env.ensure()
    assert pip.calls == ["venv", "requirements"] * 2


def test_a_failure_shows_the_end_of_the_log_its_cause_and_the_advice(elsewhere):
    code = "print('Could not resolve host'); raise SystemExit(3)"
    with pytest.raises(console.Failure) as failure:
        console.run([sys.executable, "-c", code], "try", "Do this instead.")
    text = str(failure.value)
    assert "exit 3" in text
    assert "The network did not answer" in text
    assert "Do this instead." in text
    assert ".run/logs/try.log" in text


def test_too_small_a_disk_is_told_at_once(elsewhere):
    console.enough_disk(1)
    with pytest.raises(console.Failure, match="make room"):
        console.enough_disk(10**9)


# ----- Odoo ------------------------------------------------------------------------


def _odoo(folder, version, addons=False):
    (folder / "odoo/addons/base").mkdir(parents=True)
    (folder / "odoo/release.py").write_text(f"version_info = {version}, 0, FINAL, 0, '')\n")
    if addons:
        (folder / "addons/web").mkdir(parents=True)
    return folder


def test_odoo_home_is_taken_with_the_addons_of_a_checkout(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(_odoo(tmp_path, "(19, 0", addons=True)))
    source = odoo_source.ensure()
    assert source.path == tmp_path
    assert source.addons_path == [tmp_path / "odoo/addons", tmp_path / "addons"]


@pytest.mark.parametrize("version", ["(18, 0", "('saas~19', 1"])
def test_odoo_home_of_another_series_is_refused(tmp_path, monkeypatch, version):
    monkeypatch.setenv("ODOO_HOME", str(_odoo(tmp_path, version)))
    with pytest.raises(console.Failure, match="of series 19.0"):
        odoo_source.ensure()


def test_without_debian_the_message_names_the_other_ways(monkeypatch, tmp_path):
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.setattr(odoo_source, "FETCHED", tmp_path / "odoo")
    monkeypatch.setattr(odoo_source, "_importable", lambda: None)
    monkeypatch.setattr(odoo_source.debian, "available", lambda: False)
    with pytest.raises(console.Failure, match="ODOO_HOME=.*docker compose up"):
        odoo_source.ensure()


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


# ----- the guard ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "code"),
    [("Chrome executable not found", 1), ("an HttpCase and --odoo-http is not set", 1),
     ("sale_stock is not installed", 1), ("no data", 0)],
)  # fmt: skip
def test_a_test_that_wanted_a_browser_or_a_module_and_got_none_has_failed(tmp_path, reason, code):
    (tmp_path / "test_it.py").write_text(f"import pytest\ndef test_it():\n    pytest.skip({reason!r})\n")
    command = [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "launcher.pytest_guard", tmp_path]
    done = subprocess.run([*command, "--rootdir", tmp_path, "-c", os.devnull], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == code, done.stdout


# ----- what the project must not say -----------------------------------------------------------


def test_no_file_names_a_registry(project_files):
    """Mirrors and indexes are those that the machine and its user have chosen."""
    hosts = [".".join(parts).encode() for parts in (("pypi", "org"), ("pythonhosted", "org"), ("debian", "org"),
             ("npmjs", "org"), ("npmjs", "com"), ("docker", "io"), ("ghcr", "io"))]  # fmt: skip
    found = [(str(path), host) for path in project_files for host in hosts if host in path.read_bytes()]
    assert not found


def test_nothing_that_a_run_makes_is_kept_by_git(project_files):
    assert not [path for path in project_files if ".run" in path.relative_to(ROOT).parts]
    assert ".run/" in (ROOT / ".gitignore").read_text().splitlines()
