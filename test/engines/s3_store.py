"""s3_store.py DIR COMMAND…: the object store of test/engines/s3 while a command runs. As a module: starts, stops, kills it."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

KEYS = {"AWS_ACCESS_KEY_ID": "wfc-test", "AWS_SECRET_ACCESS_KEY": "wfc-test-secret", "AWS_REGION": "us-east-1"}


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def built(version):
    script, environment = pathlib.Path(__file__).parent / "s3", {**os.environ, "VERSITYGW": version}
    return subprocess.run([script, "build"], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip() + "/versitygw"


class Store:
    """Buckets are folders of `root`, objects files in them; what the store knows of them besides lies in a folder of its own."""

    def __init__(self, folder, version=""):
        self.program, self.folder = built(version), pathlib.Path(folder).absolute()
        self.root, self.log = self.folder / "buckets", self.folder / "access.log"
        (self.root / "data").mkdir(parents=True, exist_ok=True)
        (self.folder / "metadata").mkdir(exist_ok=True)
        self.port = self.process = None

    def start(self):
        """On the same port again, once it has one."""
        for _ in range(20):
            port = self.port or free_port()
            with open(self.folder / "server.log", "ab") as log:
                # Of a session of its own: it is ended by nobody else. Nothing of the caller's environment is its business.
                self.process = subprocess.Popen(
                    [self.program, "--port", f"127.0.0.1:{port}", "--region", KEYS["AWS_REGION"], "--access-log", self.log,
                     "--virtual-domain", f"localhost:{port}", "posix", "--sidecar", self.folder / "metadata", self.root],
                    env={"PATH": os.environ["PATH"], "ROOT_ACCESS_KEY": KEYS["AWS_ACCESS_KEY_ID"],
                         "ROOT_SECRET_KEY": KEYS["AWS_SECRET_ACCESS_KEY"]},
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
            if self.answers(port):
                self.port = port
                return self
            self.stop()
        raise SystemExit("the object store does not come up:\n" + (self.folder / "server.log").read_text(errors="replace")[-2000:])

    def answers(self, port):
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                # It may be somebody else's, and ours about to end because of it.
                time.sleep(0.1)
                return self.process.poll() is None
            except OSError:
                time.sleep(0.05)
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return {**kept, **KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}", **more}


def main():
    store = Store(sys.argv[1]).start()
    try:
        return subprocess.run(sys.argv[2:], env=store.environment(), check=False).returncode
    finally:
        store.stop()


if __name__ == "__main__":
    sys.exit(main())
