#!/usr/bin/env bash
# Adapts a model to 1,500 docstrings and judges it by 120 questions that it never saw, written beforehand.
#
#   tests/benchmark/adapt.sh [--model DIR] [--seeds "N ..."] [--options "OPTION ..."] [--venv DIR]
#
# The corpus is made of networkx 3.4.2 and scipy 1.14.1 as PyPI has them, in an environment under tests/target or in the
# one named, which has them; questions and judgements lie in tests/benchmark/docstrings. Each seed is a run of
# `semlux adapt` with --options, some minutes on two cores; a run that was stopped goes on. Prints NDCG@10 of base and
# adapted model with the change and its 95 percent interval, alone and fused with BM25, and the run's time and memory.
# Needs what mvn package builds, python3 and GNU time. The model is by default the quickstart's dense one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

model=$root/plugin/target/quickstart/all-minilm-l6-v2
seeds="42 7 8"
options=
venv=
read_options "model seeds options venv" "$@"
judged=$root/tests/benchmark/docstrings
runs=$work/adapt
mkdir -p "$runs"

if [ -z "$venv" ]; then
  venv=$runs/venv
  [ -e "$venv/made" ] || {
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet networkx==3.4.2 scipy==1.14.1 numpy==2.2.6
    touch "$venv/made"
  }
fi
[ -e "$runs/corpus.jsonl" ] || {
  "$venv/bin/python" "$judged/corpus.py" "$runs/corpus.jsonl.new"
  mv "$runs/corpus.jsonl.new" "$runs/corpus.jsonl"
}
echo "b33f203b40f1d5647855afedeef71fe9b5b515a1cbc335a9892587fa9b26ebaa  $runs/corpus.jsonl" | sha256sum --quiet --check

for seed in $seeds; do
  output=$runs/seed-$seed
  # shellcheck disable=SC2086 # options are words
  command time --format "seed $seed: %e s, at most %M KB resident" --output "$output.time" \
    "$root/training/target/semlux/bin/semlux" adapt --corpus "$runs/corpus.jsonl" --base "$model" \
    --queries "$judged/questions.jsonl" --qrels "$judged/qrels.tsv" --seed "$seed" --output "$output" $options
  cat "$output.time"
done
