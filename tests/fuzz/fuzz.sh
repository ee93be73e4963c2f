#!/usr/bin/env bash
# Fuzzes what strangers send (model files, manifests, bodies) with Jazzer, guided by coverage.
#
#   tests/fuzz/fuzz.sh [RUNS]        a million unless given; what it finds stays in plugin/target/fuzz
#   tests/fuzz/fuzz.sh --mutations RUNS SEED   the build's own mutations instead, without Jazzer
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version=0.24.0
work=plugin/target/fuzz
mkdir -p "$work/corpus"
mvn -B -q -pl plugin -am test-compile dependency:build-classpath -Dmdep.outputFile="$PWD/$work/classpath"
classpath=plugin/target/test-classes:plugin/target/classes:$(cat "$work/classpath")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
options=(-Xmx1g --enable-native-access=ALL-UNNAMED)
fuzz=org.semlux.plugin.fuzz.Fuzz
if [ "${1:-}" = --mutations ]; then
  exec "$java" "${options[@]}" -cp "$classpath" "$fuzz" mutations "$2" "$3"
fi
for artifact in jazzer jazzer-api; do
  mvn -B -q dependency:copy -Dartifact=com.code-intelligence:$artifact:$version -DoutputDirectory="$PWD/$work"
done
"$java" "${options[@]}" -cp "$classpath" "$fuzz" seeds "$work/corpus"
exec "$java" "${options[@]}" -cp "$work/jazzer-$version.jar:$work/jazzer-api-$version.jar:$classpath" \
  com.code_intelligence.jazzer.Jazzer --target_class="$fuzz" '--instrumentation_includes=org.semlux.**' \
  --keep_going=20 --reproducer_path="$work" -artifact_prefix="$work/" -runs="${1:-1000000}" -max_len=120000 \
  -timeout=60 -rss_limit_mb=4000 "$work/corpus"
