#!/bin/sh
# Fetch Debian packages and unpack them into one folder, as any user: the machine's own apt and dpkg
# stay as they are. Only its mirror, its keyring and the list of what it has installed are read.
#
#   debian.sh named FOLDER ARCHITECTURE "SUITE ..." PACKAGE[/SUITE] ...   exactly these packages ("all", or "own")
#   debian.sh missing FOLDER PACKAGE ...   these, and what they need that the machine lacks
#
# FOLDER appears only when it is complete: it is built as FOLDER.part and renamed.
set -eu

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

# The addresses that this machine's apt reads for its own release, one InRelease file a line.
release_files() {
    apt "$1" update --print-uris 2>/dev/null | sed -n "s|^'\([^']*/dists/[^']*/InRelease\)'.*|\1|p"
}

# apt-get with private lists and cache under the first argument.
apt() {
    state=$1
    shift
    apt-get -q -o Dir::State::Lists="$state/lists" -o Dir::Cache="$state/cache" \
        -o Debug::NoLocking=true -o APT::Sandbox::User=root -o Acquire::Languages=none \
        -o Acquire::Retries=3 -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}

# apt as above, reading no source but the private one.
private_apt() {
    private=$1
    shift
    apt "$private" -o Dir::Etc::SourceList="$private/debian.sources" -o Dir::Etc::SourceParts=/dev/null "$@"
}

keyring() {
    for file in /usr/share/keyrings/debian-archive-keyring.gpg /usr/share/keyrings/debian-archive-keyring.pgp; do
        [ ! -e "$file" ] || { echo "$file"; return; }
    done
    fail "Debian's keyring is missing: install the package debian-archive-keyring."
}

source_entry() { # URI SUITES [ARCHITECTURES]
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$1" "$2" "$(keyring)"
    [ -z "${3:-}" ] || printf 'Architectures: %s\n' "$3"
    echo
}

# Sources for the named suites, from the mirror that serves this machine's release.
suites_of_the_mirror() { # STATE ARCHITECTURE SUITES
    release_files "$1" | sed -n "s#/dists/\($VERSION_CODENAME\|stable\|oldstable\)/InRelease\$##p" | {
        read -r mirror || fail "No mirror of Debian $VERSION_CODENAME is in apt's sources on this machine."
        source_entry "$mirror" "$3" "$2"
    }
}

# Sources for this machine's own release with its updates and security fixes.
own_release() {
    release_files "$1" | sed -n "s#^\(.*\)/dists/\($VERSION_CODENAME[a-z-]*\|stable[a-z-]*\|oldstable[a-z-]*\)/InRelease\$#\1 \2#p" |
        while read -r mirror suite; do source_entry "$mirror" "$suite"; done
}

# Unpack every package of a folder into one tree, without what nobody reads there.
unpack() { # FOLDER_OF_DEBS TREE
    mkdir -p "$2/usr/lib" "$2/usr/bin"
    ln -s usr/lib "$2/lib"
    ln -s usr/bin "$2/bin"
    for package in "$1"/*.deb; do
        dpkg-deb --fsys-tarfile "$package" |
            tar -x -C "$2" --no-same-owner --keep-directory-symlink \
                --exclude='./usr/share/doc' --exclude='./usr/share/man' --exclude='./usr/share/locale' \
                --exclude='./usr/lib/python3/dist-packages/addons' \
                --exclude='./usr/lib/python3/dist-packages/setup' \
                --exclude='./usr/lib/python3/dist-packages/doc' ||
            fail "Could not unpack $package."
        rm "$package"
    done
}

command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || fail "This is not a Debian machine."
. /etc/os-release
[ "${ID:-}" = debian ] || fail "This is ${PRETTY_NAME:-an unknown system}, not Debian."

mode=$1 folder=$2
shift 2
rm -rf "$folder.part" "$folder.apt"
mkdir -p "$folder.part" "$folder.apt/lists/partial" "$folder.apt/cache/archives/partial"
part=$(cd "$folder.part" && pwd) state=$(cd "$folder.apt" && pwd)

case $mode in
named)
    architecture=$1 suites=$2
    [ "$architecture" != own ] || architecture=$(dpkg --print-architecture)
    suites_of_the_mirror "$state" "$architecture" "$suites" >"$state/debian.sources"
    shift 2
    private_apt "$state" update
    (cd "$state/cache/archives" && private_apt "$state" download "$@")
    ;;
missing)
    own_release "$state" >"$state/debian.sources"
    private_apt "$state" update
    private_apt "$state" install --download-only --no-install-recommends --yes "$@"
    ;;
*) fail "debian.sh: unknown mode $mode" ;;
esac
unpack "$state/cache/archives" "$part"
rm -rf "$state"
mv "$part" "$folder"
