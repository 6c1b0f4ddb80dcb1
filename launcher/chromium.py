"""The browser of the tests: one on the PATH, else Debian's unpacked into `.run/chromium`."""

import shutil

from . import console, debian, layout

KNOWN = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")  # as Odoo looks for it
FETCHED = layout.RUN / "chromium"
PACKAGES = ("chromium", "libatomic1", "fonts-liberation")
ELSE = "Or install Chromium or Chrome so that `chromium` or `google-chrome` is on the PATH."
# Debian's Chromium asks the system for its libraries, fonts and settings; here they are elsewhere.
WRAPPER = """#!/bin/sh
# Chromium from the packages beside this file.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
for folder in "$home"/usr/lib/*-linux-gnu* "$home"/usr/lib/*-linux-gnu*/pulseaudio; do
    LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder
done
export LD_LIBRARY_PATH
export FONTCONFIG_FILE="$home/wrapper/fonts.conf"
export XDG_DATA_DIRS="$home/usr/share:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}"
exec "$home/usr/lib/chromium/chromium" "$@"
"""
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{home}/usr/share/fonts</dir>
  <cachedir>{home}/wrapper/cache</cachedir>
  <include ignore_missing="yes">{home}/usr/share/fontconfig/conf.avail/30-metric-aliases.conf</include>
  <include ignore_missing="yes">{home}/usr/share/fontconfig/conf.avail/45-latin.conf</include>
  <alias><family>sans-serif</family><prefer><family>Liberation Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>Liberation Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>Liberation Mono</family></prefer></alias>
</fontconfig>
"""


def on_path():
    """The browser that the machine has itself, if any."""
    return next(filter(None, map(shutil.which, KNOWN)), None)


def _write_wrapper(home, final):
    folder = home / "wrapper"
    folder.mkdir()
    (folder / "fonts.conf").write_text(FONTS.format(home=final))
    script = folder / "chromium"
    script.write_text(WRAPPER)
    script.chmod(0o755)


def _fetch():
    if not debian.available():
        raise console.Failure(f"The browser tests need Chromium, and only on Debian can it be fetched.\n{ELSE}")
    arriving = FETCHED.with_name("chromium-arriving")
    shutil.rmtree(arriving, ignore_errors=True)
    with console.step("Chromium for the browser tests", layout.RUN):
        debian.fetch_missing(arriving, PACKAGES, ELSE)
        _write_wrapper(arriving, FETCHED)
        arriving.rename(FETCHED)


def ensure():
    """The folder to put on the PATH so that a browser is found there: none where the machine has one."""
    if on_path():
        return None
    if not FETCHED.exists():
        _fetch()
    return FETCHED / "wrapper"
