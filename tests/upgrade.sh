#!/usr/bin/env bash
# A cluster of two builds: what an older one wrote and this one reads, node by node (UpgradeIT).
#
#   tests/upgrade.sh [ZIP|COMMIT]...
#
# A zip is that of a release; of a commit the zip is built, and kept in tests/target/upgrade. Without any: the last
# commits whose builds wrote the first three formats of the cluster's metadata. The first builds with semlux_text, such
# as that of 9fcf7de, fail here: their shards know a query's encodings by other names than later nodes give them, and
# Elasticsearch asks no other copy after such a refusal.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
mkdir -p tests/target/upgrade
[ $# -gt 0 ] || set -- f306612 e3e59cf 2fd9fdc
for old; do
  zip=$old
  if [ ! -f "$old" ]; then
    zip=$root/tests/target/upgrade/semlux-$old.zip
    if [ ! -f "$zip" ]; then
      tree=$root/tests/target/upgrade/$old
      rm -rf "$tree"
      git clone -q "$root" "$tree"
      git -C "$tree" checkout -q --detach "$old"
      (cd "$tree" && mvn -B -q -pl plugin -am package -Dmaven.test.skip=true -Dspotless.check.skip=true)
      cp "$(ls "$tree"/plugin/target/semlux*.zip | grep -v -- "-linux-$([ "$(uname -m)" = x86_64 ] && echo aarch64 || echo x86_64)-" | head -1)" "$zip"
      rm -rf "$tree"
    fi
  fi
  echo "from $old"
  mvn -B -q -pl tests -am verify -Dtest=NONE -Dit.test=UpgradeIT -Dsemlux.old.zip="$(realpath "$zip")" \
    -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
done
