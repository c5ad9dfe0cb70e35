# Limits as the container's own cgroup files show them (cgroup v1).
run -m 64m busybox sh -c 'cd /sys/fs/cgroup/memory; cat memory.limit_in_bytes memory.memsw.limit_in_bytes memory.soft_limit_in_bytes memory.swappiness'
run -m 64m --memory-swap 128m --memory-reservation 32m --memory-swappiness 10 busybox sh -c 'cd /sys/fs/cgroup/memory; cat memory.limit_in_bytes memory.soft_limit_in_bytes memory.swappiness'
run -m 64m --memory-swap -1 busybox cat /sys/fs/cgroup/memory/memory.limit_in_bytes
run --cpus 0.5 busybox sh -c 'cd /sys/fs/cgroup/cpu; cat cpu.cfs_quota_us cpu.cfs_period_us cpu.shares'
run --cpu-period 50000 --cpu-quota 20000 -c 300 busybox sh -c 'cd /sys/fs/cgroup/cpu; cat cpu.cfs_quota_us cpu.cfs_period_us cpu.shares'
run --cpuset-cpus 0 --cpuset-mems 0 busybox sh -c 'cd /sys/fs/cgroup/cpuset; cat cpuset.cpus cpuset.mems; grep Cpus_allowed_list /proc/self/status'
run --pids-limit 20 busybox cat /sys/fs/cgroup/pids/pids.max
run --pids-limit -1 busybox cat /sys/fs/cgroup/pids/pids.max
run --pids-limit 5 busybox sh -c 'sleep 0 & sleep 0 & sleep 0 & sleep 0 & sleep 0 & sleep 0 & wait'
run busybox sh -c 'cat /sys/fs/cgroup/devices/devices.list | sort'
run busybox sh -c 'ls /sys/fs/cgroup; ls -l /sys/fs/cgroup | grep -c -- "->"'
run busybox sh -c 'cut -d: -f2 /proc/self/cgroup | sort'
run --oom-kill-disable -m 16m busybox grep oom_kill_disable /sys/fs/cgroup/memory/memory.oom_control
run -m 1m busybox true
run -m 64m --memory-swap 32m busybox true
run --memory-swap 64m busybox true
run -m 32m --memory-reservation 64m busybox true
run -m 64m --memory-swappiness 101 busybox true
run --cpus 1000 busybox true
run --cpus 1 --cpu-quota 1000 busybox true
run --cpu-quota 10 busybox true
run --cpu-period 10 busybox true
run --cpuset-cpus 99 busybox true
run --cpuset-cpus x busybox true
run --cpuset-mems 7 busybox true
run -m nonsense busybox true
run --blkio-weight 5 busybox true
run --device-read-bps /dev/nosuch:1m busybox true
run --device-read-bps nonsense busybox true
run --shm-size -1 busybox true
run --cpu-rt-runtime 1000 busybox true
run --kernel-memory 50m busybox true
# Out of memory: PID 1 itself, and a child of a PID 1 that goes on.
docker run --name oom1 -m 16m --memory-swap 16m busybox sh -c 'exec tail -c 200m /dev/zero'
docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}} {{.State.Status}} {{.State.Error}}' oom1
docker run --name oom2 -m 16m --memory-swap 16m busybox sh -c 'tail -c 200m /dev/zero; echo child $?; sleep 0.3; exit 5'
docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}} {{.State.Status}}' oom2
docker events --since 60s --until $(date +%s.%N) --filter event=oom --format '{{.Action}} {{.Actor.Attributes.name}}'
docker rm oom1 oom2
