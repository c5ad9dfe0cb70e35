"""docker-py 5 (Debian's python3-docker) on the engine named by DOCKER_HOST. Writes a line of JSON for each test."""

import io
import json
import sys
import tarfile
import threading
import time
import unittest

import docker
from docker.errors import APIError, ContainerError, ImageNotFound, NotFound

client = docker.from_env(timeout=60)
NONE = {"network_mode": "none"}


class Runs(unittest.TestCase):
    def test_output_of_a_container_run_to_its_end(self):
        self.assertEqual(client.containers.run("busybox", ["echo", "hi"], remove=True, **NONE), b"hi\n")

    def test_output_races_with_removal(self):
        """remove=True waits, reads the logs, then removes; auto_remove on the engine's side may come first."""
        for number in range(10):
            out = client.containers.run("busybox", ["echo", str(number)], remove=True, **NONE)
            self.assertEqual(out, b"%d\n" % number)
        self.assertEqual(client.containers.list(all=True, filters={"ancestor": "busybox", "status": "exited"}), [])

    def test_remove_of_many_at_once(self):
        results = {}

        def run(number):
            results[number] = docker.from_env().containers.run("busybox", ["echo", str(number)], remove=True, **NONE)

        threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, {n: b"%d\n" % n for n in range(6)})

    def test_stderr_and_a_failure_with_its_status(self):
        out = client.containers.run("busybox", ["sh", "-c", "echo o; echo e >&2"], stdout=True, stderr=True, remove=True, **NONE)
        self.assertEqual(sorted(out.split()), [b"e", b"o"])
        with self.assertRaises(ContainerError) as caught:
            client.containers.run("busybox", ["sh", "-c", "echo why >&2; exit 9"], remove=True, **NONE)
        self.assertEqual((caught.exception.exit_status, caught.exception.stderr), (9, b"why\n"))

    def test_stream_of_the_output(self):
        lines = client.containers.run("busybox", ["seq", "3"], stream=True, remove=True, **NONE)
        self.assertEqual(b"".join(lines), b"1\n2\n3\n")

    def test_a_detached_one_its_states_and_its_end(self):
        box = client.containers.run("busybox", ["sleep", "600"], detach=True, name="detached", labels=["py"], init=True, **NONE)
        self.addCleanup(box.remove, force=True)
        box.reload()
        self.assertEqual(box.status, "running")
        self.assertEqual([c.id for c in client.containers.list(filters={"label": "py"})], [box.id])
        box.pause()
        box.reload()
        self.assertEqual(box.status, "paused")
        box.unpause()
        self.assertIn("sleep 600", str(box.top()["Processes"]))
        box.stop(timeout=0)
        self.assertIn(box.wait()["StatusCode"], (137, 143))
        box.rename("renamed")
        box.start()
        box.kill("KILL")
        self.assertEqual(box.wait()["StatusCode"], 137)
        self.assertEqual(client.containers.get("renamed").id, box.id)

    def test_auto_remove_and_wait_for_the_removal(self):
        box = client.containers.run("busybox", ["sh", "-c", "exit 4"], detach=True, auto_remove=True, **NONE)
        try:
            self.assertEqual(box.wait(condition="removed")["StatusCode"], 4)
        except NotFound:
            pass  # it was gone before we asked
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                client.containers.get(box.id)
            except NotFound:
                return
        self.fail("it is still there")

    def test_unknown_image_and_container(self):
        with self.assertRaises(ImageNotFound):
            client.images.get("absent:1")
        with self.assertRaises(NotFound):
            client.containers.get("absent")
        with self.assertRaises(ImageNotFound):
            client.containers.create("absent:1")


