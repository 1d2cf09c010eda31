#!/bin/sh
# Installs a bundle in an empty root without any network, serves, restarts and upgrades it.
# Run inside `unshare --net --mount --pid --fork`: sh empty_root.sh ROOT BUNDLE PYTHON PREFIX
set -eu
root=$1 bundle=$2 python=$3 prefix=$4
ip link set lo up 2>/dev/null || true
mkdir -p "$root/etc/systemd" "$root/usr" "$root/proc" "$root/dev" "$root/tmp" "$root/bundle" "$root/var/lib" "$root/opt" "$root$prefix"
chmod 1777 "$root/tmp"
for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$root/$folder"; done
mount --bind /usr "$root/usr"
mount -t tmpfs tmpfs "$root/usr/local"
mkdir "$root/usr/local/bin"
mount --bind "$prefix" "$root$prefix"
mount --bind "$bundle" "$root/bundle"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
printf 'root:x:0:0:root:/root:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\n' > "$root/etc/group"
cp /etc/ld.so.cache "$root/etc/"
cp /etc/login.defs "$root/etc/" 2>/dev/null || true

inside() { env -i PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin chroot "$root" "$@"; }
line() { sed -n 's/^ExecStart=//p' "$root/etc/systemd/system/tracker.service"; }
begin() {
    inside setpriv --reuid tracker --regid tracker --init-groups \
        sh -c "cd /var/lib/tracker && TRACKER_ENV_FILE=/etc/tracker/tracker.env exec $(line)" 2> "$root/tmp/said" &
    service=$!
    tries=0
    until inside "$python" -c 'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8000/health", timeout=5).read().decode())' 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 120 ] || { cat "$root/tmp/said"; exit 1; }
        sleep 0.5
    done
}
end() { kill -TERM "$service"; wait "$service" || true; }

echo "== network: $(cat /proc/net/dev | wc -l) lines"
echo "== first installation"
inside sh /bundle/install.sh --python "$python"
echo "== serves"
begin
grep -c /welcome/ "$root/tmp/said"
end
echo "== serves after a restart"
begin
end
echo "== again, refused without a yes"
if inside sh /bundle/install.sh --python "$python" < /dev/null; then exit 1; fi
echo "== again, with a yes"
inside sh /bundle/install.sh --python "$python" --yes
inside ls /var/lib/tracker/backup | grep -c '\.db$'
inside tracker --json audit verify
inside tracker audit log --json | grep -o '"actor":"[^"]*"' | sort -u
inside find /var/lib/tracker -not -user tracker | grep . && exit 1
begin
end
echo "== done"
