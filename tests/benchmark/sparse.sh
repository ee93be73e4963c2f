#!/usr/bin/env bash
# Measures sparse queries over 100,000 made documents in a real node: latency, overlap, index size.
#
#   tests/benchmark/sparse.sh [--port N] [--documents N]
#
# Needs what mvn package builds; no model.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

documents=100000
read_options "port documents" "$@"

start_node
run_java SparseBenchmark "$url" "$documents"
