#!/usr/bin/env bash
# Measures the whole path through a real node: bulk ingest, searches meanwhile, _encode of one text.
#
#   tests/benchmark/node.sh [--port N] [--model DIR] [--texts FILE] [--documents N] [--precision P]
#
# Needs what mvn package builds. The model is by default the quickstart's, so run plugin/quickstart.sh
# once. FILE holds a text a line, or is STSb's CSV, which is the default where it lies in
# ../shared/data/stsb; without it the sentences of the quickstart's corpus are taken, twice as long.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
port=9400
model=$root/plugin/target/quickstart/all-minilm-l6-v2
precision=auto
work=$root/tests/target/benchmark
texts=
documents=10000

usage() {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  exit 2
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --port) port=$2 ;;
    --model) model=$2 ;;
    --texts) texts=$2 ;;
    --documents) documents=$2 ;;
    --precision) precision=$2 ;;
    *) usage ;;
  esac
  shift 2
done

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

export SEMLUX_NODE_FOLDER=$work/node
url=http://127.0.0.1:$port
jdk=$("$root/plugin/node.sh" check --port "$port")
trap '"$root/plugin/node.sh" stop' EXIT
"$root/plugin/node.sh" start --port "$port"
"$root/training/target/semlux/bin/semlux" deploy "$model" --to "$url" --id benchmark --precision "$precision"
"$jdk/bin/java" -cp "$root/training/target/semlux/lib/*" "$root/tests/benchmark/NodeBenchmark.java" "$url" benchmark "$texts" "$documents"
