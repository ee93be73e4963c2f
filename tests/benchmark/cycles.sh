#!/usr/bin/env bash
# Deploys and undeploys a model over and over: resident size, open files and threads of the node stay as they are.
#
#   tests/benchmark/cycles.sh [--model DIR] [--port N] [--cycles N] [--precision P]
#
# Needs what mvn package builds. The model is by default a tiny one of the tests.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

model=$root/tests/src/test/resources/goldens/dense-bert-mean-normalize
cycles=10000
precision=float32
read_options "port model cycles precision" "$@"
export SEMLUX_NODE_FOLDER=$work/cycles

start_node
deploy "$model" cycles >/dev/null
run_java CyclesBenchmark "$url" cycles "$cycles"
