# Everything about exec, in one container.
docker run -d --name box -e A=container -w /tmp -m 64m busybox sleep 1000
docker exec box pwd
docker exec box env
docker exec -w /etc -e B=2 -e A=exec box sh -c 'pwd; echo $A $B'
docker exec -u daemon box sh -c 'id; echo $HOME'
docker exec -u 1000:50 box id
docker exec -u nosuch box id
docker exec box grep -E 'Cap|Seccomp:|NoNew' /proc/self/status
docker exec --privileged box grep -E 'Cap|Seccomp:|NoNew' /proc/self/status
docker exec -u 1000 box grep Cap /proc/self/status
docker exec box sh -c 'exit 9'
docker exec box nosuch
docker exec box /etc/passwd
docker exec box /etc
docker exec -w /nosuch box true
docker exec -w relative box true
docker exec box sh -c 'kill -9 $$'
docker exec box sh -c 'echo out; echo err >&2'
echo text | docker exec -i box cat
echo text | docker exec box cat
docker exec -d box touch /tmp/detached; sleep 0.5; docker exec box ls /tmp
docker exec box
docker exec nobody true
docker exec --env-file /nosuch box true
docker exec --detach-keys 'nonsense!' box true
script -qec 'docker exec -t box tty' /dev/null
script -qec 'stty rows 33 cols 77; docker exec -it box sh -c "sleep 0.3; stty size"' /dev/null </dev/null | grep -o "33 77"
docker exec box cat /sys/fs/cgroup/memory/memory.limit_in_bytes
docker exec box sh -c 'cut -d: -f2 /proc/self/cgroup | sort | tr "\n" " "; cat /proc/self/oom_score_adj'
docker exec box sh -c 'ls -l /proc/self/fd | wc -l; ls -l /proc/self/ns | grep -o "ns/.*" | wc -l'
docker exec box sh -c 'for n in mnt pid net ipc uts cgroup; do test "$(readlink /proc/self/ns/$n)" = "$(readlink /proc/1/ns/$n)" && echo same $n; done'
docker inspect -f '{{.ExecIDs}}' box
api POST /v1.41/containers/box/exec '{"Cmd":["sh","-c","exit 4"],"AttachStdout":true}' | tee $T/exec
api GET /v1.41/exec/$(jq -r .Id $T/exec)/json
api POST /v1.41/exec/$(jq -r .Id $T/exec)/start '{"Detach":false}'
sleep 0.3; api GET /v1.41/exec/$(jq -r .Id $T/exec)/json
api POST /v1.41/exec/$(jq -r .Id $T/exec)/start '{"Detach":false}'
api GET /v1.41/exec/nosuch/json
api POST '/v1.41/exec/nosuch/resize?h=1&w=1'
api POST /v1.41/containers/box/exec '{}'
docker pause box
docker exec box true
docker unpause box
docker rm -f box
