#!/usr/bin/env bash
# Makes the pictures beside it: starts the demonstration, visits every page in both languages and writes what it sees. Needs what ./test.sh needs.
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet build tests/Displays.Tests --nologo -v quiet
HALLOPS_SCREENSHOTS="$PWD/docs/screens" dotnet tests/Displays.Tests/bin/Debug/net10.0/HallOps.Displays.Tests.dll -explicit only -class HallOps.Displays.Tests.Screens
