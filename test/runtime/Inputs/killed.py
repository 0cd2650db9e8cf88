"""killed.py WFR: starts the artifacts `hangs` as the run `killed`, and kills the controller, and nothing else, once the last body is at work."""
import glob
import signal
import subprocess
import sys
import time

process = subprocess.Popen([sys.argv[1], "start", "hangs", "--run", "killed", "--wait"],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
while not any(open(log).read() for log in glob.glob("killed/logs/rest/*")):
    time.sleep(0.1)
process.send_signal(signal.SIGKILL)
process.wait()
