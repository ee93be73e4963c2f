# shellcheck shell=bash
# Sourced by the benchmarks beside it: their options, a node of their own that ends with the script, and Java.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=$root/tests/target/benchmark
port=9400
precision=auto
export SEMLUX_NODE_FOLDER=$work/node

# Prints the comment at the head of the script.
usage() {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"
  exit 2
}

# Sets the variables named in $1, separated by spaces, from options of the same names.
read_options() {
  local known=" $1 "
  shift
  while [ $# -gt 0 ]; do
    [[ $# -ge 2 && $1 == --* && $known == *" ${1#--} "* ]] || usage
    printf -v "${1#--}" %s "$2"
    shift 2
  done
}

# Each benchmark begins with an empty node.
start_node() {
  jdk=$("$root/plugin/node.sh" check --port "$port")
  url=http://127.0.0.1:$port
  mkdir -p "$work"
  "$root/plugin/node.sh" stop >/dev/null # what an interrupted run has left
  rm -rf "$SEMLUX_NODE_FOLDER/data"
  [ -d "$root/plugin/target/distribution" ] || mvn -q -B -f "$root/pom.xml" -pl tests dependency:copy@distribution
  trap '"$root/plugin/node.sh" stop' EXIT
  "$root/plugin/node.sh" start --port "$port"
}

# Brings model folder $1 into the node as $2.
deploy() {
  "$root/training/target/semlux/bin/semlux" deploy "$1" --to "$url" --id "$2" --precision "$precision"
}

# Runs class $1 of this folder; further arguments are its own.
run_java() {
  local libraries="$root/training/target/semlux/lib/*"
  "$jdk/bin/javac" -d "$work/classes" -cp "$libraries" "$root/tests/benchmark/"*.java
  "$jdk/bin/java" -cp "$work/classes:$libraries" "$1" "${@:2}"
}
