#!/usr/bin/env bash
# The test command. Sets up what the tests need, builds everything with warnings as errors, runs every test project and
# closes with "N passed, N failed". Needs the .NET 10 SDK, Chromium with a Chinese font for the pages' tests, PostgreSQL 15 for those that run on both
# databases and Redis 7 for those of the journal in it; all but the SDK it installs itself as root on Debian.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en TZ=UTC
# Hundreds of servers are started and are over before code that is measured, compiled once more or guarded against being written to would pay.
export DOTNET_TieredPGO=0 DOTNET_EnableWriteXorExecute=0

if ! command -v dotnet >/dev/null; then
  echo "test.sh: the .NET 10 SDK is not installed: https://dotnet.microsoft.com/download" >&2
  exit 1
fi

# The pages are tested in a real browser, and measured in the font that halls have. Debian's chromium-headless-shell is the same engine without a browser's own
# windows, and quicker; where it is not to be had, Chromium itself does.
browser() { command -v chromium-headless-shell || command -v chromium; }
fonts() { fc-list | grep -c 'Noto Sans CJK'; }
if ! { command -v chromium-headless-shell && fonts; } >/dev/null 2>&1 && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "test.sh: installing chromium-headless-shell and fonts-noto-cjk"
  install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" fonts-noto-cjk fontconfig >/dev/null 2>&1; }
  apt-get update -qq >/dev/null 2>&1 || true
  install chromium-headless-shell || { browser && fonts; } >/dev/null 2>&1 || install chromium || true
fi
if ! { browser && fonts; } >/dev/null 2>&1; then
  echo "test.sh: the pages' tests need Chromium and Noto Sans CJK: apt-get install chromium-headless-shell fonts-noto-cjk" >&2
  exit 1
fi

# The tests start a server of their own in a temporary folder: no other one is started, used or needed.
postgres() { [ -x /usr/lib/postgresql/15/bin/initdb ]; }
if ! postgres && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "test.sh: installing postgresql-15"
  get() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1; }
  apt-get update -qq >/dev/null 2>&1 || true
  # Debian would make a server of the machine's own, and start it.
  if [ ! -e /etc/postgresql-common/createcluster.conf ] && get postgresql-common; then
    echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
  fi
  get postgresql-15 || true
fi
if ! postgres; then
  echo "test.sh: the tests that run on both databases need PostgreSQL 15 in /usr/lib/postgresql/15: apt-get install postgresql-15" >&2
  exit 1
fi

# Here too: servers of the tests' own, on free ports and in temporary folders.
redis() { command -v redis-server >/dev/null; }
if ! redis && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  echo "test.sh: installing redis-server"
  apt-get update -qq >/dev/null 2>&1 || true
  # Debian would start a server of the machine's own.
  policy=/usr/sbin/policy-rc.d made=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && made=1
  fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server >/dev/null 2>&1 || true
  if [ "$made" -eq 1 ]; then rm -f "$policy"; fi
fi
if ! redis; then
  echo "test.sh: the tests of the journal in Redis need redis-server 7: apt-get install redis-server" >&2
  exit 1
fi

dotnet restore HallOps.sln -v quiet
# One compiler for all projects, also where the environment would start one for each: a third less to do. It is gone before the tests begin.
dotnet build HallOps.sln --no-restore -c Release -v quiet -p:UseSharedCompilation=true
dotnet build-server shutdown --vbcscompiler >/dev/null

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
names=()
# The name that a project's results go by, its tests' program, and what else that is told. Nothing but the results says how it went; what the tests' servers log is left out.
run() {
  echo "== $1"
  timeout 1200 dotnet "$2" -trx "$results/$1.trx" -noColor -noLogo "${@:3}" 2>&1 | grep -vE '^[0-9]{4}-[0-9]{2}-[0-9]{2}T' || true
}
tests() { echo "tests/$1.Tests/bin/Release/net10.0/HallOps.$1.Tests.dll"; }
# Those of the web wait a good part of their time, for servers that start, leases that end and databases that are killed: the others that have no pages run beside them, and give way.
names+=(HallOps.{Core,Simulation,Silo,Web,Displays}.Tests)
(
  renice -n 5 $BASHPID >/dev/null 2>&1 || true
  for project in Core Simulation Silo; do run "HallOps.$project.Tests" "$(tests $project)"; done
) >"$results/beside.log" 2>&1 &
run HallOps.Web.Tests "$(tests Web)"
wait
cat "$results/beside.log"
run HallOps.Displays.Tests "$(tests Displays)"

# The Orleans engine, where its packages can be had: built beside the default one, which never needs them, and held to the same contract.
if timeout 300 dotnet restore tests/Silo.Tests -p:Engine=orleans -v quiet >"$results/orleans.log" 2>&1; then
  names+=(HallOps.Silo.Tests.Orleans HallOps.Web.Tests.Cluster)
  dotnet build tests/Silo.Tests --no-restore -c Release -p:Engine=orleans -v quiet
  run HallOps.Silo.Tests.Orleans artifacts/orleans/bin/HallOps.Silo.Tests/release/HallOps.Silo.Tests.dll -namespace HallOps.Silo.Tests.Orleans
  dotnet build tests/Web.Tests -c Release -p:Engine=orleans -v quiet
  run HallOps.Web.Tests.Cluster artifacts/orleans/bin/HallOps.Web.Tests/release/HallOps.Web.Tests.dll -namespace HallOps.Web.Tests.Cluster
else
  echo "Orleans engine: its packages do not restore here; left out."
fi

passed=0 failed=0 broken=0
for name in "${names[@]}"; do
  if [ ! -f "$results/$name.trx" ]; then
    echo "$name did not finish." >&2
    broken=1
    continue
  fi
  counters=$(grep -o '<Counters [^>]*>' "$results/$name.trx" | head -1)
  count() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }
  passed=$((passed + $(count passed))) failed=$((failed + $(count failed) + $(count error)))
  [ "$(count passed)" -gt 0 ] || { echo "$name ran no test." >&2; broken=1; }
done
echo "$passed passed, $((failed + broken)) failed"
[ "$failed" -eq 0 ] && [ "$broken" -eq 0 ]
