# What the cluster's scripts share; sourced.
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
dir=${INTERDICT_CLUSTER_DIR:-/var/tmp/interdict-cluster}
bridge=interdict0
network=10.254.254 # .1 is this machine, .1N is node N
export KUBECONFIG=$dir/kubeconfig

say() { printf 'cluster: %s\n' "$*" >&2; }
die() { say "$1"; exit "${2:-1}"; }

# When a process began; empty if there is none. With its pid it names one process, whoever gets the pid later.
began() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

start() { # name command...: in the background, known by its name from then on
  local name=$1
  shift
  setsid "$@" </dev/null >"$dir/log/$name.log" 2>&1 &
  echo "$! $(began $!)" >"$dir/pid/$name"
}

runs() { # name
  local pid since
  { read -r pid since <"$dir/pid/$1"; } 2>/dev/null && [ -n "$since" ] && [ "$(began "$pid")" = "$since" ]
}

stop() { # name: at once, since nothing of what it holds is wanted
  local pid
  if runs "$1"; then
    read -r pid _ <"$dir/pid/$1"
    kill -9 "$pid" 2>/dev/null
    for _ in $(seq 100); do
      runs "$1" || break
      sleep 0.05
    done
  fi
  rm -f "$dir/pid/$1"
}

inside() { # node command...: in that node's namespaces
  local holder
  read -r holder _ <"$dir/pid/$1"
  shift
  nsenter -t "$holder" --net --mount "$@"
}

await() { # what seconds command...
  local what=$1 until=$((SECONDS + $2))
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $until ] || die "$what did not come up; what its parts said is in $dir/log"
    sleep 0.3
  done
}
