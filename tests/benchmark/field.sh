#!/usr/bin/env bash
# Measures the field semlux_text beside the same made by hand, a pipeline and a nested dense_vector field:
# texts a second, size of the index, and a search's time, in turns on the same texts.
#
#   tests/benchmark/field.sh --model DIR [--port N] [--documents N] [--rounds N] [--precision P]
#
# Needs what mvn package builds, and the folder of a dense model with BERT's English vocabulary.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

model=
documents=2000
rounds=200
read_options "port model documents rounds precision" "$@"
[ -d "$model" ] || usage

start_node
deploy "$model" field
run_java FieldBenchmark "$url" field "$documents" "$rounds"
