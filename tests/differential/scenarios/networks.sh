# Networks; both engines have the same address range.
docker network ls
docker network inspect bridge
docker network inspect host none
docker network create app
docker network create app
docker network create --subnet 10.77.0.0/24 --gateway 10.77.0.7 --ip-range 10.77.0.128/25 --label a=b -o com.docker.network.bridge.name=brd77 --internal closed
docker network inspect app closed
docker network create --subnet 10.77.0.0/16 overlapping
docker network create --subnet nonsense bad
docker network create --subnet 10.78.0.0/24 --gateway 10.1.1.1 bad
docker network create --subnet 10.78.0.0/24 --ip-range 10.1.1.0/24 bad
docker network create -d nosuch bad
docker network create -d host bad
docker network create bridge
docker network create host
docker network ls -q -f name=app
docker network ls -f label=a=b --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Internal}} {{.IPv6}} {{.Labels}}'
docker network ls -f driver=bridge --format '{{.Name}}'
docker network ls -f type=custom --format '{{.Name}}'
docker network ls -f dangling=true --format '{{.Name}}'
docker network ls -f nonsense=1
docker network inspect nosuch
docker network rm nosuch
docker network rm bridge
docker network rm host
docker run -d --name one --network app --network-alias uno busybox sleep 1000
docker run -d --name two --network closed --ip 10.77.0.130 --mac-address 02:42:0a:4d:00:99 busybox sleep 1000
docker inspect -f '{{json .NetworkSettings}}' one
docker inspect -f '{{json .NetworkSettings.Networks}}' two
docker network inspect app
docker network inspect -v closed
docker network ls -f dangling=true --format '{{.Name}}'
docker network rm app
docker exec one sh -c 'ip -o addr show | grep -o "inet .*brd" ; ip route; cat /etc/resolv.conf | grep -v "^#"; cat /etc/hosts'
docker exec two sh -c 'ip route; ip link show eth0 | grep -o "ether .* brd"'
docker exec one ping -c 1 one | sed 1q
docker exec one ping -c 1 uno | sed 1q
docker network connect --alias second --ip 10.77.0.140 closed one
docker network connect closed one
docker network connect app nobody
docker network connect nosuch one
docker network connect --ip 10.99.0.1 closed two
docker network connect host one
docker exec one sh -c 'ip -o addr show | grep -o "eth. .*inet [0-9./]*" | sort'
docker exec two ping -c 1 second | sed 1q
docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{json $v.Aliases}} {{json $v.IPAMConfig}} {{$v.IPAddress}}{{println}}{{end}}' one
docker network disconnect closed one
docker network disconnect closed one
docker network disconnect nosuch one
docker network disconnect app nobody
docker run --rm --network closed --ip 10.77.0.130 busybox true
docker run --rm --ip 172.17.0.9 busybox true
docker run --rm --network app --ip 1.2.3.4 busybox true
docker run --rm --network nosuch busybox true; docker ps -a -f status=created --format '{{.Names}}' | wc -l
docker rm $(docker ps -aq -f status=created)
docker run --rm --network container:one busybox ip -o -4 addr show eth0 | grep -o 'inet [0-9./]*'
docker run --rm --network container:one -h x busybox true
docker run --rm --network container:one -p 80:80 busybox true
docker run --rm --network container:nobody busybox true
docker run --rm --network container:one --add-host a:1.1.1.1 busybox true
docker run --rm --network none busybox sh -c 'ip -o addr show | grep -o "inet.*scope"; cat /etc/hosts | wc -l'
docker run --rm --network host busybox hostname | wc -l
docker run --rm --network host -p 80:80 busybox true
docker run --rm --network none --network-alias x busybox true
docker run --rm --network-alias x busybox true
docker run --rm --link one busybox true
docker run -d --name web -p 127.0.0.1:8080:80 -p 8443:443/udp --expose 99 busybox sleep 1000
docker port web
docker port web 80/tcp
docker port web 81
docker ps -f name=web --format '{{.Ports}}'
docker inspect -f '{{json .NetworkSettings.Ports}} {{json .HostConfig.PortBindings}} {{json .Config.ExposedPorts}}' web
docker run -d --name clash -p 127.0.0.1:8080:80 busybox true
docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' clash
docker rm clash
docker run --rm -p nonsense busybox true
docker run --rm -p 70000:1 busybox true
docker run --rm -p 80:80/xyz busybox true
docker run -d --name linked --link web:www busybox sleep 1000
docker exec linked sh -c 'grep www /etc/hosts; env | grep WWW | sort; tr "\0" "\n" </proc/1/environ | grep WWW | sed "s/^/first /" | sort'
docker rm -f web linked one two
docker network prune -f | sort
docker network rm app closed
docker network ls --format '{{.Name}}'
