#!/usr/bin/env bash
# Installs what queuectl is compared with: install_peers.sh [FOLDER]
#
# Libraries go into FOLDER/venv (default: ~/.cache/queuectl-peers), a virtual environment of their own. Programs
# come from Debian, if this is root on a system with apt; what is missing then only leaves its row out.
set -euo pipefail

folder=${1:-${QUEUECTL_PEERS:-${XDG_CACHE_HOME:-$HOME/.cache}/queuectl-peers}}

have() {
  command -v "$1" >/dev/null
}

missing=()
have xargs || missing+=(findutils)
have tsp || missing+=(task-spooler)
have nq || missing+=(nq)
have parallel || missing+=(parallel)
have redis-server || missing+=(redis-server)
have initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)

# Debian starts the servers it installs. Here each measurement starts its own, so this rule, which Debian asks
# before it starts one, says no until we are done.
hold_services() {
  local rule=/usr/sbin/policy-rc.d
  [ ! -e "$rule" ] || return 0
  printf '#!/bin/sh\nexit 101\n' >"$rule"
  chmod +x "$rule"
  trap "rm -f $rule" EXIT
}

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && have apt-get; then
    hold_services
    apt-get update -qq
    # One by one: a package which is not there must not keep the others out.
    for package in "${missing[@]}"; do
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" ||
        echo "not installed: $package" >&2
    done
  else
    echo "not installed, as this takes root and apt-get: ${missing[*]}" >&2
  fi
fi

mkdir -p "$folder"
[ -x "$folder/venv/bin/python" ] || python3 -m venv "$folder/venv"
for package in huey litequeue rq 'celery[redis]' redis procrastinate 'psycopg[binary]'; do
  "$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check "$package" ||
    echo "not installed: $package" >&2
done
echo "peers are in $folder"
