#!/usr/bin/env bash
# Measures reranking in a real node: the semlux_rerank retriever and _rerank, on the same texts.
#
#   tests/benchmark/rerank.sh --model DIR [--port N] [--passages N] [--words N] [--rounds N] [--precision P]
#
# Needs what mvn package builds, and the folder of a cross-encoder with BERT's English vocabulary.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

model=
passages=100
words=120
rounds=30
read_options "port model passages words rounds precision" "$@"
[ -d "$model" ] || usage

start_node
deploy "$model" rerank
run_java RerankBenchmark "$url" rerank "$passages" "$words" "$rounds"
