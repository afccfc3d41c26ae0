#!/usr/bin/env bash
# On a clean clone: builds the server, checks that a sample can be imported and starts the demonstration as the README says, and expects the first call on a
# board within a minute of the start.
set -euo pipefail
repository=$(cd "$(dirname "$0")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
port=${DEMO_PORT:-5087}
folder=$(mktemp -d)
server=
finish() { [ -z "$server" ] || kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"; }
trap finish EXIT

# By bash alone, so that nothing but git and the SDK is needed.
board() {
  exec 3<>"/dev/tcp/127.0.0.1/$port" || return 1
  printf 'GET /api/v1/halls/rudong-town/board HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$port" >&3
  cat <&3
  exec 3<&- 3>&-
} 2>/dev/null

# As `dotnet run` builds it, and test.sh after it: what is compiled here is not compiled again there.
cd "$repository"
dotnet build src/Web --nologo -v quiet -p:UseSharedCompilation=true
# Paths are those of the folder it is called from, and so is what it keeps.
cd "$folder"
dotnet run --no-build --project "$repository/src/Web" -- hall import "$repository/samples/halls/rudong-town.json" --check
[ -d data ] && [ ! -e "$repository/src/Web/data" ] || { echo "demo-start: the data folder is not where the command was called" >&2; exit 1; }
# The built program itself, so that ending it ends all of it.
dotnet "$repository/src/Web/bin/Release/net10.0/hallops.dll" serve --demo --urls "http://127.0.0.1:$port" >"$folder/says" 2>&1 &
server=$!
for second in $(seq 60); do
  sleep 1
  kill -0 "$server" 2>/dev/null || { echo "demo-start: the server ended:" >&2; cat "$folder/says" >&2; exit 1; }
  if [[ "$(board)" == *'"calls":[{"ticket":"'* ]]; then
    echo "demo-start: the first call stood on a board $second s after the start"
    exit 0
  fi
done
echo "demo-start: nobody was called within 60 s" >&2
cat "$folder/says" >&2
exit 1
