#!/usr/bin/env bash
# Holds what `auto` chooses against the fastest of bfloat16 and float32, serving and training.
#
#   tests/benchmark/precision.sh [--models "DIR ..."] [--train FILE] [--kinds "ISA ..."]
#                               [--threads N] [--data FILE] [--steps N]
#
# Prints, for each kind of CPU and each model folder (dense, sparse, cross-encoder), both speeds, what auto
# is and its share of the faster one; with --train, scored pairs, the same for training. A kind is what
# oneDNN is told to keep to: native, AVX512_CORE_VNNI (no bfloat16), AVX2; all three by default, as far as
# this machine has them. FILE holds texts or pairs as for semlux benchmark, whose own they are by default (emulated
# bfloat16 takes minutes for those). Needs what mvn package builds. The model is by default the quickstart's dense one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

models=$root/plugin/target/quickstart/all-minilm-l6-v2
train=
kinds="native AVX512_CORE_VNNI AVX2"
threads=$(nproc)
data=
steps=30
read_options "models train kinds threads data steps" "$@"
semlux=$root/training/target/semlux/bin/semlux
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Runs semlux on kind $1 of CPU.
on() {
  if [ "$1" = native ]; then
    "$semlux" "${@:2}"
  else
    ONEDNN_MAX_CPU_ISA=$1 "$semlux" "${@:2}"
  fi
}

# Texts per second of model $2 in precision $3 on kind $1.
serving() {
  on "$1" benchmark --model "$2" --precision "$3" --threads "$threads" --rounds 3 --json \
    ${data:+--data "$data"} 2>"$scratch/err" |
    sed -n 's/.*"texts_per_second":\([0-9.]*\).*/\1/p'
}

# Precision and reason of model $2 on kind $1.
served() {
  on "$1" info --model "$2" | sed -n 's/^precision *//p'
}

# The option of semlux train that says what model $1 becomes.
task() {
  case $(on native info --model "$1" --precision float32 | sed -n 's/^kind *//p') in
    dense) echo bi-encoder ;;
    sparse) echo sparse-encoder ;;
    *) echo cross-encoder ;;
  esac
}

# Trains model $2 for $4 steps on kind $1 with option $3, which may be empty; the log lies in $scratch/run.
run() {
  rm -rf "$scratch/run"
  # shellcheck disable=SC2086  # no option is no word
  on "$1" train --task "$(task "$2")" --base "$2" --train "$train" --output "$scratch/run" --max-steps "$4" \
    --logging-steps "$(((steps + 2) / 3))" $3 2>"$scratch/err" >&2
}

# Pairs per second in the best third of the steps.
training() {
  run "$1" "$2" "$3" "$steps"
  sed -n 's/.*"pairs_per_second":\([0-9.]*\).*/\1/p' "$scratch/run/training_log.jsonl" | sort -g | tail -1
}

trained() {
  run "$1" "$2" "" 1
  sed -n 's/.*Training in \([a-z0-9]*: .*\)/\1/p' "$scratch/err" | head -1
}

# A row: kind, what is done, bfloat16's and float32's speed, auto and why.
row() {
  awk -v kind="$1" -v what="$2" -v bfloat16="$3" -v float32="$4" -v auto="$5" 'BEGIN {
    best = bfloat16 > float32 ? bfloat16 : float32
    chosen = auto ~ /^bfloat16:/ ? bfloat16 : float32
    printf "| %s | %s | %.1f | %.1f | %s | %.2f |\n", kind, what, bfloat16, float32, auto, chosen / best
  }'
}

echo "| CPU kept to | | bfloat16/s | float32/s | auto | share of the faster |"
echo "| --- | --- | ---: | ---: | --- | ---: |"
for kind in $kinds; do
  for model in $models; do
    name=$(basename "$model")
    row "$kind" "$name" "$(serving "$kind" "$model" bfloat16)" "$(serving "$kind" "$model" float32)" \
      "$(served "$kind" "$model")"
    [ -z "$train" ] || row "$kind" "$name, training" "$(training "$kind" "$model" --bf16)" \
      "$(training "$kind" "$model" --fp32)" "$(trained "$kind" "$model")"
  done
done
