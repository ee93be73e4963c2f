#!/usr/bin/env bash
# Deploys copies of a model to a node whose memory a cgroup limits, until one is refused; then uses all of them.
#
#   tests/benchmark/container.sh --model DIR [--port N] [--megabytes N] [--precision P]
#
# Needs what mvn package builds, root, and a memory controller of cgroup v1. The node's heap is 1 GB. Wanted: a refusal
# that says need and room, and a process that the system never killed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

model=
megabytes=2048
read_options "port model megabytes precision" "$@"
[ -d "$model" ] || usage

jdk=$("$root/plugin/node.sh" check --port "$port")
url=http://127.0.0.1:$port
group=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)/semlux-$$
mkdir "$group"
echo "$((megabytes << 20))" >"$group/memory.limit_in_bytes"
mkdir -p "$work"
trap '"$root/plugin/node.sh" stop; sleep 1; rmdir "$group"' EXIT
(echo "$BASHPID" >"$group/cgroup.procs" && exec "$root/plugin/node.sh" start --port "$port")

for i in $(seq 1 30); do
  if ! deploy "$model" "copy-$i" >/dev/null 2>"$work/refusal"; then
    tail -1 "$work/refusal"
    break
  fi
done
for i in $(seq 1 30); do
  curl -s -X POST -H 'Content-Type: application/json' "$url/_semlux/models/copy-$i/_encode" \
    -d "{\"texts\": [$(printf '"%0.sa long text of many words, again and again and again",' $(seq 1 200))\"\"]}" \
    -o /dev/null -w "copy-$i %{http_code}\n" || break
done | sort | uniq -c | awk '{print $3}' | sort | uniq -c
curl -s "$url/_semlux/stats?filter_path=nodes.*.memory"
echo
grep -E 'oom_kill ' "$group/memory.oom_control" || true
echo "most: $(($(cat "$group/memory.max_usage_in_bytes") >> 20)) MB of $megabytes, page cache counted; the limit was met $(cat "$group/memory.failcnt") times"
for i in $(seq 1 30); do
  curl -s -X DELETE "$url/_semlux/models/copy-$i?force=true" -o /dev/null
done
