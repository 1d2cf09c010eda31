#!/bin/sh
# The command line with the settings of the service, as its user: nothing then belongs to root.
# In the log stays who typed it.
export TRACKER_ENV_FILE=/etc/tracker/tracker.env
program=/opt/tracker/current/bin/tracker
if [ "$(id -u)" -eq 0 ]; then
    export TRACKER_ACTOR="${TRACKER_ACTOR:-os:${SUDO_USER:-root}}"
    exec setpriv --reuid tracker --regid tracker --init-groups -- "$program" "$@"
fi
exec "$program" "$@"
