#!/usr/bin/env bash
# Fuzzes what strangers send (model files, tokenizers with their library, manifests, bodies; ONNX files)
# with Jazzer, guided by coverage.
#
#   tests/fuzz/fuzz.sh [RUNS [SECONDS]]        a million and no limit unless given
#   tests/fuzz/fuzz.sh --onnx [RUNS [SECONDS]]  what semlux import reads
#   tests/fuzz/fuzz.sh --mutations RUNS SEED   the build's own mutations instead, without Jazzer
#
# What it finds and what it learns stays in plugin/target/fuzz and training/target/fuzz: a second run goes on
# from there. A fault in native code ends it, and the input is kept as crash-….
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version=0.24.0
module=plugin
fuzz=org.semlux.plugin.fuzz.Fuzz
if [ "${1:-}" = --onnx ]; then
  module=training
  fuzz=org.semlux.training.onnx.OnnxFuzz
  shift
fi
work=$module/target/fuzz
mkdir -p "$work/corpus" "$work/tmp"
mvn -B -q -pl $module -am test-compile dependency:build-classpath -Dmdep.outputFile="$PWD/$work/classpath"
classpath=$module/target/test-classes:$module/target/classes:$(cat "$work/classpath")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
native=$(find "$PWD/encoders/target/native" -path "*$(uname -m)*/tokenizers" -printf '%h' -quit)
# Their folder is written for each input: in memory where there is such a place.
tmp=$(mktemp -d -p "$([ -d /dev/shm ] && echo /dev/shm || echo "$PWD/$work/tmp")")
trap 'rm -rf "$tmp"' EXIT
options=(-Xmx1g --enable-native-access=ALL-UNNAMED "-Djava.io.tmpdir=$tmp" "-Dsemlux.native=$native")
if [ "${1:-}" = --mutations ]; then
  "$java" "${options[@]}" -cp "$classpath" "$fuzz" mutations "$2" "$3"
  exit
fi
for artifact in jazzer jazzer-api; do
  mvn -B -q dependency:copy -Dartifact=com.code-intelligence:$artifact:$version -DoutputDirectory="$PWD/$work"
done
"$java" "${options[@]}" -cp "$classpath" "$fuzz" seeds "$work/corpus"
# libFuzzer's own mutations: Jazzer's keep inputs below a thousand bytes. Seeds are kept although they
# read the same lines, since each is another file.
"$java" "${options[@]}" -cp "$work/jazzer-$version.jar:$work/jazzer-api-$version.jar:$classpath" \
  com.code_intelligence.jazzer.Jazzer --target_class="$fuzz" '--instrumentation_includes=org.semlux.**' \
  --mutator_framework=false --keep_going=20 --reproducer_path="$work" -artifact_prefix="$work/" \
  -runs="${1:-1000000}" -max_total_time="${2:-0}" -max_len=120000 -len_control=0 -keep_seed=1 -timeout=60 \
  -rss_limit_mb=4000 -print_final_stats=1 "$work/corpus"
