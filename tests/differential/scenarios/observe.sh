# top, stats, logs, attach, wait, ps, events.
docker run -d --name seen -l colour=red busybox sh -c 'echo first; sleep 0.2; echo second >&2; sleep 1000'
until docker logs seen 2>&1 | grep -q second; do sleep 0.1; done
docker top seen | head -1
docker top seen -o comm,args
docker top seen -eo user,comm
docker top seen -o pid,comm | awk '{print $2}'
docker top seen aux | head -1
docker top seen nonsense
docker top seen -o comm
docker top nobody
shape docker stats --no-stream --format '{{json .}}' seen
docker stats --no-stream nobody
docker stats --no-stream --format '{{.Name}} {{.PIDs}}' seen
shape api GET '/v1.41/containers/seen/stats?stream=false'
sleep 0.5; docker logs seen
docker logs -n 1 seen
docker logs --tail 0 seen
docker logs --tail all seen
docker logs --tail nonsense seen
docker logs -t seen
docker logs --details seen
docker logs --since 1h seen
docker logs --until 1h seen
docker logs --since 2100-01-01 seen
docker logs --since nonsense seen
docker logs nobody
docker attach --no-stdin nobody
docker ps -f name=seen --format '{{.ID}} {{.Names}} {{.Label "colour"}} {{.Labels}} {{.Ports}} {{.Networks}} {{.Mounts}} {{.RunningFor}}'
docker ps -f label=colour=red --format '{{.Names}}'
docker ps -f label=colour=blue --format '{{.Names}}'
docker ps -f status=paused -q
docker ps -a -f status=nonsense
docker ps -a -f exited=0 -q
docker ps -a -f exited=x
docker ps -a -f nonsense=1
docker ps -f ancestor=busybox --format '{{.Names}}'
docker ps -f ancestor=nosuch -q
docker ps -f network=bridge --format '{{.Names}}'
docker ps -f volume=nosuch -q
docker ps -f since=nosuch
docker ps -f health=none --format '{{.Names}}'
docker ps -f is-task=true -q
docker ps -f expose=80 -q
docker ps -f id=zzz -q
docker ps -s --format '{{.Names}} {{.Size}}'
docker ps -n 1 --format '{{.Names}}'
docker ps -l -q --no-trunc
docker ps --no-trunc
docker ps --format json
api GET '/v1.41/containers/json?size=1'
docker inspect seen nobody
docker inspect --type image seen
docker inspect -f '{{.Nope}}' seen
docker port seen
docker port seen 80
docker diff nobody
# An ended container.
docker run --name ended busybox sh -c 'for i in 1 2 3; do echo line $i; done; exit 4'
docker logs -f ended
docker logs -f -n 2 ended
docker attach ended
docker top ended
docker wait ended nobody
docker wait ended ended
docker stats --no-stream --format '{{.Name}} {{.CPUPerc}} {{.MemUsage}} {{.PIDs}}' ended
docker start -ai ended
docker logs ended
api POST '/v1.41/containers/ended/wait?condition=not-running'
api POST '/v1.41/containers/ended/wait?condition=nonsense'
(sleep 0.5; docker start ended >/dev/null) & api POST '/v1.41/containers/ended/wait?condition=next-exit'; wait
(sleep 0.5; docker rm ended >/dev/null) & api POST '/v1.41/containers/ended/wait?condition=removed'; wait
docker ps -a -f since=seen --format '{{.Names}}'
# Without a newline at the end, long lines, bytes that are not UTF-8.
docker run --name odd busybox sh -c 'head -c 40000 /dev/zero | tr "\0" x; printf "\377\376\nend"'
docker logs odd | md5sum
docker logs -n 1 odd | md5sum
docker rm -f seen odd
