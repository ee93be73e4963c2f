#!/usr/bin/env bash
# How long _encode of a query takes on a real node beside two clients that index documents with 4 MB of
# base64 in a field, against the idle node: ends with 1 where the 99th percentile is more than three times
# as long.
#
#   tests/benchmark/long_texts.sh [--port N] [--model DIR] [--precision P]
#
# Needs what mvn package builds. The model is by default the quickstart's, so run plugin/quickstart.sh once.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

model=$root/plugin/target/quickstart/all-minilm-l6-v2
read_options "port model precision" "$@"

start_node
deploy "$model" benchmark
run_java LongTextBenchmark "$url" benchmark
