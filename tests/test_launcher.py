"""The launcher on its own: what it says when something is missing, and what it does with what is half done."""

import os
import shutil
import socket
import subprocess
import sys

import pytest
from conftest import ROOT

from launcher import console, demo, layout, locks, odoo_source, python_env

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
