#!/usr/bin/env bash
# One Elasticsearch node with Semlux inside, on this machine, for the tests and the quickstart.
#
#   plugin/node.sh start [--folder DIR] [--port N] [--setting NAME=VALUE]... [--config DIR]
#                        [--distribution ZIP] [--plugin ZIP|none]
#   plugin/node.sh stop|status [--folder DIR]
#   plugin/node.sh check [--folder DIR] [--port N]
#                  whether a node could start: the port is free; prints the JDK, of version 21 or newer
#
# SEMLUX_NODE_FOLDER is what --folder is when it is not given.
#
# The node listens on 127.0.0.1 only, has security off and a heap of 1 GB; a --setting of the same
# name takes the place of one of its own, and the files of --config go into its config. Its folder (by default
# plugin/target/node) is unpacked once and keeps its data from one start to the next. Elasticsearch
# refuses to run as root: called by root, this starts the node as the system user `semlux`.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command=${1:-help}
shift || true
folder=${SEMLUX_NODE_FOLDER:-}
port=9200
distribution=
plugin=
config=
settings=()

fail() {
  echo "node.sh: $*" >&2
  exit 1
}

usage() {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"
}

while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || fail "$1 needs a value"
  case $1 in
    --folder) folder=$2 ;;
    --port) port=$2 ;;
    --distribution) distribution=$2 ;;
    --plugin) plugin=$2 ;;
    --setting) settings+=("$2") ;;
    --config) config=$2 ;;
    *) fail "unknown option $1: see plugin/node.sh help" ;;
  esac
  shift 2
done

