# A container from create to rm, by every verb.
docker create --name life busybox sleep 1000
docker create --name life busybox true
docker ps -a --format '{{.Names}} {{.Status}} {{.Command}} {{.Image}}'
docker ps
docker inspect life
docker inspect -f '{{.State.Status}} {{.State.Running}} {{.State.Pid}} {{.State.StartedAt}}' life
docker start life
docker start life
docker ps
docker inspect life
docker inspect -s -f '{{.SizeRw}}' life
docker rm life
docker pause life
docker pause life
docker ps --format '{{.Names}} {{.State}}'
docker exec life true
docker inspect -f '{{.State.Status}} {{.State.Paused}} {{.State.Running}}' life
docker unpause life
docker unpause life
docker kill -s USR3 life
docker kill -s 0 life
docker kill -s STOP life
docker kill -s CONT life
docker rename life living
docker rename living living
docker rename living 'bad name'
docker rename nobody x
docker update --memory 64m --memory-swap 64m --cpu-shares 512 --pids-limit 50 --restart on-failure:3 living
docker inspect -f '{{.HostConfig.Memory}} {{.HostConfig.CpuShares}} {{.HostConfig.PidsLimit}} {{.HostConfig.RestartPolicy}}' living
docker exec living cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/cpu/cpu.shares /sys/fs/cgroup/pids/pids.max
docker update --memory 1m living
docker update living
docker update --restart sometimes living
docker restart -t 0 living
docker stop -t 0 living
docker stop -t 0 living
docker inspect living
docker ps -a --format '{{.Names}} {{.Status}}'
docker kill living
docker pause living
docker exec living true
docker top living
docker start -a living & sleep 1; docker stop -t 0 living; wait; true
docker wait living
docker start nobody living2
docker rm living
docker rm living
docker rm -f living
docker start living
# Exit codes and how they are shown.
docker run --name three busybox sh -c 'echo out; echo err >&2; exit 3'
docker start -a three
docker inspect -f '{{.State.ExitCode}} {{.State.Error}} {{.RestartCount}}' three
docker wait three
docker rm -v three
docker run --rm busybox sh -c 'kill -9 $$'
docker run --rm --init busybox sh -c 'kill -SEGV $$'
docker run -d --name killed busybox sleep 1000
docker kill killed; docker wait killed
docker inspect -f '{{.State.ExitCode}} {{.State.OOMKilled}}' killed
docker restart -t 0 killed
docker rm -f killed
docker run -d --name termed --init busybox sleep 1000
docker stop termed; docker wait termed
docker rm termed
docker run -d --name signalled --stop-signal QUIT busybox sh -c 'trap "exit 7" QUIT; while :; do sleep 0.1; done'
sleep 0.5; docker stop signalled; docker wait signalled
docker rm signalled
# Never started.
docker create --name idle busybox true
docker stop idle
docker kill idle
docker logs idle
docker restart -t 0 idle; docker wait idle
docker rm idle
