"""s3.py WFR DIR: `wfr move` to a real object store and back; each scene says what it saw."""

import json
import os
import pathlib
import random
import shutil
import signal
import socketserver
import ssl
import subprocess
import sys
import threading
import time

import trees

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "engines"))
import s3_store  # pylint: disable=wrong-import-position

WFR, HERE = sys.argv[1], pathlib.Path(sys.argv[2])
BUCKET = HERE / "store/buckets/data"
STORE = s3_store.Store(HERE / "store")
PART = 5 << 20


def start(*words, **environment):
    return subprocess.Popen([WFR, "move", *words], cwd=HERE, env=STORE.environment(**environment), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def end(process, status=0):
    out, err = process.communicate()
    if process.returncode != status:
        raise SystemExit(f"{process.args}: exit status {process.returncode}, not {status}\n{err.decode(errors='replace')}")
    return out.decode(), err.decode(errors="replace")


def move(*words, status=0, **environment):
    return end(start(*words, **environment), status)


def summary(*words, **more):
    return json.loads(move(*words, "--json", **more)[0])


def told(*words, status=1, **environment):
    """The problem, without the program's name."""
    print(move(*words, status=status, **environment)[1].replace(str(STORE.port), "PORT"), end="")


def scene(name):
    print("--", name, flush=True)


def until(what, process=None):
    """Polls; the process must not have ended before."""
    limit = time.monotonic() + 60
    while not what():
        if time.monotonic() > limit or (process and process.poll() is not None):
            raise SystemExit(f"never seen: {what.__name__}")
        time.sleep(0.01)


def data(path, size, seed=1):
    (HERE / path).write_bytes(random.Random(seed).randbytes(size))


def hidden(folder):
    return sorted(name for name in os.listdir(folder) if ".wfr-" in name)


def copies():
    scene("copies")
    source = HERE / "src"
    trees.small(source, folders=3, each=40)
    for name in ("two words", "ümläut+%41&=?#~", "-r", "a\nb", "nothing"):
        trees.write(source / name, name.encode() if name != "nothing" else b"", mode=0o640)
    (source / "empty").mkdir()
    os.symlink("000/0001", source / "link")
    data("src/large", 3 * PART + 17)
    up = summary("copy", "src", "s3://data/a/tree", "--part-size", "5MiB")
    print("up:", up["outcome"], up["files"], up["links"], up["verified"])
    down = summary("copy", "s3://data/a/tree", "back")
    print("down:", down["outcome"], down["files"], "hashes alike:", up["hash"] == down["hash"])
    trees.same(source, HERE / "back")
    local = summary("copy", "src", "local")
    print("the hash of a copy on this machine:", local["hash"] == up["hash"])
    print("again:", summary("copy", "src", "s3://data/a/tree")["was_there"], summary("copy", "s3://data/a/tree", "back")["was_there"])
    (source / "two words").write_text("others")
    told("copy", "src", "s3://data/a/tree", status=5)
    replaced = summary("copy", "--replace", "src", "s3://data/a/tree", "--verify", "disk")
    print("replaced:", replaced["outcome"], "sent:", replaced["files"] - replaced["resumed"]["files"])
    print("one object:", summary("copy", "s3://data/a/tree/two words", "one")["files"], (HERE / "one").read_text())
    print("as others see it:", sorted(os.listdir(BUCKET / "a/tree"))[:3])


def syncs():
    scene("sync")
    source = HERE / "src"
    print("nothing to do:", summary("sync", "src", "s3://data/a/tree")["files"])
    os.utime(source / "large")
    (source / "000/0001").write_text("changed")
    (source / "000/0002").unlink()
    first = summary("sync", "src", "s3://data/a/tree")
    print("changed:", first["files"], "removed:", first["removed"])
    print("deleted:", summary("sync", "--delete", "src", "s3://data/a/tree")["removed"])
    print("down:", summary("sync", "--delete", "s3://data/a/tree", "back")["files"])
    trees.same(source, HERE / "back")
    os.utime(HERE / "back/000/0001", (4e9, 4e9))
    (HERE / "back/000/0001").write_text("later")
    os.utime(HERE / "back/000/0001", (4e9, 4e9))
    told("sync", "back", "s3://data/a/tree", status=0)
    told("sync", "src", "s3://data/a/tree")
    # Somebody else put an object there, without any of our words.
    (BUCKET / "a/tree/theirs").write_text("theirs")
    print("theirs too:", summary("sync", "--replace", "s3://data/a/tree", "back")["files"], (HERE / "back/theirs").read_text())
    # What somebody else has copied beside it keeps its manifest.
    move("copy", "src/000", "s3://data/a/tree/beside")
    move("sync", "--replace", "src", "s3://data/a/tree")
    print("beside:", (BUCKET / "a/tree/beside/.wfr-manifest").exists())
    (HERE / "live").mkdir()
    (HERE / "live/one").write_text("1")
    process = start("sync", "live", "s3://data/live", "--every", "100ms", "--until", "over", "--json")
    until((BUCKET / "live/one").exists, process)
    (HERE / "live/two").write_text("2")
    until((BUCKET / "live/two").exists, process)
    (HERE / "live/three").write_text("3")
    (HERE / "over").touch()
    end(process)
    print("live:", sorted(os.listdir(BUCKET / "live"))[1:])


def parts(store=STORE):
    """Parts of uploads that are whole in the store."""
    return [path for path in (store.root / "data/.sgwtmp").rglob("*") if path.is_file() and path.stat().st_size == PART]


def parts_sent():
    # What was on its way when the sender died is told a moment later.
    time.sleep(0.3)
    return sum("s3_UploadPart" in line and " 200 " in line for line in STORE.log.read_text().splitlines())


def killed():
    scene("killed while it sends")
    data("big", 12 * PART)
    words = ("copy", "big", "s3://data/big", "--part-size", "5MiB", "--threads", "2")
    process = start(*words, "--rate", "30MB/s")
    until(lambda: len(parts()) >= 3, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    print("not there:", not (BUCKET / "big").exists(), hidden(BUCKET))
    before = parts_sent()
    kept = summary(*words)["resumed"]["bytes"] // PART
    print("parts kept and sent:", kept + parts_sent() - before, "kept:", kept >= 3)
    print("whole:", (BUCKET / "big").read_bytes() == (HERE / "big").read_bytes(), hidden(BUCKET), parts())
    # The file changes between the two: nothing that was sent may be used.
    data("big", 12 * PART, seed=2)
    process = start(*words, "--replace", "--rate", "30MB/s")
    until(lambda: len(parts()) >= 2, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    data("big", 12 * PART, seed=3)
    print("other bytes:", summary(*words, "--replace")["resumed"]["bytes"], (BUCKET / "big").read_bytes() == (HERE / "big").read_bytes(), parts())

    scene("killed while it fetches")
    data("big", 64 << 20)
    move("copy", "big", "s3://data/big", "--replace")

    def ranges():
        try:
            with open(HERE / ".fetched.wfr-part", "rb") as file:
                file.seek((64 << 20) + 32)
                return sum(any(file.read(32)) for _ in range(4))
        except OSError:
            return 0

    process = start("copy", "s3://data/big", "fetched", "--threads", "1", "--rate", "60MB/s")
    until(lambda: ranges() >= 2, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    print("not there:", not (HERE / "fetched").exists())
    again = summary("copy", "s3://data/big", "fetched")
    print("not fetched again:", again["resumed"]["bytes"] >= 32 << 20, (HERE / "fetched").read_bytes() == (HERE / "big").read_bytes())

    scene("killed in a folder")
    process = start("copy", "src", "s3://data/folder", "--rate", "2MB/s", "--part-size", "5MiB")
    until(lambda: len(list((BUCKET / "folder").rglob("0*"))) > 20, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    told("copy", "s3://data/folder", "folder", status=5)
    again = summary("copy", "src", "s3://data/folder")
    print("gone on with:", again["outcome"], again["resumed"]["files"] > 0, hidden(BUCKET / "folder"), parts())
    move("copy", "s3://data/folder", "folder")
    trees.same(HERE / "src", HERE / "folder")

    scene("clean")
    process = start(*words, "--replace", "--rate", "20MB/s")
    until(lambda: len(parts()) >= 1, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    print("ended:", summary("clean", "s3://data/")["removed"], hidden(BUCKET), parts())


def away():
    scene("the store goes and comes back")
    words = ("copy", "big", "s3://data/again", "--part-size", "5MiB", "--threads", "2", "--rate", "30MB/s", "--json")
    process = start(*words)
    until(lambda: len(parts()) >= 2, process)
    STORE.stop()
    time.sleep(1)
    STORE.start()
    print("up:", json.loads(end(process)[0])["outcome"], (BUCKET / "again").read_bytes() == (HERE / "big").read_bytes())
    STORE.stop()
    told("copy", "big", "s3://data/never")
    STORE.start()


def rates():
    scene("rate")
    data("slow", 3_000_000)
    print("up:", summary("copy", "slow", "s3://data/slow", "--rate", "2MB/s")["seconds"] >= 1)
    print("down:", summary("copy", "s3://data/slow", "slow back", "--rate", "2MB/s")["seconds"] >= 1)


def damaged():
    scene("damaged in the store")
    for name, place in (("slow", 1_000_000), ("big", 50_000_000)):
        with open(BUCKET / name, "r+b") as file:
            file.seek(place)
            byte = file.read(1)
            file.seek(place)
            file.write(bytes([byte[0] ^ 1]))
        told("copy", f"s3://data/{name}", "damaged")
        print("nothing there:", not (HERE / "damaged").exists())
    (BUCKET / "a/tree/000/0003").write_text("shorter")
    told("copy", "s3://data/a/tree", "damaged", status=1)


def archives():
    scene("archive")
    shutil.copytree(HERE / "folder", HERE / "old", symlinks=True)
    print("up:", summary("archive", "old", "s3://data/old")["outcome"], (HERE / "old").exists())
    print("again:", summary("archive", "--again", "old", "s3://data/old")["was_there"])
    print("down:", summary("archive", "s3://data/old", "old")["outcome"], (BUCKET / "old/.wfr-manifest").exists())
    trees.same(HERE / "old", HERE / "folder")


def between():
    scene("between stores")
    STORE.log.write_text("")
    first = summary("copy", "s3://data/folder", "s3://data/second")
    asked = STORE.log.read_text()
    print("one store:", first["outcome"], first["files"] == asked.count("s3_CopyObject"), "fetched:", asked.count("s3_GetObject folder/0"))
    move("copy", "s3://data/second", "second")
    trees.same(HERE / "folder", HERE / "second")
    print("again:", summary("copy", "s3://data/folder", "s3://data/second", "--verify", "disk")["was_there"])
    (HERE / "folder/000/0001").write_text("newer")
    move("sync", "folder", "s3://data/folder", "--replace")
    print("sync:", summary("sync", "s3://data/folder", "s3://data/second", "--replace")["files"], (BUCKET / "second/000/0001").read_text())
    told("copy", "s3://data/folder", "s3://data/folder/in", status=5)
    told("copy", "s3://data/folder/000", "s3://data/folder", status=5)
    told("archive", "s3://data/folder", "s3://data/x", status=2)
    told("copy", "folder", "s3://data/x", "--from-profile", "there", status=2)
    other = s3_store.Store(HERE / "other").start()
    try:
        profile = "".join(f"{name.lower()} = {value}\n" for name, value in s3_store.KEYS.items())
        (HERE / "other.keys").write_text(f"[there]\nendpoint_url = http://127.0.0.1:{other.port}\n{profile.replace('aws_region', 'region')}")
        (HERE / "aside").mkdir()
        there = {"AWS_SHARED_CREDENTIALS_FILE": str(HERE / "other.keys"), "TMPDIR": str(HERE / "aside")}
        # Their object, without a word of ours, and a large one, and a tree.
        (BUCKET / "mixed").mkdir()
        (BUCKET / "mixed/theirs").write_text("theirs")
        move("copy", "folder", "s3://data/mixed/ours")
        up = summary("copy", "--to-profile", "there", "s3://data/mixed", "s3://data/mixed", **there)
        print("two stores:", up["outcome"], (other.root / "data/mixed/theirs").read_text(), up["files"])
        move("copy", "big", "s3://data/whole", "--replace")
        words = ("copy", "--to-profile", "there", "s3://data/whole", "s3://data/whole", "--part-size", "5MiB", "--threads", "2")
        process = start(*words, "--rate", "60MB/s", **there)
        until(lambda: len(parts(other)) >= 2, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        print("killed:", (other.root / "data/whole").exists(), len(os.listdir(HERE / "aside")))
        STORE.log.write_text("")
        kept = summary(*words, **there)["resumed"]["bytes"] // PART
        print("gone on with:", kept >= 2, "fetched again:", STORE.log.read_text().count("s3_GetObject whole"))
        print("whole:", (other.root / "data/whole").read_bytes() == (HERE / "big").read_bytes(), os.listdir(HERE / "aside"), parts(other))
        move("copy", "--from-profile", "there", "s3://data/whole", "whole", **there)
        print("back:", (HERE / "whole").read_bytes() == (HERE / "big").read_bytes())
    finally:
        other.stop()


class Page(socketserver.StreamRequestHandler):
    """What listens there is no store: it has a page for everybody, which is XML too."""

    def handle(self):
        while self.rfile.readline().strip():
            pass
        text = b"<html><body>It works</body></html>"
        self.wfile.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (len(text), text))


def signed(listener):
    """The same by TLS, with a certificate that nobody knows."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", HERE / "own.key", "-out", HERE / "own.pem",
                    "-days", "1", "-subj", "/CN=localhost"], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(HERE / "own.pem", HERE / "own.key")
    return context.wrap_socket(listener, server_side=True)


def words():
    scene("words")
    told("copy", "slow", "s3://nobody/x")
    told("copy", "s3://data/nothing", "x")
    told("copy", "slow", "s3://data/x", AWS_SECRET_ACCESS_KEY="no-secret")
    told("copy", "slow", "s3://data/x", AWS_REGION="eu-west-1")
    told("copy", "slow", "s3://data/x", AWS_ACCESS_KEY_ID="", HOME="/nowhere")
    told("copy", "slow", "s3://data/x", AWS_ENDPOINT_URL="http://127.0.0.1:1")
    told("copy", "slow", "s3://data/slow/", status=5)
    told("copy", "slow", "s3://", status=2)
    told("copi", "slow", "s3://data/x", status=2)
    told("ls", "s3://data/x", status=2)
    told("copy", "slow", "s3:/data/x", status=2)
    told("copy", "slow", "gs://data/x", status=2)
    told("copy", "slow", "s3://data/x", "--to-profile", "nobody", status=2)
    told("copy", "slow", "s3://data/x", AWS_ACCESS_KEY_ID="nobody")
    told("copy", "slow", "s3://data/x", AWS_ACCESS_KEY_ID="", AWS_PROFILE="nobody", HOME="/nowhere")
    told("copy", "slow", "s3://data/x", AWS_ENDPOINT_URL=f"https://127.0.0.1:{STORE.port}")
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Page) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        at = f"127.0.0.1:{page.server_address[1]}"
        for kind in ("http", "https"):
            if kind == "https":
                page.socket = signed(page.socket)
            print(move("copy", "s3://data/x", "y", status=1, AWS_ENDPOINT_URL=f"{kind}://{at}")[1].replace(at, "THERE"), end="")
        page.shutdown()
    listed = move("list", "s3://data/folder")[0].splitlines()
    print("listed:", listed[-1].split(), len(listed) == len(json.loads(move("list", "s3://data/folder", "--json")[0])))
    told("list", "s3://data/nothing")
    told("copy", "slow", "s3://data/x", "--replase", status=2)
    (BUCKET / "evil").mkdir()
    (BUCKET / "evil/.wfr-manifest").write_text("wfr-manifest 1\nl 0.000000000 /etc/passwd ../evil\n")
    told("copy", "s3://data/evil", "x", status=5)
    (BUCKET / "evil/.wfr-manifest").write_text("wfr-manifest 1\nl 0.000000000 .. up\nd 755 0.000000000 up/in\n")
    told("copy", "s3://data/evil", "x", status=5)
    (HERE / "keys").write_text("[default]\naws_access_key_id = no\n[tests]\n" + "".join(
        f"{name.lower()} = {value}\n" for name, value in s3_store.KEYS.items()))
    profile = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SHARED_CREDENTIALS_FILE": str(HERE / "keys"), "AWS_PROFILE": "tests"}
    print("profile:", json.loads(move("copy", "src/link", "s3://data/profile", "--json", **profile)[0])["outcome"])
    host = {"AWS_ENDPOINT_URL": f"http://localhost:{STORE.port}", "AWS_S3_ADDRESSING_STYLE": "virtual"}
    print("bucket in the host's name:", json.loads(move("copy", "s3://data/profile", "virtual", "--json", **host)[0])["outcome"])
    # Beside no such program.
    shutil.copy(WFR, HERE / "wfr")
    done = subprocess.run([HERE / "wfr", "move", "copy", "slow", "s3://data/x"], cwd=HERE, capture_output=True, check=False)
    print(done.returncode, done.stderr.decode().replace(str(HERE), "DIR"), end="")
    everything = b"".join(path.read_bytes() for path in HERE.rglob("*") if path.is_file() and "keys" not in path.name and path.stat().st_size < 10**6)
    print("the secret is nowhere:", s3_store.KEYS["AWS_SECRET_ACCESS_KEY"].encode() not in everything)


def main():
    STORE.start()
    try:
        for one in (copies, syncs, killed, away, rates, damaged, archives, between, words):
            one()
    finally:
        STORE.stop()


main()
