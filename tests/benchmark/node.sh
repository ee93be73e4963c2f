#!/usr/bin/env bash
# Measures the whole path through a real node: bulk ingest, searches meanwhile, _encode of one text, beside what
# the encoder alone makes of the same texts.
#
#   tests/benchmark/node.sh [--port N] [--model DIR] [--texts FILE] [--documents N] [--precision P]
#
# Needs what mvn package builds. The model is by default the quickstart's, so run plugin/quickstart.sh
# once. FILE holds a text a line, or is STSb's CSV, which is the default where it lies in
# ../shared/data/stsb; without it the sentences of the quickstart's corpus are taken, twice as long.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

model=$root/plugin/target/quickstart/all-minilm-l6-v2
texts=
documents=10000
read_options "port model texts documents precision" "$@"

[ -d "$model" ] || {
  echo "node.sh: no model is in $model: run plugin/quickstart.sh first, or name one with --model" >&2
  exit 1
}
mkdir -p "$work"
if [ -z "$texts" ] && [ -f "$root/../shared/data/stsb/train.csv" ]; then
  texts=$root/../shared/data/stsb/train.csv
elif [ -z "$texts" ]; then
  texts=$work/texts.txt
  sed 's/.*"text": *"\(.*\)"}$/\1/; s/\([.?!]\) /\1\n/g' "$root/plugin/quickstart/corpus.jsonl" >"$texts"
fi

start_node
run_java NodeBenchmark texts "$texts" "$documents" >"$work/documents.txt"
"$root/training/target/semlux/bin/semlux" benchmark --model "$model" --data "$work/documents.txt" \
  --precision "$precision" --json >"$work/alone.json" # beside an idle node
deploy "$model" benchmark
run_java NodeBenchmark "$url" benchmark "$texts" "$documents" "$work/alone.json"
