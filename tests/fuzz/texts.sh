#!/usr/bin/env bash
# Made texts through every kind of tokenizer: what is read in pieces against what the library makes of
# the whole text, and how long the slowest piece takes. Ends with 1 where something differs.
#
#   tests/fuzz/texts.sh [TEXTS [CHARACTERS [SEED [FOLDER…]]]]
#
# A million texts of up to 20,000 characters by default, a share for each tokenizer; those of the models
# under FOLDER beside the ones that are made. Needs what mvn package builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../encoders"
exec java -Xmx1g --enable-native-access=ALL-UNNAMED -Dsemlux.native=target/native \
  -cp "target/test-classes:../training/target/semlux/lib/*" \
  org.semlux.encoders.text.TextFuzz "${1:-1000000}" "${2:-20000}" "${3:-1}" "${@:4}"
