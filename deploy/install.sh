#!/bin/sh
# Installs or upgrades the tracker from this folder, without internet. Run as root:
#     sh install.sh [--yes] [--python PROGRAM]
# It can be repeated. 离线安装或升级，以 root 运行，可重复执行。
set -eu

yes=no
python=
while [ $# -gt 0 ]; do
    case $1 in
        --yes) yes=yes ;;
        --python) shift; python=${1:?--python needs a program} ;;
        *) echo "install.sh: unknown option $1; known: --yes, --python PROGRAM" >&2; exit 2 ;;
    esac
    shift
done

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }

cd "$(dirname "$0")"
[ "$(id -u)" -eq 0 ] || fail "run it as root (sudo sh install.sh) 请以 root 运行"
sha256sum --quiet -c SHA256SUMS || fail "files differ from SHA256SUMS; copy the bundle again 文件不完整，请重新复制"
version=$(cat VERSION)
case $(uname -m) in
    x86_64 | aarch64) ;;
    *) fail "no wheels for $(uname -m): x86_64 and aarch64 only 不支持这种处理器" ;;
esac

usable='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
for program in ${python:-python3.13 python3.12 python3.11 python3}; do
    if "$program" -c "$usable" 2>/dev/null; then chosen=$program; break; fi
done
[ -n "${chosen:-}" ] || fail "Python 3.11, 3.12 or 3.13 with its venv module is needed 需要带 venv 的 Python 3.11 至 3.13"

# The service user and its folders.
getent group tracker >/dev/null || groupadd --system tracker
getent passwd tracker >/dev/null || useradd --system --gid tracker --home-dir /var/lib/tracker --no-create-home --shell /usr/sbin/nologin tracker
install -d -m 0755 /opt/tracker /usr/local/bin
install -d -m 0750 -o root -g tracker /etc/tracker
install -d -m 0700 -o tracker -g tracker /var/lib/tracker
[ -e /etc/tracker/tracker.env ] || install -m 0640 -o root -g tracker deploy/tracker.env /etc/tracker/tracker.env

# The new environment is complete before the running one is touched.
place=/opt/tracker/$version
"$chosen" -m venv "$place"
pip="$place/bin/python -m pip --isolated --disable-pip-version-check install --quiet --no-index --no-deps --find-links wheels"
export PIP_CONFIG_FILE=/dev/null
$pip --require-hashes -r requirements.lock
$pip --force-reinstall "organization-tracker==$version"
"$place/bin/tracker" --version >/dev/null
install -m 0755 deploy/tracker.sh /usr/local/bin/tracker
systemd=no
if [ -d /run/systemd/system ]; then systemd=yes; fi

url=$(sed -n 's/^TRACKER_DATABASE_URL=//p' /etc/tracker/tracker.env)
case $url in
    sqlite:///*) file=${url#sqlite:///} ;;
    *) file= ;;
esac
if [ -e /opt/tracker/current ] && { [ -z "$file" ] || [ -s "$file" ]; }; then
    old=$(/opt/tracker/current/bin/tracker --version)
    say "There is a database ($url) of $old."
    if [ -n "$file" ]; then
        say "It is backed up, then its tables are brought to version $version. 将先备份，再升级数据库。"
    else
        say "PostgreSQL: make a copy with pg_dump first; its tables are brought to version $version. 请先用 pg_dump 备份。"
    fi
    if [ "$yes" = no ]; then
        [ -t 0 ] || fail "nothing was changed in the database; to go on without a question: --yes 未改动数据库；确认请加 --yes"
        printf 'Go on? 继续吗？ [y/N] '
        read -r answer
        case $answer in y | Y | yes) ;; *) fail "stopped; the database was not touched 已停止，数据库未改动" ;; esac
    fi
    if [ $systemd = yes ]; then systemctl stop tracker || true; fi
    if [ -n "$file" ]; then tracker backup; fi
    ln -sfn "$place" /opt/tracker/current
    tracker init
else
    ln -sfn "$place" /opt/tracker/current
    tracker init --setup
fi

if [ -d /etc/systemd ]; then
    install -d -m 0755 /etc/systemd/system
    install -m 0644 deploy/tracker.service deploy/tracker-backup.service deploy/tracker-backup.timer /etc/systemd/system/
fi
if [ $systemd = yes ]; then
    systemctl daemon-reload
    systemctl enable --quiet --now tracker
    if [ -n "$file" ]; then systemctl enable --quiet --now tracker-backup.timer; fi
    say "The service runs. The administrator's one-time link: journalctl -u tracker"
    say "服务已启动。系统管理员的一次性链接：journalctl -u tracker"
else
    say "No systemd here: start it by the line ExecStart of deploy/tracker.service. 本机没有 systemd。"
fi
tracker check || true
say "tracker $version is installed in $place. 安装完成。"
