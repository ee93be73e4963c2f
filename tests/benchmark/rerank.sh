#!/usr/bin/env bash
# Measures reranking in a real node: the semlux_rerank retriever and _rerank, on the same texts.
#
#   tests/benchmark/rerank.sh --model DIR [--port N] [--passages N] [--words N] [--rounds N] [--precision P]
#
# Needs what mvn package builds, and the folder of a cross-encoder with BERT's English vocabulary.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
port=9400
model=
precision=auto
passages=100
words=120
rounds=30

usage() {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
  exit 2
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --port) port=$2 ;;
    --model) model=$2 ;;
    --passages) passages=$2 ;;
    --words) words=$2 ;;
    --rounds) rounds=$2 ;;
    --precision) precision=$2 ;;
    *) usage ;;
  esac
  shift 2
done
[ -d "$model" ] || usage

export SEMLUX_NODE_FOLDER=$root/tests/target/benchmark/node
url=http://127.0.0.1:$port
jdk=$("$root/plugin/node.sh" check --port "$port")
mkdir -p "$root/tests/target/benchmark"
trap '"$root/plugin/node.sh" stop' EXIT
"$root/plugin/node.sh" start --port "$port"
"$root/training/target/semlux/bin/semlux" deploy "$model" --to "$url" --id rerank --precision "$precision"
"$jdk/bin/java" -cp "$root/training/target/semlux/lib/*" "$root/tests/benchmark/RerankBenchmark.java" \
  "$url" rerank "$passages" "$words" "$rounds"
