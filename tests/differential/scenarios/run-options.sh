# Each option of run with a command that shows its effect in the container.
run busybox id
run busybox env
run busybox pwd
run busybox grep -E 'Cap|NoNewPrivs|Seccomp:|Groups' /proc/self/status
docker run --rm busybox sh -c 'cut -d" " -f5,6 /proc/self/mountinfo | sort'
docker run --rm busybox sh -c 'grep -o " - .*" /proc/self/mountinfo | cut -d" " -f3 | sort | uniq -c'
run busybox ls /dev
run busybox sh -c 'ls -l /proc/self/fd | wc -l; ulimit -a'
docker run --rm busybox sh -c 'hostname | wc -c; cat /etc/hosts | sed 1q; cat /proc/sys/kernel/domainname'
run busybox sh -c 'cat /proc/self/oom_score_adj /proc/1/cmdline; umask; cat /proc/self/uid_map; ls /'
docker run --rm busybox sh -c 'stat -c "%A %U %n" / /etc /etc/hosts /etc/hostname /etc/resolv.conf /dev/shm /dev/pts /sys /tmp'
run busybox sh -c 'cat /proc/kcore; echo x >/proc/sysrq-trigger; echo 1 >/proc/sys/kernel/panic; mkdir /sys/x; ls /proc/acpi /sys/firmware'
run busybox sh -c 'mount -t tmpfs t /mnt; unshare -m true; chroot / true && echo chroot; mknod /n c 1 3 && echo node; hostname x'
docker run --rm --privileged busybox sh -c 'grep -E "Cap|NoNew|Seccomp:" /proc/self/status; grep -E " (/sys|/proc|/sys/fs/cgroup)[^ ]* " /proc/self/mountinfo | cut -d" " -f5,6 | sort'
run --privileged busybox sh -c 'mount -t tmpfs t /mnt && echo mounted; ls /dev | wc -l >/dev/null; ls -l /dev/mem | cut -c1-10'
run --cap-drop ALL busybox grep Cap /proc/self/status
run --cap-drop ALL --cap-add CHOWN --cap-add cap_net_admin busybox grep Cap /proc/self/status
run --cap-add ALL busybox grep CapEff /proc/self/status
run --cap-add ALL --cap-drop SYS_ADMIN busybox grep CapEff /proc/self/status
run --cap-add NOSUCH busybox true
run -u 1000 busybox sh -c 'id; echo $HOME; grep Cap /proc/self/status'
run -u 1000:50 busybox id
run -u daemon busybox sh -c 'id; echo $HOME; pwd'
run -u nobody:staff busybox id
run -u 0:daemon busybox id
run -u nosuch busybox id
run -u daemon:nosuch busybox id
run --group-add staff --group-add 77 busybox id
run -u 99999999999 busybox id
run -w /var/new/dir busybox sh -c 'pwd; ls -ld .'
run -w relative busybox pwd
run -w /etc/passwd busybox pwd
run -e A=1 -e B= -e PATH=/bin -e HOME=/x busybox env | sort
run -e TERM -e NOT_SET busybox env
printf 'X=1\n# no\nY=a b\n' >$T/env; run --env-file $T/env -e X=2 busybox env
docker run --rm -h host.example busybox sh -c 'hostname; cat /etc/hostname; grep -o "host.*" /etc/hosts; cat /proc/sys/kernel/domainname'
docker run --rm -h host --domainname example.org busybox sh -c 'hostname; hostname -f; cat /proc/sys/kernel/domainname; grep -o "host.*" /etc/hosts'
docker run --rm --add-host db:10.1.2.3 --add-host six:::1 busybox cat /etc/hosts
docker run --rm --add-host bad busybox true
docker run --rm --add-host gw:host-gateway busybox grep gw /etc/hosts
docker run --rm --dns 10.9.9.9 --dns-search example.org --dns-option ndots:3 busybox cat /etc/resolv.conf
docker run --rm --dns-search . --dns 10.9.9.9 busybox cat /etc/resolv.conf
docker run --rm --dns nonsense busybox true
docker run --rm --read-only busybox sh -c 'touch /x; touch /dev/shm/x && echo shm; touch /etc/hosts; awk "\$5 ~ /^\/(etc\/.*|dev\/shm|proc|sys)?\$/ {print \$5, \$6}" /proc/self/mountinfo | sort'
docker run --rm --read-only --tmpfs /tmp:size=1m,mode=700 busybox sh -c 'touch /tmp/x && ls -ld /tmp; grep " /tmp " /proc/self/mountinfo | cut -d" " -f6-'
docker run --rm --tmpfs /run:exec,uid=5 busybox sh -c 'grep " /run " /proc/self/mountinfo | cut -d" " -f6-; ls -ldn /run'
run --tmpfs /run:nonsense=1 busybox true
run --tmpfs relative busybox true
run --shm-size 8m busybox sh -c 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f1,2,6'
run --ulimit nofile=100:200 --ulimit core=0 busybox sh -c 'ulimit -Sn; ulimit -Hn; ulimit -c'
run --ulimit nofile=300:200 busybox true
run --ulimit nosuch=1 busybox true
docker run --rm --sysctl net.ipv4.ip_forward=0 --sysctl kernel.msgmax=9000 busybox cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax
docker run --rm --sysctl kernel.panic=1 busybox true
docker run --rm --sysctl net.nosuch=1 busybox true
docker run --rm --sysctl net.ipv4.ip_forward=0 --net host busybox true
run --device /dev/null:/dev/zilch:r busybox sh -c 'ls -l /dev/zilch; cat /dev/zilch'
run --device /dev/nosuch busybox true
run --device /dev/full:/dev/full:x busybox true
run --device-cgroup-rule 'c 1:1 r' --cap-add MKNOD busybox sh -c 'mknod /mem c 1 1; head -c 0 /mem && echo opened'
run --device-cgroup-rule nonsense busybox true
run --init busybox sh -c 'tr "\0" " " </proc/1/cmdline; cat /proc/1/comm; ls /sbin/docker-init'
run --security-opt no-new-privileges busybox grep NoNewPrivs /proc/self/status
run --security-opt seccomp=unconfined busybox grep Seccomp: /proc/self/status
run --security-opt nonsense busybox true
docker run --rm --security-opt systempaths=unconfined busybox sh -c 'grep -c " /proc/" /proc/self/mountinfo'
run --entrypoint echo busybox hello
run --entrypoint "" busybox echo none
run --entrypoint /bin/sh busybox -c 'echo $0 $#' a b
run --oom-score-adj 500 busybox cat /proc/self/oom_score_adj
run --oom-score-adj 1001 busybox true
run --pid host busybox sh -c 'test $$ -gt 1 && readlink /proc/self/ns/pid | cut -c1-3'
docker run --rm --uts host busybox sh -c 'cat /proc/sys/kernel/hostname | wc -l'
docker run --rm --uts host -h x busybox true
run --ipc private busybox df -k /dev/shm
run --ipc none busybox ls -d /dev/shm
run --ipc nonsense busybox true
run --pid nonsense busybox true
run --cgroupns private busybox sh -c 'cut -d: -f3 /proc/self/cgroup | sort -u'
run --cgroupns nonsense busybox true
run --userns nonsense busybox true
docker run --rm --pull never 127.0.0.1:1/none true
run --log-driver nosuch busybox true
run --log-driver none --name unlogged busybox echo seen
run --log-opt nosuch=1 busybox true
run --log-opt max-size=x busybox true
run --runtime nosuch busybox true
run --isolation hyperv busybox true
run --storage-opt size=1G busybox true
run --restart always busybox true
run --restart nonsense busybox true
run --restart no:3 busybox true
run --stop-signal NOPE busybox true
run --health-cmd true --health-interval 1us busybox true
run --platform linux/s390x --pull never busybox true
docker run --cidfile $T/cid --rm busybox true; wc -c <$T/cid; docker run --cidfile $T/cid --rm busybox true
run -l a=1 -l b --name labelled -d busybox sleep 100
docker inspect -f '{{json .Config.Labels}}' labelled
docker rm -f labelled
echo input | run -i busybox cat
echo input | run -i busybox sh -c 'read a; echo got $a'
echo input | run busybox cat
run -a stderr busybox sh -c 'echo out; echo err >&2'
run -a stdout busybox sh -c 'echo out; echo err >&2'
