"""What a run has left, for both walks to compare."""
import hashlib
import os


def tree(folder):
    """Files and links below; lists of links lie in folders with a time in their names."""
    found = {}
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".wfr-list.")]
        for name in names + [name for name in folders if os.path.islink(os.path.join(top, name))]:
            path = os.path.join(top, name)
            if os.path.islink(path) and not os.readlink(path).startswith(".wfr-list."):
                found[os.path.relpath(path, folder)] = os.readlink(path)
            elif os.path.islink(path):
                found[os.path.relpath(path, folder)] = sorted((os.readlink(os.path.join(path, n)), n) for n in os.listdir(path))
            else:
                found[os.path.relpath(path, folder)] = hashlib.sha256(open(path, "rb").read()).hexdigest()
    return found
