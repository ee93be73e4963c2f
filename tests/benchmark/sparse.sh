#!/usr/bin/env bash
# Measures sparse queries over 100,000 made documents in a real node: latency, overlap, index size.
#
#   tests/benchmark/sparse.sh [--port N] [--documents N]
#
# Needs what mvn package builds; no model.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
port=9400
documents=100000

usage() {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  exit 2
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --port) port=$2 ;;
    --documents) documents=$2 ;;
    *) usage ;;
  esac
  shift 2
done

export SEMLUX_NODE_FOLDER=$root/tests/target/benchmark/node
mkdir -p "$(dirname "$SEMLUX_NODE_FOLDER")"
jdk=$("$root/plugin/node.sh" check --port "$port")
trap '"$root/plugin/node.sh" stop' EXIT
"$root/plugin/node.sh" start --port "$port"
"$jdk/bin/java" -cp "$root/training/target/semlux/lib/*" "$root/tests/benchmark/SparseBenchmark.java" \
  "http://127.0.0.1:$port" "$documents"
