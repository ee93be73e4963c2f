#!/usr/bin/env bash
# Builds the plugin's zip for an Elasticsearch 9.5.x and tries it on a node of that version.
#
#   tests/elasticsearch.sh VERSION [TEST[,TEST...]]     default: the stories and the restart
#
# The zip stays in plugin/target; a plain `mvn package` builds that of pom.xml's version again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# -ge 1 ] && [[ $1 =~ ^9\.5\.[0-9]+$ ]] || {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}" >&2
  exit 2
}
mvn --batch-mode --no-transfer-progress -pl tests -am verify "-Delasticsearch.version=$1" \
  -Dtest=org.semlux.plugin.** "-Dit.test=${2:-YamlStoriesIT,RestartIT}" \
  -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false
echo "Built and tried on Elasticsearch $1:"
ls plugin/target/semlux-*.zip
