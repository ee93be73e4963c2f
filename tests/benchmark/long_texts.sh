#!/usr/bin/env bash
# How long a query's text takes beside two clients with documents of 4 MB of base64, against alone:
# ends with 1 where the 99th percentile is more than three times as long.
#
#   tests/benchmark/long_texts.sh [MODEL_FOLDER]
#
# Within one process, without a node. Needs what mvn package builds, and plugin/quickstart.sh once, whose
# model it takes by default.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
exec java -Xmx1g --enable-native-access=ALL-UNNAMED -Dsemlux.native="$root/encoders/target/native" \
  -cp "$root/encoders/target/test-classes:$root/training/target/semlux/lib/*" \
  org.semlux.encoders.text.LongTextLatency "${1:-$root/plugin/target/quickstart/all-minilm-l6-v2}"
