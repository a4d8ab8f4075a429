#!/usr/bin/env bash
# Runs the block of deploy/README.md for one machine in a fresh Debian (debootstrap, chroot), then what loupe.service
# would start, as its user, and asks it for a price. Run it as root after `cargo xtask build`. systemd itself does not
# run in a chroot: the units are verified and enabled there, and started by this script.
#
#   deploy/try.sh [SUITE]        # a suite of Debian; bookworm if none is named
set -euo pipefail

repository=$(cd "$(dirname "$0")/.." && pwd)
suite=${1:-bookworm}
port=3000
root=$(mktemp -d)
chmod 755 "$root"
server=

clean_up() {
    if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
    umount --lazy "$root/proc" 2>/dev/null || true
    rm -rf --one-file-system "$root"
}
trap clean_up EXIT

fail() { echo "try.sh: $*" >&2; exit 1; }
chroot=(chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
inside() { "${chroot[@]}" "$@"; }

# The first block below a heading of README.md that runs in a shell.
block() {
    awk -v heading="$1" '
        index($0, heading) == 1 { below = 1 }
        below && /^```$/ && inside { exit }
        inside { print }
        below && /^```sh$/ { inside = 1 }
    ' "$repository/deploy/README.md"
}

# The value of a setting of a unit.
setting() { sed -n "s/^$2=//p" "$root/etc/systemd/system/$1"; }

[ "$(id -u)" = 0 ] || fail "this makes a chroot, so it runs as root"
if curl -s "127.0.0.1:$port/" >/dev/null; then fail "something listens on port $port already"; fi
command -v debootstrap >/dev/null || fail "debootstrap is missing; apt-get install debootstrap"
for file in target/release/trainer target/release/edge-host target/wasm32-wasip2/edge/inference_wasm.wasm web-demo/dist; do
    [ -e "$repository/$file" ] || fail "$file is missing; run cargo xtask build"
done

# libgomp1 is there on a machine that builds.
debootstrap --variant=minbase --include=systemd,libgomp1 "$suite" "$root" >"$root.log" 2>&1 ||
    fail "debootstrap failed; see $root.log"
rm "$root.log"
mount -t proc proc "$root/proc" || fail "/proc cannot be mounted"

# What the block needs of a repository in which `cargo xtask build` has run, readable by root alone as in a home folder.
install -d -m 700 "$root/root/loupe"
cd "$repository"
cp -r --parents spin.toml models data deploy web-demo/dist target/wasm32-wasip2/edge/inference_wasm.wasm \
    target/release/trainer target/release/edge-host "$root/root/loupe/"
printf '#!/bin/sh\necho "cargo $*: was done"\n' >"$root/usr/local/bin/cargo"
# Without a running systemd a unit is enabled, and not started.
cat >"$root/usr/local/bin/systemctl" <<'END'
#!/bin/sh
for word; do shift; [ "$word" = --now ] || set -- "$@" "$word"; done
exec /usr/bin/systemctl "$@"
END
chmod 755 "$root/usr/local/bin/cargo" "$root/usr/local/bin/systemctl"

for heading in "## One machine" "**Unattended training.**"; do
    block "$heading" >"$root/root/block.sh"
    grep -q systemctl "$root/root/block.sh" || fail "$heading: README.md has no such block"
    echo "--- $heading"
    inside sh -euxc 'umask 077; cd /root/loupe; . /root/block.sh'
done

echo "--- the units"
inside systemd-analyze verify --man=no loupe.service loupe-watch.service
for unit in loupe loupe-watch; do
    [ "$(inside systemctl is-enabled $unit)" = enabled ] || fail "$unit is not enabled"
done

echo "--- what loupe.service starts"
user=$(setting loupe.service User)
as_service() { inside runuser -u "$user" -- "$@"; }
# shellcheck disable=SC2046 # the words of the command
"${chroot[@]}" runuser -u "$user" -- env --chdir="$(setting loupe.service WorkingDirectory)" $(setting loupe.service ExecStart) &
server=$!
for _ in $(seq 100); do
    if curl -fs "127.0.0.1:$port/livez" >/dev/null; then break; fi
    kill -0 "$server" 2>/dev/null || fail "the service ended"
    sleep 0.1
done
headers=$(mktemp)
curl -fsS -D "$headers" "127.0.0.1:$port/v1/predict" -H 'content-type: application/json' \
    -d '{"carat": 0.7, "cut": "Ideal", "color": "G", "clarity": "VS1"}' && echo
if grep -i x-loupe-journal "$headers"; then fail "the journal cannot be written"; fi
rm "$headers"
ready=$(curl -fsS "127.0.0.1:$port/readyz") && echo "$ready"
[[ $ready == *'"status":"ready"'*'"journal":"ok"'* ]] || fail "the service is not ready"
as_service trainer --db /var/lib/loupe/sqlite_db.db doctor

echo "--- what loupe-watch.service starts"
# shellcheck disable=SC2046 # the words of the command
as_service $(setting loupe-watch.service ExecStartPre)
watch=$(setting loupe-watch.service ExecStart)
# shellcheck disable=SC2046 # the words of the command
as_service env "$(setting loupe-watch.service Environment)" ${watch/--every 1m/--once}
strangers=$(find "$root/var/lib/loupe" ! -uid "$(inside id -u "$user")")
[ -z "$strangers" ] || fail "these do not belong to $user: $strangers"

# A database that root made is noticed: by the doctor of either user, and by the service.
inside chown root /var/lib/loupe/sqlite_db.db
for doctor in as_service inside; do
    said=$($doctor trainer --db /var/lib/loupe/sqlite_db.db doctor 2>/dev/null || true)
    [[ $said == *"chown $user /var/lib/loupe/sqlite_db.db"* ]] || fail "doctor says nothing of root's file: $said"
done
ready=$(curl -fsS "127.0.0.1:$port/readyz") && echo "$ready"
[[ $ready == *'"status":"degraded"'* ]] || fail "the service does not say that its journal cannot be written"
echo "everything of deploy/README.md for one machine works in $suite"
