#!/bin/bash
# A build on a Slurm allocation: starts Ray on its nodes, builds, publishes. Five minutes before the time is up (or when
# it is preempted) the build ends with what it has, and the job is queued again; it goes on from there.
#
#   sbatch --export=ALL,TRACEMILL_CONFIG=nightly.yaml,TRACEMILL_OUT=/shared/builds/1,TRACEMILL_REPO=me/mine slurm.sh
#
# TRACEMILL_OUT lies where every run of the job sees it: a shared folder, or s3://… Needs `tracemill` and `ray` on PATH,
# on every node, and HF_TOKEN or the Hub's login.
#SBATCH --job-name=tracemill
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --time=08:00:00
#SBATCH --signal=B:USR1@300
#SBATCH --requeue
#SBATCH --open-mode=append
# shellcheck disable=SC2329  # functions that traps and `attended` call
set -uo pipefail

: "${TRACEMILL_CONFIG:?the config to build}" "${TRACEMILL_OUT:?where the build lies}" "${TRACEMILL_REPO:?OWNER/NAME}"
nodes=$SLURM_JOB_NUM_NODES
cpus=${SLURM_CPUS_PER_TASK:-1}
port=${TRACEMILL_RAY_PORT:-6379}
head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
# The address that Ray itself takes this node for; a name may mean the loopback here. This script runs on the first node.
ip=$(python3 -c 'import ray; print(ray.util.get_node_ip_address())') || exit 2
RAY_AUTH_MODE=token
RAY_AUTH_TOKEN=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
RAY_ADDRESS=$ip:$port
export RAY_AUTH_MODE RAY_AUTH_TOKEN

warned=
child=
warn() {
    warned=$1
    echo "slurm.sh: $1: ending the build, which keeps what it has" >&2
    [ -z "$child" ] || kill -TERM "$child" 2>/dev/null || true
}
trap 'warn USR1' USR1
trap 'warn TERM' TERM

# Runs a command that a warning ends; its status. `wait` returns early on a signal, with the command still running.
attended() {
    local status
    [ -z "$warned" ] || return 1
    "$@" &
    child=$!
    # A warning between the two lines before has found no child.
    [ -z "$warned" ] || kill -TERM "$child" 2>/dev/null || true
    while kill -0 "$child" 2>/dev/null; do wait "$child" || true; done
    # What the loop saw last may have been a signal of ours.
    status=0
    wait "$child" || status=$?
    child=
    return "$status"
}

# Slurm ends the steps with the job; on this way they end before it. Nothing runs on Ray then that it could wait for.
export RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S=0
steps=()
stop_ray() {
    [ ${#steps[@]} -eq 0 ] || kill "${steps[@]}" 2>/dev/null || true
    wait
}
trap stop_ray EXIT

again() {
    # A job that `scancel` ends gets TERM too; it is no longer RUNNING, and stays ended.
    if [ "$warned" = TERM ] && ! scontrol show job -o "$SLURM_JOB_ID" | grep -q 'JobState=RUNNING'; then
        return
    fi
    scontrol requeue "$SLURM_JOB_ID"
}

finish() {
    [ -z "$warned" ] || [ "$1" -eq 0 ] || again
    exit "$1"
}

on() { exec srun --ntasks="$1" --nodes="$1" --cpus-per-task="$cpus" "${@:2}"; }
on 1 --nodelist="$head" ray start --head --node-ip-address="$ip" --port="$port" --num-cpus="$cpus" \
    --include-dashboard=false --block &
steps+=($!)

wait_for_head() {
    for _ in $(seq 60); do
        ray health-check --address "$RAY_ADDRESS" >/dev/null 2>&1 && return
        kill -0 "${steps[0]}" 2>/dev/null || return 1
        sleep 1
    done
    return 1
}
attended wait_for_head || { echo "slurm.sh: Ray does not answer at $RAY_ADDRESS" >&2; finish 1; }
if [ "$nodes" -gt 1 ]; then
    on "$((nodes - 1))" --exclude="$head" ray start --address="$RAY_ADDRESS" --num-cpus="$cpus" --block &
    steps+=($!)
fi

# A build takes as many workers as the cluster has CPUs when it begins, so all nodes are waited for.
wait_for_nodes() {
    exec python3 - "$nodes" "$RAY_ADDRESS" <<'PYTHON'
import sys, time
import ray

ray.init(sys.argv[2], logging_level="ERROR")
for _ in range(300):
    if sum(node["Alive"] for node in ray.nodes()) >= int(sys.argv[1]):
        sys.exit(0)
    time.sleep(1)
sys.exit("slurm.sh: not all nodes joined within five minutes")
PYTHON
}
attended wait_for_nodes || finish 1

export RAY_ADDRESS
attended tracemill build "$TRACEMILL_CONFIG" --out "$TRACEMILL_OUT" &&
    attended tracemill publish "$TRACEMILL_OUT" "$TRACEMILL_REPO" --onto-latest
finish $?
