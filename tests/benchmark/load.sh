#!/usr/bin/env bash
# Gives a node more than it can take: 32 clients that search, rerank and index at once.
#
#   tests/benchmark/load.sh --dense DIR --cross DIR [--port N] [--seconds N] [--precision P]
#
# Needs what mvn package builds, and folders of a dense model with 384 dimensions and a cross-encoder. Wanted: no
# answer but 200 and 429, a p99 of searches within three times its idle one, a flat resident size, and the idle
# latency back within ten seconds of the end.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

dense=
cross=
seconds=600
read_options "port dense cross seconds precision" "$@"
[ -d "$dense" ] && [ -d "$cross" ] || usage

start_node
deploy "$dense" dense
deploy "$cross" cross
run_java LoadBenchmark "$url" dense cross "$seconds"
