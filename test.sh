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
passed=0 failed=0 broken=0
# The name that a project's results go by, the project, and what else `dotnet test` is told.
run() {
  local name=$1 project=$2
  echo "== $name"
  if ! timeout 1200 dotnet test "$project" --no-build -c Release --nologo --logger "trx;LogFileName=$results/$name.trx" --logger "console;verbosity=minimal" -v quiet "${@:3}"; then
    [ -f "$results/$name.trx" ] || { echo "$name did not finish." >&2; broken=1; }
  fi
  local counters p f e
  if [ -f "$results/$name.trx" ]; then
    counters=$(grep -o '<Counters [^>]*>' "$results/$name.trx" | head -1)
    p=$(sed -E 's/.* passed="([0-9]+)".*/\1/' <<<"$counters")
    f=$(sed -E 's/.* failed="([0-9]+)".*/\1/' <<<"$counters")
    e=$(sed -E 's/.* error="([0-9]+)".*/\1/' <<<"$counters")
    passed=$((passed + p)) failed=$((failed + f + e))
    [ "$p" -gt 0 ] || { echo "$name ran no test." >&2; broken=1; }
  fi
}
for project in tests/*.Tests/*.csproj; do run "$(basename "$project" .csproj)" "$project"; done

# The Orleans engine, where its packages can be had: built beside the default one, which never needs them, and held to the same contract.
if timeout 300 dotnet restore tests/Silo.Tests -p:Engine=orleans -v quiet >"$results/orleans.log" 2>&1; then
  dotnet build tests/Silo.Tests --no-restore -c Release -p:Engine=orleans -v quiet
  run HallOps.Silo.Tests.Orleans tests/Silo.Tests/HallOps.Silo.Tests.csproj -p:Engine=orleans --filter "FullyQualifiedName~HallOps.Silo.Tests.Orleans."
  dotnet build tests/Web.Tests -c Release -p:Engine=orleans -v quiet
  run HallOps.Web.Tests.Cluster tests/Web.Tests/HallOps.Web.Tests.csproj -p:Engine=orleans --filter "FullyQualifiedName~HallOps.Web.Tests.Cluster."
else
  echo "Orleans engine: its packages do not restore here; left out."
fi

echo "$passed passed, $((failed + broken)) failed"
[ "$failed" -eq 0 ] && [ "$broken" -eq 0 ]
