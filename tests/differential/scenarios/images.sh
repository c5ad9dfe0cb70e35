# Images: never from a registry.
docker images
docker image inspect busybox
docker history busybox --format '{{.Comment}}|{{.CreatedBy}}|{{.Size}}'
docker tag busybox 127.0.0.1:1/copy:1
docker tag busybox 'UPPER'
docker tag nosuch x
docker tag busybox sha256:x
docker images --format '{{.Repository}}:{{.Tag}} {{.ID}} {{.Digest}}' | sort
docker images copy -q
docker images -f reference='127*/*' --format '{{.Repository}}'
docker images -f dangling=true -q
docker images -f nonsense=1
docker images -f before=nosuch
docker images --digests | sort
docker images --no-trunc --format '{{.ID}}'
shape docker images --format json
api GET /v1.41/images/json
docker inspect -f '{{.RepoTags}} {{.Os}} {{.Architecture}} {{.Config.Cmd}} {{.Size}}' 127.0.0.1:1/copy:1
docker pull 127.0.0.1:1/none
docker push 127.0.0.1:1/none
docker pull 127.0.0.1:1/none:bad@tag
docker run --rm 127.0.0.1:1/none true
docker create --name im busybox true
docker rmi nosuch
docker rmi 127.0.0.1:1/copy:1
docker rmi busybox
docker rmi $(docker images -q busybox)
docker rm im
mkdir -p $T/r/bin && cp /bin/busybox $T/r/bin/ && ln -sf busybox $T/r/bin/sh && ln -sf busybox $T/r/bin/echo && echo data >$T/r/data && chmod 755 $T/r
tar -C $T/r -c . | docker import -c 'ENTRYPOINT ["/bin/sh","-c"]' -c 'ENV K=v' -c 'WORKDIR /w' -c 'USER 12:13' -c 'LABEL a=b' -c 'EXPOSE 80/tcp 90' -c 'VOLUME /vol' -c 'HEALTHCHECK NONE' -m 'a message' - 127.0.0.1:1/small:1
docker image inspect 127.0.0.1:1/small:1
docker history --no-trunc --format '{{.Comment}}|{{.CreatedBy}}' 127.0.0.1:1/small:1
docker run --rm 127.0.0.1:1/small:1 'echo $K $0; cd; /bin/busybox pwd; /bin/busybox id; /bin/busybox ls -d /vol /w'
docker run --rm -u 0 127.0.0.1:1/small:1 '/bin/busybox grep -c " /vol " /proc/self/mountinfo'
docker create --name fromsmall -u 5 -w /x -e K=w -l a=c 127.0.0.1:1/small:1 'exit 1'
docker inspect -f '{{json .Config}}' fromsmall
docker rm -v fromsmall
docker import -c 'FROM x' $T/nosuch 127.0.0.1:1/small:2
docker import -c 'RUN true' - 127.0.0.1:1/small:2 </dev/null
echo nonsense | docker import - 127.0.0.1:1/small:2
docker save 127.0.0.1:1/small:1 -o $T/small.tar
tar -tf $T/small.tar | sort | sed 's/[0-9a-f]\{64\}/ID/' | sort -u
docker rmi 127.0.0.1:1/small:1
docker load -i $T/small.tar
docker load -q -i $T/small.tar
docker run --rm 127.0.0.1:1/small:1 'echo loaded $K'
docker rmi -f 127.0.0.1:1/small:1
echo nonsense | docker load
docker load -i $T/nosuch
docker save nosuch -o $T/x.tar
docker save busybox 127.0.0.1:1/small:1 -o $T/x.tar
docker image prune -f
docker image prune -a -f --filter until=1h
docker image inspect nosuch
docker history nosuch
docker image ls --filter label=a=b -q
docker images -a --format '{{.Repository}}'
