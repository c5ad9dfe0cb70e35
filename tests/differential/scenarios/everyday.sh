# What people type on an ordinary day and the other scenarios do not: odd values of options, changes while it runs, names of others.
run --device /etc/passwd busybox true
run --device /dev/shm busybox true
run -c 1 busybox true
run -c 300000 busybox true
run -c -5 busybox true
echo '{}' >$T/sc; run --security-opt seccomp=$T/sc busybox grep Seccomp: /proc/self/status
run -v /etc:/x:rshared busybox true
run -v /etc:/x:slave busybox true
# A limit that an update takes away.
docker run -d --name limited --network none --pids-limit 20 busybox sleep 1000
docker update --pids-limit -1 limited; docker exec limited cat /sys/fs/cgroup/pids/pids.max; docker inspect -f '{{json .HostConfig.PidsLimit}}' limited
docker update --pids-limit 30 limited; docker exec limited cat /sys/fs/cgroup/pids/pids.max; docker update --pids-limit 0 limited; docker exec limited cat /sys/fs/cgroup/pids/pids.max
docker restart -t 0 limited; docker exec limited cat /sys/fs/cgroup/pids/pids.max
docker update -c 1 limited
docker rm -f limited
# In another container's network it has that one's names.
docker run -d --name donor -h hosta --domainname ex.org busybox sleep 1000
docker run -d --name side --network container:donor busybox sleep 1000
docker exec side sh -c 'echo $HOSTNAME; hostname; cat /etc/hostname /proc/sys/kernel/domainname; grep hosta /etc/hosts'
docker inspect -f '{{.Config.Hostname}} {{.Config.Domainname}}' side
docker restart -t 0 side; docker inspect -f '{{.Config.Hostname}}' side
docker rm -f side donor
docker network create --subnet 172.29.1.0/24 named; docker run -d --name al --network named --network-alias a1 -h ahost busybox sleep 1000
docker inspect -f '{{range .NetworkSettings.Networks}}{{json .Aliases}}{{end}}' al
docker rm -f al; docker network rm named
docker network create --internal --subnet 172.29.0.0/24 shut; docker run --rm --network shut busybox ip route; docker network rm shut
docker run -d --name ty --network none busybox sleep 1000
api POST /v1.41/containers/ty/exec '{"Cmd":["tty"],"AttachStdout":true,"Tty":true}' >$T/exec; api POST /v1.41/exec/$(jq -r .Id $T/exec)/start '{"Detach":false}' | od -c | head -1
docker run -d --name ra --read-only --tmpfs /tmp --network none busybox sleep 1000; echo x >$T/x; docker cp $T/x ra:/tmp/x; docker cp ra:/proc/1/comm - | tar -xO
docker rm -f ty ra
# Archives.
docker create --name small busybox true; docker export small -o $T/small.tar
docker import --platform windows $T/small.tar exported:1
docker import --message hi -c 'CMD cat /etc/group' $T/small.tar exported:2 | wc -c; docker run --rm exported:2; docker inspect -f '{{json .Config.Cmd}} {{.Comment}}' exported:2
for pack in gzip 'xz -0' bzip2; do $pack <$T/small.tar | docker import - exported:3 | wc -c; done
docker save busybox exported:2 | gzip >$T/both.tgz; docker rmi exported:2 exported:3 | sed 's/:.*//' | sort | uniq -c; docker load -q <$T/both.tgz | sort; docker run --rm exported:2; docker rmi exported:2 | wc -l; docker image prune -f | head -1
docker rm small