class Streams(unittest.TestCase):
    def setUp(self):
        self.box = client.containers.run("busybox", ["sh", "-c", "echo one; echo bad >&2; sleep 1; echo two; sleep 600"], detach=True, **NONE)
        self.addCleanup(self.box.remove, force=True)

    def test_logs_followed_until_the_end(self):
        seen = []
        for line in self.box.logs(stream=True, follow=True):
            seen.append(line)
            if line == b"two\n":
                self.box.kill()
        self.assertEqual(b"".join(seen), b"one\nbad\ntwo\n")
        self.assertEqual(self.box.logs(stdout=False), b"bad\n")
        self.assertEqual(self.box.logs(tail=1), b"two\n")
        self.assertRegex(self.box.logs(tail=1, timestamps=True), rb"^\d{4}-\d\d-\d\dT.*Z two\n$")
        self.assertEqual(self.box.logs(since=int(time.time()) + 60), b"")

    def test_exec_run(self):
        code, output = self.box.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"])
        self.assertEqual((code, sorted(output.split())), (3, [b"err", b"out"]))
        code, (out, err) = self.box.exec_run(["sh", "-c", "echo out; echo err >&2"], demux=True)
        self.assertEqual((code, out, err), (0, b"out\n", b"err\n"))
        code, output = self.box.exec_run("sh -c 'echo $A; pwd; id -u'", environment={"A": "b"}, workdir="/tmp", user="nobody")
        self.assertEqual((code, output), (0, b"b\n/tmp\n65534\n"))
        code, stream = self.box.exec_run(["seq", "20000"], stream=True)
        self.assertEqual(b"".join(stream), b"".join(b"%d\n" % n for n in range(1, 20001)))
        self.assertEqual(self.box.exec_run(["tty"], tty=True).output[:9], b"/dev/pts/")
        self.assertEqual(self.box.exec_run(["nosuch"]).exit_code, 127)

    def test_exec_by_a_socket(self):
        _, sock = self.box.exec_run(["cat"], stdin=True, socket=True)
        sock._sock.sendall(b"through\n")
        head = sock.read(8)
        self.assertEqual(head, b"\x01\x00\x00\x00\x00\x00\x00\x08")
        self.assertEqual(sock.read(8), b"through\n")
        sock.close()

    def test_attach_by_a_socket_and_by_a_stream(self):
        box = client.containers.create("busybox", ["sh", "-c", "read a; echo got $a"], stdin_open=True, **NONE)
        self.addCleanup(box.remove, force=True)
        sock = box.attach_socket(params={"stdin": 1, "stream": 1})
        out = box.attach(stream=True, logs=False)
        box.start()
        sock._sock.sendall(b"it\n")
        self.assertEqual(b"".join(out), b"got it\n")
        sock.close()

    def test_stats(self):
        one = self.box.stats(stream=False)
        self.assertGreater(one["memory_stats"]["usage"], 0)
        used = one["cpu_stats"]["system_cpu_usage"] - one["precpu_stats"]["system_cpu_usage"]
        self.assertGreater(used, 0)
        stream = self.box.stats(decode=True)
        self.assertEqual([next(stream)["id"], next(stream)["id"]], [self.box.id] * 2)

    def test_events(self):
        since = int(time.time()) - 1
        live = client.events(decode=True, filters={"container": self.box.id})
        seen = []

        def read():
            for event in live:
                seen.append(event["status"])
                if event["status"] == "unpause":
                    return

        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        self.box.pause()
        self.box.unpause()
        reader.join(20)
        self.assertEqual(seen[-2:], ["pause", "unpause"])
        past = client.events(since=since, until=int(time.time()) + 1, decode=True, filters={"container": self.box.id})
        self.assertEqual([event["Action"] for event in past][-4:], ["create", "start", "pause", "unpause"])


