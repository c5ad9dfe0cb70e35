/** Both clients are run with the same words against an engine that only listens: what they ask must be the same. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { cloche, docker, dockerCli } from "./clients.ts";
import { type Recorded, startRecorder } from "./recorder.ts";

const cli = dockerCli();
const skip = "missing" in cli ? cli.missing : false;

const CREATE = `
busybox
busybox sh -c 'echo hi'
-it busybox
-a stdin -a stdout busybox
-e A=B -e C -e HOME --env-file env busybox
-l a=b -l c --label-file labels busybox
--name n --hostname h --domainname d --user 1:2 --workdir /w busybox
--entrypoint /bin/x busybox y
--entrypoint= busybox y
-p 80:80 -p 127.0.0.1:81:8081/udp -p 82 -p 8000-8002:9000-9002 busybox
-p 8000-8010:80 busybox
-p [::1]:80:80 busybox
-p published=80,target=8080,protocol=udp busybox
-P --expose 70 --expose 71-73/udp busybox
-v /a -v /b:/c -v /d:/e:ro,z -v name:/f -v .:/here -v ./sub:/sub -v ~/x:/home busybox
--volumes-from a --volumes-from b:ro --volume-driver x busybox
--mount type=bind,src=/a,dst=/b,ro busybox
--mount type=bind,src=.,dst=/b,bind-propagation=rslave,bind-recursive=disabled busybox
--mount type=bind,src=/a,dst=/b,ro,bind-propagation=rprivate,bind-recursive=readonly busybox
--mount type=bind,src=/a,dst=/b,bind-recursive=enabled busybox
--mount type=volume,src=v,dst=/b,volume-nocopy,volume-label=a=b,volume-driver=local,volume-opt=o=addr=1,volume-subpath=x busybox
--mount dst=/b busybox
--mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1770 busybox
--mount type=tmpfs,dst=/t busybox
--mount type=image,src=img,dst=/i,image-subpath=p busybox
--mount 'type=bind,"src=/a,b",dst=/c,consistency=cached' busybox
--tmpfs /a --tmpfs /b:size=1m,noexec busybox
--network host busybox
--network none busybox
--network container:x busybox
--network foo --network-alias a --network-alias b --ip 10.1.2.3 --ip6 ::1 --link-local-ip 169.254.1.1 busybox
--network name=foo,alias=a,alias=b,ip=10.0.0.1,driver-opt=k=v,mac-address=92:d0:c6:0a:29:33,gw-priority=3 --network bar busybox
--link a:b --link c busybox
--net foo --net-alias a busybox
--mac-address 92:d0:c6:0a:29:33 busybox
--dns 1.1.1.1 --dns-search example.org --dns-search . --dns-option ndots:1 --dns-opt x busybox
--add-host a:1.2.3.4 --add-host b=::1 --add-host c:[::1] --add-host d:host-gateway busybox
-m 512m --memory-swap 1g --memory-reservation 256m --memory-swappiness 10 --kernel-memory 10m busybox
--memory 1.5g --memory-swap -1 busybox
--cpus 1.5 --cpu-shares 5 --cpuset-cpus 0-1 --cpuset-mems 0 busybox
--cpu-period 1000 --cpu-quota 5000 --cpu-rt-period 1 --cpu-rt-runtime 2 busybox
--cpus .5 --pids-limit -1 --oom-kill-disable --oom-score-adj -5 busybox
--blkio-weight 10 --blkio-weight-device /dev/sda:20 --device-read-bps /dev/sda:1mb --device-write-bps /dev/sda:2kb --device-read-iops /dev/sda:3 --device-write-iops /dev/sda:4 busybox
--ulimit nofile=1024:2048 --ulimit core=-1 --ulimit nproc=5 busybox
--device /dev/null --device /dev/zero:/dev/x --device /dev/full:rw --device /dev/tty:/dev/y:r busybox
--device vendor.com/class=name busybox
--device-cgroup-rule 'c 1:3 rwm' busybox
--gpus all busybox
--gpus 2 busybox
--gpus '"device=0,1"' busybox
--gpus 'count=1,"capabilities=utility,compute"' busybox
--cap-add NET_ADMIN --cap-add ALL --cap-drop chown busybox
--privileged --read-only --init busybox
--init=false --rm=true --tty=false busybox
--security-opt no-new-privileges --security-opt seccomp=unconfined --security-opt label=disable busybox
--security-opt systempaths=unconfined busybox
--security-opt seccomp=profile.json busybox
--security-opt label:disable busybox
--group-add 5 --group-add wheel --userns host --uts host --pid host --ipc host --cgroupns private busybox
--pid container:x --ipc shareable --cgroupns host --cgroup-parent /p busybox
--restart always busybox
--restart on-failure:3 busybox
--restart unless-stopped --stop-signal INT --stop-timeout 5 busybox
--stop-timeout 0 busybox
--rm --runtime runc --isolation default --shm-size 1g --sysctl net.ipv4.ip_forward=1 busybox
--log-driver json-file --log-opt max-size=1m --log-opt max-file=3 busybox
--storage-opt size=10G --annotation a=b --annotation c busybox
--health-cmd 'true x' --health-interval 1m30s --health-timeout 1.5s --health-retries 3 --health-start-period 5s --health-start-interval 100ms busybox
--health-interval 2400h busybox
--no-healthcheck busybox
--platform linux/arm64 busybox
--cidfile cid busybox
--pull never localhost:5000/a/b:c@sha256:0123456789012345678901234567890123456789012345678901234567890123
-c 7 -qit -w/x -uroot -eX=Y busybox -- -a --name y
`;

const REFUSED = `
--mount type=bind,src=/a busybox
--mount type=bind,dst=/a,foo busybox
--mount type=bind,dst=/a,foo=1 busybox
--mount type=bind,dst=/a,tmpfs-size=1m busybox
--mount dst=/a,readonly=maybe busybox
--mount type=tmpfs,dst=/a,tmpfs-mode=9 busybox
-p x busybox
-p 1:2:3:4 busybox
-p 80-82:90 busybox
-p 90-80 busybox
-p 1.2.3.400:80:80 busybox
-p 80/foo busybox
-p 70000 busybox
-p 80:70000 busybox
--expose 1:2 busybox
--expose x busybox
--device /a:/b:x busybox
--device a:b:c:d busybox
--device-cgroup-rule x busybox
--network name= busybox
--network a=b busybox
--network foo --network foo busybox
--network foo --network host busybox
--network host --network-alias a busybox
--network name=foo,ip=1.1.1.1 --ip 1.1.1.2 busybox
--ulimit foo=1 busybox
--ulimit nofile=5:1 busybox
--ulimit nofile=a busybox
--ulimit nofile=1:2:3 busybox
--cpus a busybox
--cpus 1.0000000001 busybox
-m abc busybox
--memory-swappiness 101 busybox
--blkio-weight-device /dev/sda busybox
--blkio-weight-device /dev/sda:5 busybox
--device-read-bps sda:1 busybox
--device-read-bps /dev/sda:x busybox
--device-read-iops /dev/sda:-1 busybox
--add-host a busybox
--add-host a:b busybox
--dns x busybox
--dns-search '@' busybox
--sysctl foo=bar busybox
--link a:b:c busybox
-a foo busybox
-e =x busybox
-l =x busybox
--health-interval 5 busybox
--health-interval -5s busybox
--health-cmd x --no-healthcheck busybox
--restart no:x busybox
--restart :3 busybox
--rm --restart always busybox
--pid x busybox
--uts x busybox
--userns x busybox
--cgroupns x busybox
--mac-address x busybox
--log-driver none --log-opt a=b busybox
--security-opt foo busybox
--security-opt seccomp=/nonexistent busybox
--storage-opt foo busybox
--env-file /nonexistent busybox
--env-file bad-env busybox
--platform a/b/c/d busybox
--pull sometimes busybox
--gpus foo busybox
--gpus a=b busybox
--stop-timeout x busybox
--io-maxbandwidth 1m --io-maxiops 5 --cpu-count 1 --cpu-percent 2 busybox
--oom-score-adj 1.5 busybox
--blkio-weight 70000 busybox
--init=maybe busybox
--unknown busybox
-X busybox
--name
-e

Upper/case
a:b:c
`;

const OTHERS = `
container ls -a -s -n 3 --filter name=a --filter name=b --filter status=running
ps -l
ps --format '{{.ID}} {{.Size}}'
images -a --filter dangling=true
images foo:bar
start a b
start --checkpoint c a
stop -t 5 -s INT a
stop --time 5 a
restart a
kill a
kill -s HUP a
pause a
unpause a
rename a b
update --cpus 1.5 -m 512m --memory-swap -1 --restart always --pids-limit 5 a
update --cpu-shares 3 a b
rm -fv a
rm -l a
wait a
top a
top a aux -o pid
logs --since 2020-01-02T03:04:05Z --until 1600000000 --tail 5 -t --details a
logs --since 2020-01-02 --follow a
inspect a
inspect --type image a
container inspect -s a
container prune -f --filter until=1h --filter label=a=b
image prune -a -f
image prune -f --filter until=1h
network ls --filter driver=bridge
network inspect -v a
network create a
network create -d bridge --subnet 10.1.0.0/16 --gateway 10.1.0.1 --ip-range 10.1.2.0/24 --aux-address x=10.1.0.9 --opt a=b --label c=d --internal --attachable --ipv6 a
network create --ipv4=false --ipam-driver x --ipam-opt y=z --scope local --ingress --config-from q a
network create --subnet 10.1.0.0/16 --subnet fd00::/64 --gateway fd00::1 a
network connect a b
network connect --alias x --ip 1.2.3.4 --ip6 ::1 --link c:d --link-local-ip 169.254.1.1 --driver-opt k=v --gw-priority 2 a b
network disconnect -f a b
network rm a
network prune -f
volume ls -f dangling=true
volume inspect a
volume create
volume create -d local -o type=tmpfs --label a=b v
volume rm -f a
volume prune -f
volume prune -af
tag a b:c
tag a localhost:5000/b
rmi -f a b
rmi --no-prune a
history a
save a b
export a
diff a
commit -a me -m msg -c 'CMD x' -c 'ENV a=b' -p=false a repo:tag
commit a
exec -d a ls -l
exec -d -e A=B -u 1 -w /x --privileged --detach-keys ctrl-a a ls
pull busybox
pull -q --platform linux/arm64 localhost:5000/a:b
pull -a localhost:5000/a
push localhost:5000/a:b
push -a localhost:5000/a
import - a:b
import -c 'CMD x' -m msg --platform linux/arm64 - a
system df
info
events --since 1600000000 --until 1600000001 --filter type=container --filter event=die
run -d --name x --rm busybox y
run -d --pull always localhost:5000/a
search -f is-official=true --limit 5 a
`;

describe("requests are docker's", { skip }, () => {
  let recorder: Awaited<ReturnType<typeof startRecorder>>;
  let folder: string;
  before(async () => {
    recorder = await startRecorder();
    folder = mkdtempSync(join(tmpdir(), "cloche-requests-"));
    writeFileSync(join(folder, "env"), "# comment\nONE=1\nHOME\nUNSET_VARIABLE\n  TWO=two words\n");
    writeFileSync(join(folder, "bad-env"), "A B=1\n");
    writeFileSync(join(folder, "labels"), "x=y\nz\n");
    writeFileSync(join(folder, "profile.json"), '{ "defaultAction": "SCMP_ACT_ALLOW" }\n');
  });
  after(async () => {
    await recorder?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const both = async (args: string[]) => {
    const options = { cwd: folder, input: "", env: { DOCKER_CONFIG: folder } };
    rmSync(join(folder, "cid"), { force: true });
    const theirs = { ...(await docker(recorder.host, args, options)), asked: recorder.take().map(plain) };
    rmSync(join(folder, "cid"), { force: true });
    const ours = { ...(await cloche(recorder.host, args, options)), asked: recorder.take().map(plain) };
    return { theirs, ours };
  };

  for (const line of lines(CREATE))
    test(`create ${line}`, async () => {
      const { theirs, ours } = await both(["create", ...words(line)]);
      assert.deepEqual(ours, theirs);
      assert.equal(theirs.status, 0, theirs.stderr);
    });

  for (const line of lines(REFUSED))
    test(`create refuses ${line}`, async () => {
      const { theirs, ours } = await both(["create", ...words(line)]);
      assert.deepEqual(ours, theirs);
    });

  for (const line of lines(OTHERS))
    test(line, async () => {
      const { theirs, ours } = await both(words(line));
      const asked = (ran: { asked: Asked[] }) => ran.asked.filter((request) => !isExtra(line, request));
      assert.deepEqual([asked(ours), ours.status], [asked(theirs), theirs.status]);
    });
});

function lines(text: string): string[] {
  return text.split("\n").slice(1, -1);
}

/** A shell's words, as far as quotes go. */
function words(line: string): string[] {
  return (line.match(/(?:'[^']*'|[^\s'])+/g) ?? []).map((word) => word.replaceAll("'", ""));
}

type Asked = ReturnType<typeof plain>;

/** What a request asks, without the order of what has none: docker's client takes -e and subnets from maps. */
function plain({ method, url, body }: Recorded) {
  const { pathname, searchParams } = new URL(url, "http://engine");
  const query = [...searchParams].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { method, path: decodeURIComponent(pathname), query, body: sorted(body) };
}

function sorted(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => sorted(item));
    return key === "Env" || key === "Config" || key === "Binds"
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : items;
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, sorted(item, name)]));
}

/** docker's client asks whether a network is swarm's before it removes it, and waits for what runs without it. */
const isExtra = (line: string, { method, path }: { method: string; path: string }) =>
  (line.startsWith("network rm") && method === "GET") || (line.startsWith("run -d") && path.endsWith("/wait"));
