# Volumes and mounts.
docker volume create data
docker volume create data
docker volume create -l a=b -d local labelled
docker volume create 'bad/name'
docker volume create x
docker volume create -d nosuch y
docker volume create -o type=tmpfs -o device=tmpfs -o o=size=1m scratch
docker volume create -o nonsense=1 z
docker volume ls
docker volume ls -q -f label=a=b
docker volume ls -q -f name=dat
docker volume ls -q -f dangling=true
docker volume ls -f nonsense=1
docker volume inspect data labelled
docker volume inspect nosuch
docker volume rm nosuch
docker run --rm -v data:/d busybox sh -c 'echo kept >/d/f; grep " /d " /proc/self/mountinfo | cut -d" " -f5,6'
docker run --rm -v data:/d:ro busybox sh -c 'cat /d/f; touch /d/x; grep " /d " /proc/self/mountinfo | cut -d" " -f5,6'
docker run --rm -v scratch:/s busybox sh -c 'grep " /s " /proc/self/mountinfo | grep -o " - .*"'
docker run -d --name user -v data:/d -v /anon busybox sleep 1000
docker inspect -f '{{json .HostConfig.Binds}} {{json .HostConfig.Mounts}} {{json .Config.Volumes}}' user
docker inspect -f '{{range .Mounts}}{{.Type}} {{.Destination}} {{.Mode}} {{.RW}} {{.Propagation}} {{.Driver}}{{println}}{{end}}' user | sort
docker volume rm data
docker volume rm -f data
docker ps -f volume=data --format '{{.Names}} {{.LocalVolumes}}'
docker run --rm --pull never --volumes-from user busybox sh -c 'cat /d/f; grep -c " /anon " /proc/self/mountinfo'
docker run --rm --pull never --volumes-from user:ro busybox touch /d/y
docker run --rm --pull never --volumes-from nosuch busybox true
docker run --rm --pull never --volumes-from user:bad busybox true
docker rm -f -v user
docker volume ls -q
docker run --rm -v /anon busybox true; docker volume ls -q
# Binds.
mkdir -p $T/b/sub; echo host >$T/b/f; chmod 755 $T/b; docker run --rm -v $T/b:/b busybox sh -c 'cat /b/f; grep " /b " /proc/self/mountinfo | cut -d" " -f5,6,7'
docker run --rm -v $T/b:/b:ro busybox sh -c 'touch /b/x; grep " /b " /proc/self/mountinfo | cut -d" " -f6'
docker run --rm -v $T/b/f:/f busybox cat /f
docker run --rm -v $T/new/dir:/b busybox ls -ld /b; ls -ld $T/new/dir | cut -c1-10
docker run --rm --mount type=bind,src=$T/b,dst=/b,ro,bind-propagation=private busybox sh -c 'grep " /b " /proc/self/mountinfo | cut -d" " -f5,6,7'
docker run --rm --mount type=bind,src=$T/nosuch,dst=/b busybox true
docker run --rm --mount type=bind,src=$T/b busybox true
docker run --rm --mount type=nonsense,dst=/b busybox true
docker run --rm --mount type=volume,dst=relative busybox true
docker run --rm -v $T/b:relative busybox true
docker run --rm -v $T/b:/ busybox true
docker run --rm -v $T/b:/b:nonsense busybox true
docker run --rm -v $T/b:/b -v $T:/b busybox true
docker run --rm -v a b:/b busybox true
docker run --rm -v rel/x:/b busybox true
docker run --rm -v $T/b/f:/etc busybox true
docker run --rm -v $T/b:/etc/passwd busybox true
docker run --rm --tmpfs /b -v $T/b:/b busybox true
docker run --rm -v /b:/b:z,ro,z busybox true
docker run --rm --mount type=tmpfs,dst=/t,tmpfs-mode=1700 busybox sh -c 'ls -ld /t; grep " /t " /proc/self/mountinfo | cut -d" " -f6'
docker run --rm -v filled:/etc busybox sh -c 'ls /etc | sort'
docker run --rm -v filled:/f busybox sh -c 'ls -l /f/passwd; ls -ld /f'
docker run --rm -v unfilled:/etc:nocopy busybox ls /etc
docker volume prune -f | sed "s/[0-9]*B$//" | sort
docker run --rm --mount type=volume,dst=/v2,volume-nocopy busybox sh -c 'grep -c " /v2 " /proc/self/mountinfo'
docker volume rm data labelled x scratch filled unfilled
docker volume ls