class Things(unittest.TestCase):
    def test_system(self):
        self.assertTrue(client.ping())
        self.assertEqual(client.info()["OSType"], "linux")
        self.assertEqual(client.version()["ApiVersion"], "1.51")
        self.assertEqual(client.df()["LayersSize"] >= 0, True)

    def test_networks(self):
        pool = docker.types.IPAMPool(subnet="10.214.9.0/24", gateway="10.214.9.1")
        net = client.networks.create("pynet", driver="bridge", ipam=docker.types.IPAMConfig(pool_configs=[pool]), labels={"py": "net"})
        self.addCleanup(net.remove)
        box = client.containers.run("busybox", ["sleep", "600"], detach=True, network="pynet", name="py1")
        self.addCleanup(box.remove, force=True)
        other = client.containers.run("busybox", ["sleep", "600"], detach=True)
        self.addCleanup(other.remove, force=True)
        net.connect(other, aliases=["db"], ipv4_address="10.214.9.50")
        net.reload()
        self.assertEqual({c.id for c in net.containers}, {box.id, other.id})
        self.assertIn(b"10.214.9.50", box.exec_run(["nslookup", "db"]).output)
        with self.assertRaisesRegex(APIError, "has active endpoints"):
            net.remove()
        net.disconnect(other)
        self.assertEqual([n.id for n in client.networks.list(filters={"label": "py=net"})], [net.id])

    def test_published_ports(self):
        box = client.containers.run("busybox", ["httpd", "-f"], detach=True, ports={"80/tcp": ("127.0.0.1", None)})
        self.addCleanup(box.remove, force=True)
        box.reload()
        (binding,) = box.ports["80/tcp"]
        self.assertEqual(binding["HostIp"], "127.0.0.1")
        self.assertGreater(int(binding["HostPort"]), 0)

    def test_volumes(self):
        volume = client.volumes.create("pyvol", labels={"py": "vol"})
        client.containers.run("busybox", ["sh", "-c", "echo kept > /d/f"], volumes={"pyvol": {"bind": "/d"}}, remove=True, **NONE)
        mount = docker.types.Mount("/d", "pyvol", read_only=True)
        box = client.containers.create("busybox", ["sh", "-c", "cat /d/f; touch /d/g 2>&1"], mounts=[mount], **NONE)
        box.start()
        self.assertEqual(box.wait()["StatusCode"], 1)
        self.assertRegex(box.logs(), rb"kept\n.*Read-only file system")
        with self.assertRaisesRegex(APIError, "volume is in use"):
            volume.remove()
        box.remove(v=True)
        self.assertEqual([v.name for v in client.volumes.list(filters={"label": "py=vol"})], ["pyvol"])
        volume.remove()

    def test_images(self):
        image = client.images.get("busybox")
        self.assertTrue(image.tag("py", "v1"))
        self.assertIn("py:v1", client.images.get("busybox").tags)
        saved = b"".join(client.images.get("py:v1").save(named="py:v1"))
        client.images.remove("py:v1")
        (loaded,) = client.images.load(saved)
        self.assertIn("py:v1", loaded.tags)
        client.images.remove("py:v1")
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("hello"), io.BytesIO(b""))
        answer = client.api.import_image_from_data(archive.getvalue(), repository="pyimport", tag="1")
        self.assertRegex(str(answer), "sha256:[0-9a-f]{64}")
        self.assertEqual(len(client.images.get("pyimport:1").attrs["RootFS"]["Layers"]), 1)
        client.images.remove("pyimport:1")

    def test_limits_and_options(self):
        box = client.containers.run(
            "busybox", ["sleep", "600"], detach=True, mem_limit="64m", nano_cpus=500_000_000, pids_limit=50, cap_drop=["ALL"],
            read_only=True, tmpfs={"/t": "size=1m"}, environment={"A": "b"}, hostname="py", user="nobody", working_dir="/tmp",
            restart_policy={"Name": "on-failure", "MaximumRetryCount": 2}, ulimits=[docker.types.Ulimit(name="nofile", soft=99, hard=99)],
            extra_hosts={"there": "127.0.0.9"}, shm_size="1m", security_opt=["no-new-privileges"],
        )
        self.addCleanup(box.remove, force=True)
        script = "hostname; pwd; id -u; ulimit -n; echo $A; grep -c there /etc/hosts; touch /x 2>&1; touch /t/x && echo ok"
        output = box.exec_run(["sh", "-c", script]).output.decode().split("\n")
        self.assertEqual(output[:6] + output[7:8], ["py", "/tmp", "65534", "99", "b", "1", "ok"])
        self.assertIn("Read-only file system", output[6])
        box.update(mem_limit="96m", memswap_limit="96m")
        self.assertEqual(client.containers.get(box.id).attrs["HostConfig"]["Memory"], 96 << 20)


class Archives(unittest.TestCase):
    def test_a_file_in_and_out(self):
        box = client.containers.create("busybox", ["cat", "/tmp/f"], **NONE)
        self.addCleanup(box.remove, force=True)
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            info = tarfile.TarInfo("f")
            info.size = 8
            tar.addfile(info, io.BytesIO(b"carried\n"))
        self.assertTrue(box.put_archive("/tmp", archive.getvalue()))
        chunks, stat = box.get_archive("/tmp/f")
        self.assertEqual((stat["name"], stat["size"]), ("f", 8))
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            self.assertEqual(tar.extractfile("f").read(), b"carried\n")
        box.start()
        box.wait()
        self.assertEqual(box.logs(), b"carried\n")


class Lines(unittest.TestResult):
    def say(self, test, **outcome):
        print(json.dumps({"name": test.id().split(".", 1)[1], **outcome}), flush=True)

    def addSuccess(self, test):
        self.say(test)

    def addSkip(self, test, reason):
        self.say(test, skipped=reason)

    def addFailure(self, test, err):
        self.say(test, failed=self._exc_info_to_string(err, test))

    def addError(self, test, err):
        # `test` may be a whole class's set-up, which has no dotted name.
        print(json.dumps({"name": test.id(), "failed": self._exc_info_to_string(err, test)}), flush=True)


if __name__ == "__main__":
    unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"]).run(Lines())
