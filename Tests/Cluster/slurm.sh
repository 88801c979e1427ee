#!/usr/bin/env bash
# Runs a command in a Slurm cluster of this machine alone, which ends with the command and leaves nothing behind.
#
#   slurm.sh COUNT COMMAND…
#
# Each of COUNT nodes is a slurmd with a host name of its own. The command finds the cluster by SLURM_CONF, and in
# $CLUSTER its folder: `$CLUSTER/node NAME` starts a node, such as one that was killed, and NAME.log is its log.
# Ends with status 77 where this cannot be: it needs root, Slurm's daemons, munge, and namespaces.
set -euo pipefail

unable() {
  echo "slurm.sh: $1" >&2
  exit 77
}

if [ -z "${CLUSTER:-}" ]; then
  [ "$(id -u)" -eq 0 ] || unable 'start it as root, which slurmd needs'
  PATH=$PATH:/usr/sbin
  for program in slurmctld slurmd sbatch munged; do
    command -v "$program" >/dev/null || unable "there is no $program (Scripts/setup cluster)"
  done
  CLUSTER=$(mktemp -d)
  trap 'rm -rf "$CLUSTER"' EXIT
  unshare --uts --mount true 2>"$CLUSTER/error" || unable "no namespace can be made: $(cat "$CLUSTER/error")"
  # All processes are in a namespace whose first process is this script again: they end with it, whatever happens.
  export CLUSTER PATH
  status=0
  unshare --pid --fork --kill-child --mount-proc --uts "$BASH" "${BASH_SOURCE[0]}" "$@" || status=$?
  exit "$status"
fi

count=$1
shift
cd_before=$PWD
cd "$CLUSTER"
mkdir state munge tmp spool cgroup
chmod 755 . munge
hostname control

# The port range below those that the system gives to programs; other clusters may run at the same time.
port=$((10000 + RANDOM % 5000 * 4))
cat >slurm.conf <<CONF
ClusterName=weft
SlurmctldHost=control(127.0.0.1)
SlurmctldPort=$port
AuthType=auth/munge
# Credentials expire at once, because a requeued job waits for that: two minutes by default.
AuthInfo=socket=$CLUSTER/munge/socket,cred_expire=5
SlurmUser=root
StateSaveLocation=$CLUSTER/state
SlurmdSpoolDir=$CLUSTER/spool/%n
TmpFS=$CLUSTER/tmp/%n
SlurmctldPidFile=$CLUSTER/control.pid
SlurmdPidFile=$CLUSTER/%n.pid
SlurmctldLogFile=$CLUSTER/control.log
SlurmdLogFile=$CLUSTER/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/linear
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SlurmdTimeout=10
KillWait=10
SlurmdParameters=config_overrides
NodeName=node[1-$count] NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + count))] CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
# No plugin that is used needs control groups, but slurmd reads this.
printf 'CgroupPlugin=cgroup/v1\nCgroupAutomount=no\nCgroupMountpoint=%s/cgroup\n' "$CLUSTER" >cgroup.conf
{
  echo '127.0.0.1 localhost control'
  for node in $(seq "$count"); do echo "127.0.0.1 node$node"; done
} >hosts
mount --bind hosts /etc/hosts

cat >node <<'NODE'
#!/usr/bin/env bash
# Starts the slurmd of a node with empty folders, like a machine without disks: Slurm's PMIx does not replace the socket
# that a step of the same number left when its node lost power.
name=$1
rm -rf "$CLUSTER/spool/$name" "$CLUSTER/tmp/$name"
mkdir -p "$CLUSTER/spool/$name" "$CLUSTER/tmp/$name"
exec unshare --uts "$BASH" -c 'hostname "$1"; exec slurmd -D -N "$1"' node "$name" >/dev/null 2>&1 </dev/null
NODE
chmod +x node

export SLURM_CONF=$CLUSTER/slurm.conf
# Ranks communicate over loopback as over a network, and as root.
export OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1

head -c 128 /dev/urandom >munge/key
chmod 600 munge/key
munged --force --key-file="$CLUSTER/munge/key" --socket="$CLUSTER/munge/socket" --pid-file="$CLUSTER/munge/pid" \
  --log-file="$CLUSTER/munge/log" --seed-file="$CLUSTER/munge/seed" 2>/dev/null
slurmctld -D >/dev/null 2>&1 </dev/null &
for node in $(seq "$count"); do
  ./node "node$node" &
  disown
done

ready() { [ "$(sinfo --noheader --Node --format=%t 2>/dev/null | grep -c '^idle$')" -eq "$count" ]; }
for _ in $(seq 120); do
  ready && break
  sleep 0.5
done
if ! ready; then
  tail -n 5 ./*.log >&2
  unable 'the nodes did not start'
fi

cd "$cd_before"
status=0
"$@" || status=$?
exit "$status"
