"""docker-compose.yml, read by Compose itself, is what the README promises: nothing open but Odoo on this machine."""

import json
import shutil
import subprocess

import pytest
from conftest import ADDONS, ROOT


def _compose():
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    if shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode == 0:
        return ["docker", "compose"]
    return pytest.skip("Docker Compose is neither here nor could it be fetched: docker-compose.yml is not checked")


@pytest.fixture(scope="module")
def config():
    """The file as Compose understands it, with every default filled in."""
    command = [*_compose(), "-f", ROOT / "docker-compose.yml", "config", "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return json.loads(done.stdout)


def test_only_odoo_has_a_port_and_only_on_this_machine(config):
    assert "ports" not in config["services"]["db"]
    assert config["services"]["db"]["network_mode"] == "none"
    (port,) = config["services"]["odoo"]["ports"]
    assert (port["host_ip"], port["published"], port["target"]) == ("127.0.0.1", "8069", 8069)


def test_no_password_in_the_file(config):
    for service in config["services"].values():
        names = service["environment"]
        assert not [name for name in names if "PASS" in name.upper()]


def test_database_manager_is_off_and_demo_data_are_loaded(config):
    command = config["services"]["odoo"]["command"]
    assert "--no-database-list" in command
    assert "--with-demo" in command
    assert "--init=key_account_care" in command
    # One dollar for Odoo: Compose reads two as one, and prints it as two again.
    assert "--db-filter=^demo$" in [argument.replace("$$", "$") for argument in command]


def test_addons_are_mounted_where_odoo_looks(config):
    mounts = {mount["target"]: mount for mount in config["services"]["odoo"]["volumes"]}
    for name in ADDONS:
        addon = mounts[f"/mnt/extra-addons/{name}"]
        assert addon["read_only"]
        assert addon["source"] == str(ROOT / name)


def test_both_keep_their_data_and_are_watched(config):
    for name, folder in (("db", "/var/lib/postgresql/data"), ("odoo", "/var/lib/odoo")):
        service = config["services"][name]
        assert folder in [mount["target"] for mount in service["volumes"] if mount["type"] == "volume"]
        assert service["healthcheck"]["test"][0] == "CMD"
    assert config["services"]["odoo"]["depends_on"]["db"]["condition"] == "service_healthy"


def test_images_are_the_official_ones(config):
    images = {service["image"] for service in config["services"].values()}
    assert images == {"odoo:19", "postgres:17"}
