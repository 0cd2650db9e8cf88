#!/usr/bin/env python3
"""Types into real shells, on a terminal of their own, and says what the line is after Tab.

    tab.py PREFIX SHELL LINE…     as installed below PREFIX; run in the folder where LINE would be typed

After Tab the cursor goes to the front of the line, where `echo =` makes of it words that the shell prints. Several words that fit are
listed by no Tab: they show as the longest common one.
"""

import os
import pty
import re
import select
import shutil
import sys
import tempfile
import time

LIMIT = 60


def start(shell, prefix, home):
    share = f"{prefix}/share"
    env = {"PATH": f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": home, "TERM": "dumb", "LC_ALL": "C.UTF-8", "TZ": "UTC",
           "XDG_DATA_DIRS": f"{share}:/usr/local/share:/usr/share", "XDG_CONFIG_HOME": home, "XDG_DATA_HOME": home,
           "XDG_CACHE_HOME": home, "PS1": "ready> "}
    if shell == "bash":
        command = ["bash", "--norc", "--noprofile", "-i"]
        first = "source /usr/share/bash-completion/bash_completion"
    elif shell == "zsh":
        command = ["zsh", "-f", "-i"]
        first = f"fpath=({share}/zsh/site-functions $fpath); autoload -U compinit; compinit -u -D; unsetopt zle_bracketed_paste; PS1='ready> '"
    else:
        command = ["fish", "--private", "-i"]
        first = "function fish_prompt; echo 'ready> '; end; function fish_greeting; end; set -g fish_autosuggestion_enabled 0"
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], command, env)
    return child, terminal, first


def until(terminal, pattern, seen=""):
    """Reads until the pattern is there; the match."""
    end = time.time() + LIMIT
    while time.time() < end:
        if found := re.search(pattern, seen):
            return found
        if select.select([terminal], [], [], 1)[0]:
            try:
                seen += os.read(terminal, 65536).decode("utf-8", "replace")
            except OSError:
                break
    sys.exit(f"the shell did not answer; seen: {seen!r}")


def main():
    prefix, shell, *lines = sys.argv[1:]
    home = tempfile.mkdtemp()
    child, terminal, first = start(shell, prefix, home)
    try:
        # The mark is not in what is typed, so its echo is not taken for it.
        os.write(terminal, f"{first}; echo be''gun\r".encode())
        until(terminal, r"begun\s")
        for number, line in enumerate(lines):
            os.write(terminal, f"{line}\t\x01echo '<'{number}: \x05 '>'\r".encode())
            found = until(terminal, rf"<{number}: (.*?)\s*>")
            print(f"{shell}: {found.group(1)}", flush=True)
    finally:
        os.write(terminal, b"\x15exit\r")
        os.close(terminal)
        os.kill(child, 9)
        os.waitpid(child, 0)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
