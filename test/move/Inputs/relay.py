"""A file goes from one to the next as it comes; whoever gives it dies, lies, is a stranger or asks for what is not its own."""
import hashlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

wfr, folder = sys.argv[1], pathlib.Path(sys.argv[2])
source = folder / "source"
source.write_bytes(b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() * 32 for n in range(8192)))
size = source.stat().st_size
wanted = None


class Server:
    """`wfr move serve` of a folder, with its peer's text."""

    def __init__(self, name, *flags):
        self.folder = folder / name
        self.folder.mkdir(exist_ok=True)
        self.process = subprocess.Popen([wfr, "move", "serve", self.folder, *flags], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.peer = self.process.stdout.readline().strip()

    def close(self):
        self.process.stdin.close()
        return self.process.wait(20)


def relay(to, *peers, hash=None, start=False):
    environment = {**os.environ, "WFR_PEERS": " ".join(peers)}
    command = [wfr, "move", "relay", source, folder / to, "--hash", hash or wanted, "--bytes", str(size)]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return process if start else outcome(to, process, *peers)


def outcome(to, process, *peers):
    out, error = process.communicate(timeout=120)
    names = {peer.split("/")[0]: chr(ord("a") + n) for n, peer in enumerate(peers)} | {"-": "source"}
    lines = [line.split() for line in out.splitlines()]
    whole = (folder / to).exists() and (folder / to).read_bytes() == source.read_bytes()
    total = sum(int(count) for _, count in lines)
    problem = [line for line in error.splitlines() if line.startswith("wfr: ")]
    return process.returncode, " ".join(names.get(who, who) for who, _ in lines), total == size, whole, *problem


def until(condition):
    for _ in range(6000):
        if condition():
            return
        time.sleep(0.01)
    print("never")


def part(name):
    path = folder / name
    return path.parent / f".{path.name}.wfr-part"


def has_begun(name):
    return part(name).exists() and part(name).stat().st_size > 0


def the_tree():
    global wanted
    whole = subprocess.run([wfr, "move", "copy", source, folder / "copy", "--json"], capture_output=True, check=True).stdout
    wanted = whole.split(b'"hash": "blake3:')[1][:64].decode()
    a, b = Server("a", "--rate", "3MB/s"), Server("b")
    os.link(source, folder / "a/file")
    first = relay("b/file", a.peer, start=True)
    until(lambda: has_begun("b/file"))
    second = relay("c", a.peer, start=True)
    # While it is still coming to the first.
    third = subprocess.Popen([wfr, "move", "relay", source, folder / "d", "--name", "file", "--hash", wanted, "--bytes", str(size)],
                             env={**os.environ, "WFR_PEERS": b.peer}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until(lambda: has_begun("d"))
    print("at once:", first.poll() is None)
    a.process.send_signal(signal.SIGKILL)
    print("who lost the one above:", outcome("b/file", first, a.peer))
    print("below:", outcome("d", third, b.peer))
    print("by another name:", outcome("c", second, a.peer))
    print("mode and time:", (folder / "d").stat().st_mtime_ns == source.stat().st_mtime_ns)
    print("again:", relay("b/file", b.peer)[0])
    print("ended:", b.close())


def killed():
    a = Server("a", "--rate", "4MB/s")
    process = relay("file", a.peer, start=True)
    until(lambda: has_begun("file"))
    process.kill()
    process.wait()
    code, who, is_all, is_whole = relay("file", a.peer)
    print("gone on with:", code, who, is_all, is_whole)
    part("other").write_bytes(b"x" * 1000)
    print("what lay there was no part of it:", relay("other"))
    a.close()


def strangers():
    a = Server("a")
    print("another secret:", relay("s1", a.peer[:-1] + ("0" if a.peer[-1] != "0" else "1")))
    (a.folder / "s2").write_bytes(b"y" * size)
    print("a liar:", relay("s2", a.peer))
    (folder / "s3").unlink(missing_ok=True)
    code, *_, problem = relay("s3", hash="0" * 64)
    print("not the source's:", code, problem.replace(str(folder) + "/", ""), (folder / "s3").exists())
    host, port = a.peer.split("/")[0].split(":")
    for line in [b"no proof\n", b"x" * 9000 + b"\n", b"\n"]:
        with socket.create_connection((host, int(port))) as raw:
            raw.settimeout(60)
            raw.recv(32, socket.MSG_WAITALL)
            raw.sendall(line)
            try:
                left = raw.recv(1)
            except ConnectionResetError:
                left = b""
            print("told nothing:", left == b"")
    # With the secret, outside of the folder.
    (a.folder / "link").symlink_to(source)
    (a.folder / "there").mkdir()
    outside = [
        subprocess.Popen([wfr, "move", "relay", folder / "nowhere", folder / f"out{n}", "--name", name, "--hash", wanted, "--bytes", str(size)],
                         env={**os.environ, "WFR_PEERS": a.peer}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for n, name in enumerate(["../source", "there/../../source", str(source), "link", "there", "."])
    ]
    print("outside:", *[(process.communicate()[0], process.returncode) for process in outside])
    a.close()


for scene in [the_tree, killed, strangers]:
    print("--", scene.__name__)
    scene()
