# macvlan, configuration-only networks, scopes, default routes that move, links that follow; vp0 is a link of a pair that belongs to the engine's network namespace.
docker run --rm --network host --cap-add NET_ADMIN busybox sh -c 'ip link add name vp0 type veth; ip link set vp0 up; ip link set veth0 up; ip link show vp0 | wc -l'
docker network create -d macvlan --subnet 10.81.0.0/24 --gateway 10.81.0.1 --aux-address router=10.81.0.2 -o parent=vp0 mac
docker network inspect mac
docker network create -d macvlan --subnet 10.82.0.0/24 -o parent=nosuch0 bad
docker network create -d macvlan --subnet 10.82.0.0/24 -o parent=nosuch0.10 bad
docker network create -d macvlan --subnet 10.82.0.0/24 -o parent=vp0.5000 bad
docker network create -d macvlan --subnet 10.82.0.0/24 -o parent=vp0.x bad
docker network create -d macvlan --subnet 10.82.0.0/24 -o parent=vp0.1.2 bad
docker network create -d macvlan --subnet 10.82.0.0/24 -o parent=lo bad
docker network create -d macvlan --subnet 10.82.0.0/24 -o parent=vp0 -o macvlan_mode=nonsense bad
docker network create -d ipvlan --subnet 10.82.0.0/24 -o parent=vp0 -o ipvlan_mode=nonsense bad
docker network create -d ipvlan --subnet 10.82.0.0/24 -o parent=lo bad
docker network create -d macvlan --subnet 10.81.0.128/25 -o parent=vp0 bad
docker network create -d macvlan --subnet 10.82.0.0/24 -o parent=vp0 -o macvlan_mode=passthru second
docker network ls -f driver=macvlan --format '{{.Name}} {{.Driver}} {{.Scope}}'
docker run -d --name one --network mac --network-alias uno busybox sleep 1000
docker network inspect mac
docker run -d --name two --network mac --ip 10.81.0.77 -p 8080:80 busybox sleep 1000
docker inspect -f '{{json .NetworkSettings.Networks}}' one two
docker inspect -f '{{json .NetworkSettings.Ports}}' two
docker port two
docker ps --format '{{.Names}} {{.Ports}}'
docker exec one sh -c 'ip -o addr show eth0 | grep -o "inet .*brd" ; ip route; cat /etc/resolv.conf | grep -v "^#"; cat /etc/hosts'
docker exec one ping -c 1 -W 2 two | sed 1q
docker exec two ping -c 1 -W 2 uno | grep -o '1 packets received'
docker run --rm --network mac --ip 10.81.0.2 busybox true
docker network rm mac
docker run -d --name three busybox sleep 1000
docker network connect --alias tres --ip 10.81.0.9 mac three
docker exec three sh -c 'ip -o addr show | grep -o "eth1.*inet [0-9./]*"; ip route'
docker exec one ping -c 1 -W 2 tres | grep -o '1 packets received'
docker network disconnect bridge three
docker exec three sh -c 'ip -o addr show | grep -o "eth1.*inet [0-9./]*"; ip route'
docker network connect bridge three
docker network disconnect mac three
docker exec three ip route | sed 's/eth[0-9]/eth/'
docker restart -t 0 one
docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.MacAddress}}{{end}}' one
docker rm -f one two three
docker network rm mac
docker network create -d macvlan --internal --subnet 10.83.0.0/24 --gateway 10.83.0.1 -o parent=vp0 inner
docker network inspect inner
docker run --rm --network inner busybox ip route
docker network rm inner
docker network create --config-only --subnet 10.84.0.0/24 --gateway 10.84.0.7 --label a=b -o com.docker.network.bridge.enable_icc=false cfg
docker network inspect cfg
docker network create --config-only --subnet 10.84.0.0/24 cfg
docker network create --config-only cfg2
docker network inspect cfg2
docker network create --config-only --internal bad
docker network create --config-only --attachable bad
docker network create --config-only --scope swarm bad
docker network create --config-only --config-from cfg bad
docker network create --config-from nosuch bad
docker network create --config-from cfg --subnet 10.85.0.0/24 bad
docker network create --config-from cfg --label x=y bad
docker network create --config-from cfg -o a=b bad
docker network create --config-from cfg --ipv6 bad
docker network create --config-from cfg --attachable made
docker network inspect made
docker network create --config-from made bad
docker network ls --format '{{.Name}} {{.Driver}} {{.Scope}}'
docker network ls -f driver=null --format '{{.Name}}'
docker network ls -f type=custom --format '{{.Name}}'
docker network ls -f type=builtin --format '{{.Name}}'
docker network ls -f dangling=true --format '{{.Name}}'
docker network rm cfg
docker run --rm --network cfg busybox true
docker rm $(docker ps -aq -f status=created)
docker run --rm --network made busybox sh -c 'ip route; ip -o addr show | grep -o "inet .*brd"'
docker network rm made cfg cfg2
docker network create --config-only --subnet 10.86.0.0/24 pruned
docker network prune -f
docker network create --scope swarm bad
docker network create --scope global bad
docker network create --scope local --attachable fine
docker network create --ingress bad
docker network create -d overlay bad
docker network inspect -f '{{.Scope}} {{.Attachable}} {{.Ingress}}' fine
docker network rm fine
docker network ls --format '{{.Name}}'
docker network create --subnet 10.87.0.0/24 zzz
docker network create --subnet 10.88.0.0/24 aaa
docker run -d --name multi --network zzz busybox sleep 1000
docker network connect aaa multi
docker exec multi ip route
docker network disconnect aaa multi
docker exec multi ip route
docker network connect aaa multi
docker network disconnect zzz multi
docker exec multi sh -c 'ip route | sed "s/eth[0-9]/eth/"; grep multi /etc/hosts | wc -l'
docker exec multi ping -c 1 -W 2 multi | sed 1q
docker inspect -f '{{range $k, $v := .NetworkSettings.Networks}}{{$k}} {{$v.Gateway}}{{end}}' multi
docker run -d --name plain busybox sleep 1000
docker network connect aaa plain
docker exec plain ping -c 1 -W 2 multi | sed 1q
docker exec plain cat /etc/resolv.conf | grep -c 127.0.0.11
docker network disconnect aaa plain
docker rm -f multi plain
docker network rm aaa zzz
docker run -d --name web busybox sleep 1000
docker run -d --name user --link web:db busybox sleep 1000
docker exec user sh -c 'grep -o "172.* db" /etc/hosts'
docker stop -t 0 web
docker run -d --name squatter busybox sleep 1000
docker start web
docker exec user sh -c 'grep -o "172.*	db" /etc/hosts'
docker rm --link user
docker rm --link user/other
docker rm --link nobody/db
docker rm --link user/db
docker exec user grep -c db /etc/hosts
docker inspect -f '{{json .HostConfig.Links}}' user
docker rm --link user/db
docker rm -f web user squatter