# The major version of the JDK in folder $1; 0 where there is none.
jdk_version() {
  local version=
  if [ -x "$1/bin/java" ] && [ -x "$1/bin/jar" ] && [ -r "$1/release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  fi
  echo "${version:-0}"
}

find_jdk() {
  local home on_path
  on_path=$(readlink -f "$(command -v java || true)" || true)
  for home in "${ES_JAVA_HOME:-}" "${JAVA_HOME:-}" "${on_path%/bin/java}" \
    /usr/lib/jvm/* /opt/java/* /opt/jdk* "${HOME:-/}"/.sdkman/candidates/java/* "${HOME:-/}"/.jdks/*; do
    if [ "$(jdk_version "$home")" -ge 21 ]; then
      echo "$home"
      return
    fi
  done
  fail "no JDK of version 21 or newer was found: install one, or set JAVA_HOME to its folder"
}

# Runs a command as the user that the node belongs to.
as_owner() {
  if [ "$(id -u)" -eq 0 ]; then
    runuser -u semlux -- "$@"
  else
    "$@"
  fi
}

# Root gets a system user for the node, and a folder that this user can reach.
choose_folder() {
  if [ "$(id -u)" -eq 0 ] && ! id -u semlux >/dev/null 2>&1; then
    case $command in
      stop)
        echo "No node is running"
        exit
        ;;
      status)
        echo "No node is running"
        exit 1
        ;;
    esac
    echo "Adding the system user semlux: Elasticsearch refuses to run as root" >&2
    useradd --system --user-group --no-create-home --shell /usr/sbin/nologin semlux \
      || id -u semlux >/dev/null 2>&1 \
      || fail "root may not run Elasticsearch, and the user semlux could not be added: call this as an ordinary user"
  fi
  if [ -z "$folder" ]; then
    folder=$here/target/node
    as_owner test -x "$here" || folder=/var/tmp/semlux-node
  fi
  folder=$(realpath -m "$folder")
}

pid() {
  cat "$folder/pid" 2>/dev/null || true
}

is_running() {
  local pid
  pid=$(pid)
  [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null && grep -qsF "$folder/" "/proc/$pid/cmdline"
}

# The port that the folder's node was last started with.
its_port() {
  sed -n 's/^http.port: //p' "$folder/config/elasticsearch.yml"
}

url() {
  echo "http://127.0.0.1:$(its_port)"
}

check_port() {
  [[ $port =~ ^[0-9]{4,5}$ && $port -ge 1024 && $port -le 65535 ]] || fail "--port must be from 1024 to 65535, not $port"
  if is_running && [ "$(its_port)" = "$port" ]; then
    return
  fi
  if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    fail "port $port is taken: choose another with --port, or end what listens there"
  fi
}

check() {
  check_port
  find_jdk
}

# The newest file of a pattern, for the zips whose names carry a version.
newest() {
  ls -t "$@" 2>/dev/null | head -1
}

# The Elasticsearch that a plugin's zip was built for, which takes no other.
wanted_version() {
  local descriptor
  descriptor=$(mktemp -d)
  (cd "$descriptor" && "$jdk/bin/jar" --extract --file "$plugin" plugin-descriptor.properties)
  sed -n 's/^elasticsearch.version=//p' "$descriptor/plugin-descriptor.properties"
  rm -r "$descriptor"
}

configuration() {
  local line setting
  while IFS= read -r line; do
    for setting in ${settings[@]+"${settings[@]}"}; do
      [ "${setting%%=*}" != "${line%%:*}" ] || continue 2
    done
    echo "$line"
  done <<YAML
cluster.name: semlux
node.name: semlux
discovery.type: single-node
network.host: 127.0.0.1
http.port: $port
xpack.security.enabled: false
action.destructive_requires_name: false
cluster.routing.allocation.disk.threshold_enabled: false
indices.merge.disk.check_interval: 0
YAML
  for setting in ${settings[@]+"${settings[@]}"}; do
    echo "${setting%%=*}: ${setting#*=}"
  done
}

# Unpacks Elasticsearch next to its final place, so that an interrupted run leaves nothing half done. Data
# of another version stays.
unpack() {
  [ "$(basename "$distribution")" = "$(cat "$folder/distribution.name" 2>/dev/null)" ] && return
  [ -f "$distribution" ] || fail "Elasticsearch's zip was not found${distribution:+ at $distribution}: name it with --distribution"
  echo "Unpacking $(basename "$distribution")"
  rm -rf "$folder.new"
  mkdir -p "$folder.new"
  (cd "$folder.new" && "$jdk/bin/jar" --extract --file "$distribution")
  mv "$folder.new"/elasticsearch-*/* "$folder.new"
  rmdir "$folder.new"/elasticsearch-*
  chmod 755 "$folder.new"/bin/*
  mkdir -p "$folder.new/config/jvm.options.d" "$folder.new/tmp"
  printf -- '-Xms1g\n-Xmx1g\n' >"$folder.new/config/jvm.options.d/heap.options"
  basename "$distribution" >"$folder.new/distribution.name"
  [ ! -d "$folder/data" ] || mv "$folder/data" "$folder.new/data"
  own "$folder.new"
  rm -rf "$folder"
  mv "$folder.new" "$folder"
}

own() {
  [ "$(id -u)" -ne 0 ] || chown -R semlux:semlux "$@"
}

in_node() {
  as_owner env -u JAVA_HOME ES_JAVA_HOME="$jdk" ES_PATH_CONF="$folder/config" ES_TMPDIR="$folder/tmp" "$@"
}

# Installs the plugin when the one inside is another, or removes it where none is wanted.
install_plugin() {
  local stamp=none
  [ "$wanted" = none ] || stamp=$(sha256sum <"$plugin")
  [ "$stamp" = "$(cat "$folder/plugin.sha256" 2>/dev/null)" ] && return
  rm -f "$folder/plugin.sha256"
  if [ -d "$folder/plugins/semlux" ]; then
    in_node "$folder/bin/elasticsearch-plugin" remove semlux >/dev/null
  fi
  if [ "$wanted" = none ]; then
    echo none >"$folder/plugin.sha256"
    return
  fi
  echo "Installing $(basename "$plugin")"
  cp "$plugin" "$folder/tmp/semlux.zip"
  chmod 644 "$folder/tmp/semlux.zip"
  in_node "$folder/bin/elasticsearch-plugin" install --batch "file://$folder/tmp/semlux.zip" >"$folder/install.log" 2>&1 \
    || fail "the plugin could not be installed: $(grep -m1 -E 'ERROR|Exception' "$folder/install.log")"
  rm "$folder/tmp/semlux.zip"
  echo "$stamp" >"$folder/plugin.sha256"
}

start() {
  jdk=$(check)
  wanted=$plugin
  [ "$wanted" != none ] || plugin= # its zip says which Elasticsearch it is for
  plugin=${plugin:-$(newest "$here/target/semlux-linux-$(uname -m)"-*.zip || true)}
  [ -f "$plugin" ] || fail "the plugin's zip was not found${plugin:+ at $plugin}: build it with mvn package"
  distribution=${distribution:-$here/target/distribution/elasticsearch-$(wanted_version).zip}
  as_owner test -x "$jdk/bin/java" || fail "the user semlux cannot read the JDK in $jdk: set ES_JAVA_HOME to one that it can"
  if is_running; then
    if [ "$(configuration)" = "$(cat "$folder/config/elasticsearch.yml")" ] \
      && [ "$(sha256sum <"$plugin")" = "$(cat "$folder/plugin.sha256")" ]; then
      echo "The node is running at $(url)"
      return
    fi
    stop
  fi
  mkdir -p "$(dirname "$folder")"
  unpack
  install_plugin
  configuration >"$folder/config/elasticsearch.yml"
  [ -z "$config" ] || cp "$config"/* "$folder/config/"
  own "$folder/config"
  launch
}

# Returns when the node answers; says what the log says when it ends instead.
launch() {
  local launcher began=$SECONDS shown=$SECONDS
  rm -f "$folder/pid" "$folder"/logs/*.log
  printf 'Starting Elasticsearch on port %s ' "$port"
  in_node "$folder/bin/elasticsearch" -d -p "$folder/pid" >"$folder/start.log" 2>&1 &
  launcher=$!
  # An interrupted launcher takes the node with it.
  trap 'kill "$launcher" 2>/dev/null; wait "$launcher" || true; exit 130' INT TERM
  while kill -0 "$launcher" 2>/dev/null; do
    if [ "$SECONDS" -ne "$shown" ]; then
      printf '.'
      shown=$SECONDS
    fi
    sleep 0.1
  done
  trap - INT TERM
  if ! wait "$launcher" || ! answers; then
    echo
    grep -hE '^ERROR|\[(ERROR|FATAL) *\]|Exception: ' "$folder/start.log" "$folder"/logs/*.log 2>/dev/null | sort -u | head -6 >&2 || true
    stop >/dev/null
    fail "the node did not start: its log is in $folder/start.log"
  fi
  echo " ready after $((SECONDS - began)) s"
  echo "The node is running at $(url)"
}

# With security on it answers 401 to who says no name.
answers() {
  local status
  status=$(curl -s --retry 20 --retry-delay 1 --retry-connrefused --max-time 60 -o /dev/null -w '%{http_code}' \
    "$(url)/_cluster/health?wait_for_status=yellow&timeout=30s") && [[ $status =~ ^(200|401)$ ]]
}

# Asks the node to end and waits for it; after a minute it is ended.
stop() {
  local pid deadline=$((SECONDS + 60))
  if ! is_running; then
    echo "No node is running in $folder"
    return
  fi
  pid=$(pid)
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    if [ $SECONDS -ge $deadline ]; then
      kill -KILL "$pid" 2>/dev/null || true
    fi
    sleep 0.1
  done
  rm -f "$folder/pid"
  echo "The node has stopped"
}

status() {
  is_running || {
    echo "No node is running in $folder"
    exit 1
  }
  echo "The node is running at $(url) (process $(pid))"
}

case $command in
  start | stop | status | check)
    choose_folder
    "$command"
    ;;
  help | --help | -h) usage ;;
  *) fail "unknown command $command: start, stop, status or check" ;;
esac
