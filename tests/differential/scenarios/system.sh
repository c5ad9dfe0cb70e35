# Events, info, version, disk usage, prune.
date +%s.%N >$T/since
docker run --name evented -l team=a busybox true
docker rename evented evented2; docker rm evented2
docker run -d --name acted busybox sleep 1000
docker exec acted true; docker pause acted; docker unpause acted; docker top acted >/dev/null; docker kill -s USR1 acted >/dev/null; docker stop -t 0 acted; docker start acted; docker restart -t 0 acted; docker update -m 64m --memory-swap 64m acted; docker rm -f acted
docker network create evnet; docker volume create evvol; docker tag busybox 127.0.0.1:1/ev:1; docker rmi 127.0.0.1:1/ev:1; docker network rm evnet; docker volume rm evvol
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter type=container --filter container=evented --format '{{.Type}} {{.Action}} {{json .Actor.Attributes}}'
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter type=container --format '{{.Action}} {{.Actor.Attributes.name}}'
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter type=network --format '{{.Type}} {{.Action}} {{.Actor.Attributes.name}} {{.Actor.Attributes.type}}'
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter type=volume --format '{{.Action}} {{json .Actor.Attributes}}'
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter type=image --format '{{.Action}} {{json .Actor.Attributes}}'
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter event=die --filter event=kill --format '{{.Action}} {{json .Actor.Attributes}}'
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter label=team=a --format '{{.Action}}'
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter image=busybox --filter event=create --format '{{.Action}} {{.Actor.Attributes.image}}'
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter event=create --filter container=evented --format json
docker events --since $(cat $T/since) --until $(date +%s.%N) --filter event=create --filter container=evented
docker events --since 2000 --until 1000
docker events --since nonsense --until $(date +%s.%N)
docker events --until $(date +%s.%N) --since 1s --filter nonsense=1 >/dev/null
docker events --since 2100-01-01 --until 2000-01-01
shape docker info --format '{{json .}}'
docker info --format '{{.Containers}} {{.Images}} {{.Driver}} {{.CgroupVersion}} {{.CgroupDriver}} {{.OSType}} {{.Architecture}} {{.NCPU}} {{.MemTotal}} {{.KernelVersion}} {{.DefaultRuntime}}'
docker info --format '{{json .Plugins}} {{json .SecurityOptions}} {{json .Swarm}}'
docker info --format '{{.MemoryLimit}} {{.SwapLimit}} {{.CPUCfsQuota}} {{.CPUShares}} {{.CPUSet}} {{.PidsLimit}} {{.OomKillDisable}} {{.IPv4Forwarding}} {{.LiveRestoreEnabled}} {{.LoggingDriver}}'
shape docker version --format '{{json .Server}}'
docker version --format '{{.Server.APIVersion}} {{.Server.Os}} {{.Server.Arch}}'
docker create --name du -v duv:/d busybox true
shape docker system df --format json
docker system df --format '{{.Type}} {{.TotalCount}} {{.Active}}'
shape api GET /v1.41/system/df
docker container prune -f | head -2
docker container prune -f --filter nonsense=1
docker container prune -f --filter label=none
docker volume rm duv
docker volume prune -f --filter nonsense=1
docker network prune -f --filter nonsense=1
docker image prune -f --filter nonsense=1
docker system prune -f
docker plugin ls
docker node ls
docker container ls -a
