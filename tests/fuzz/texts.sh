#!/usr/bin/env bash
# Made texts through every kind of tokenizer: what is read in pieces, from the beginning and from the end,
# against what the library makes of the whole text, and what the slowest piece takes of its thread's own
# time. Ends with 1 where something differs.
#
#   tests/fuzz/texts.sh [TEXTS [CHARACTERS [SEED [FOLDER…]]]]
#
# A million texts of up to 20,000 characters by default (some hours of a core), a share for each tokenizer;
# 340 of up to 1,000,000 show the slowest piece in a minute. Tokenizers of the models under FOLDER come beside
# those that are made. Needs what mvn package builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../encoders"
exec java -Xmx1g --enable-native-access=ALL-UNNAMED -Dsemlux.native=../training/target/semlux/native \
  -cp "target/test-classes:../training/target/semlux/lib/*" \
  org.semlux.encoders.text.TextFuzz "${1:-1000000}" "${2:-20000}" "${3:-1}" "${@:4}"
