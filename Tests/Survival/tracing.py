"""Runs a program under strace and gives its file operations, with all data, in order.

Only calls that change files or make them durable are followed. A call that this module cannot replay, on a file below
the folder, is an error: no operation goes unnoticed.
"""

import os
import re
import subprocess

CALLS = (
    "open openat creat close dup dup2 dup3 fcntl lseek write pwrite64 writev pwritev pwritev2 ftruncate truncate"
    " fallocate rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir"
    " fsync fdatasync sync syncfs msync mmap copy_file_range sendfile splice chdir fchdir"
).split()

LINE = re.compile(r"^(\d+)\s+(.*)$")
UNFINISHED = " <unfinished ...>"
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
CALL = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+|0x[0-9a-f]+|\?)", re.S)
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Unsupported(Exception):
    """A call that cannot be replayed."""


def record(command, folder, log):
    """Runs `command` in `folder` and returns its status and the lines of strace."""
    environment = dict(os.environ, WEFT_FILE_PROBE="off")
    result = subprocess.run(
        ["strace", "-f", "-xx", "-s", str(1 << 26), "-e", "trace=" + ",".join("?" + c for c in CALLS),
         "-e", "signal=none", "-o", log] + command,
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True)
    with open(log) as file:
        return result, list(_whole(file))


def _whole(lines):
    """Calls as `(process, text)`, those that were interrupted by other threads put together where they ended."""
    begun = {}
    for line in lines:
        match = LINE.match(line.rstrip("\n"))
        if not match:
            continue
        process, text = match.groups()
        if text.endswith(UNFINISHED):
            begun[process] = text[: -len(UNFINISHED)]
            continue
        resumed = RESUMED.match(text)
        if resumed:
            text = begun.pop(process) + resumed.group(2)
        if CALL.match(text):
            yield process, text


def _arguments(text):
    """Splits at the commas outside of quotes and brackets."""
    parts, depth, start, quoted = [], 0, 0, False
    for index, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif letter in "[{(":
            depth += 1
        elif letter in "]})":
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append(text[start:index].strip())
            start = index + 1
    return parts + [text[start:].strip()]


def _bytes(text):
    match = TEXT.match(text)
    if not match or text.endswith("..."):
        raise Unsupported("a text that strace cut: " + text[:80])
    return bytes.fromhex(match.group(1).replace("\\x", ""))


class Tracer:
    """Turns calls into operations on a `disk`, a `Disk`, calling `after` with each."""

    def __init__(self, disk, folder, after):
        self.disk, self.folder, self.after = disk, os.path.realpath(folder), after
        self.files = {}  # descriptor -> [inode or path of a folder, position, appends]

    def path(self, text, folder="AT_FDCWD"):
        """A path relative to the folder, or the inode of an open file; None outside of the folder."""
        name = os.fsdecode(_bytes(text))
        base = self.folder
        if folder != "AT_FDCWD" and not name.startswith("/"):
            opened = self.files.get(int(folder))
            if not opened or not isinstance(opened[0], str):
                return None
            base = os.path.join(self.folder, opened[0])
        match = re.fullmatch(r"/(?:proc/(?:self|\d+)|dev)/fd/(\d+)", name)
        if match:
            opened = self.files.get(int(match.group(1)))
            return opened[0] if opened else None
        path = os.path.normpath(os.path.join(base, name))
        if path == self.folder:
            return "."
        return path[len(self.folder) + 1:] if path.startswith(self.folder + "/") else None

    def operate(self, name, *arguments):
        getattr(self.disk, name)(*arguments)
        self.after(name, arguments)

    def run(self, calls):
        for _, text in calls:
            name, inside, result = CALL.match(text).groups()
            if result == "?" or result.startswith("-"):
                continue
            handle = getattr(self, "on_" + name, None)
            arguments = _arguments(inside)
            if handle:
                handle(arguments, int(result, 0))
            elif name in ("copy_file_range", "sendfile", "splice", "fallocate", "symlink", "symlinkat", "rmdir",
                          "fchdir", "chdir"):
                if name.startswith("sym") or "dir" in name or any(
                        a.isdigit() and int(a) in self.files for a in arguments):
                    raise Unsupported(text[:200])

    def on_open(self, a, result):
        self.open(self.path(a[0]), a[1], result)

    def on_openat(self, a, result):
        self.open(self.path(a[1], a[0]), a[2], result)

    def on_creat(self, a, result):
        self.open(self.path(a[0]), "O_WRONLY|O_CREAT|O_TRUNC", result)

    def open(self, path, flags, descriptor):
        self.files.pop(descriptor, None)
        if path is None:
            return
        flags = flags.split("|")
        if "O_TMPFILE" in flags:
            self.files[descriptor] = [self.disk.new_inode(), 0, False]
            return
        known = self.disk.names.get(path) if isinstance(path, str) else path
        if path == "." or known == "folder" or "O_DIRECTORY" in flags:
            self.files[descriptor] = [path, 0, False]
            return
        if known is None:
            if "O_CREAT" not in flags:
                return  # Not a file of the run.
            known = self.disk.new_inode()
            self.operate("link", known, path)
        elif "O_TRUNC" in flags and self.disk.inodes[known].data:
            self.operate("truncate", known, 0)
        self.files[descriptor] = [known, 0, "O_APPEND" in flags]

    def on_close(self, a, _):
        self.files.pop(int(a[0]), None)

    def duplicate(self, a, result):
        if int(a[0]) in self.files:
            self.files[result] = self.files[int(a[0])]
        else:
            self.files.pop(result, None)

    on_dup = on_dup2 = on_dup3 = duplicate

    def on_fcntl(self, a, result):
        if a[1].startswith("F_DUPFD"):
            self.duplicate(a, result)

    def on_lseek(self, a, result):
        if int(a[0]) in self.files:
            self.files[int(a[0])][1] = result

    def file(self, descriptor):
        opened = self.files.get(int(descriptor))
        return opened if opened and not isinstance(opened[0], str) else None

    def on_write(self, a, result):
        opened = self.file(a[0])
        if not opened or result == 0:
            return
        if opened[2]:
            opened[1] = len(self.disk.inodes[opened[0]].data)
        self.operate("write", opened[0], opened[1], _bytes(a[1])[:result])
        opened[1] += result

    def on_pwrite64(self, a, result):
        opened = self.file(a[0])
        if opened and result:
            self.operate("write", opened[0], int(a[3], 0), _bytes(a[1])[:result])

    def on_writev(self, a, result):
        if self.file(a[0]):
            data = b"".join(bytes.fromhex(m.replace("\\x", "")) for m in TEXT.findall(a[1]))
            self.on_write([a[0], '"' + "".join("\\x%02x" % b for b in data) + '"'], result)

    def vectored(self, a, _):
        if self.file(a[0]):
            raise Unsupported("pwritev")

    on_pwritev = on_pwritev2 = vectored

    def on_ftruncate(self, a, _):
        opened = self.file(a[0])
        if opened:
            self.operate("truncate", opened[0], int(a[1], 0))

    def on_truncate(self, a, _):
        path = self.path(a[0])
        if path in self.disk.names:
            self.operate("truncate", self.disk.names[path], int(a[1], 0))

    def rename(self, old, new):
        if (old is None) != (new is None):
            raise Unsupported("a file that is moved out of the folder or into it")
        if old in self.disk.names:
            self.operate("rename", old, new)

    def on_rename(self, a, _):
        self.rename(self.path(a[0]), self.path(a[1]))

    def on_renameat(self, a, _):
        self.rename(self.path(a[1], a[0]), self.path(a[3], a[2]))

    def on_renameat2(self, a, result):
        if a[4] not in ("0", "RENAME_NOREPLACE"):
            raise Unsupported("renameat2 with " + a[4])
        self.on_renameat(a, result)

    def link(self, old, new):
        inode = self.disk.names.get(old) if isinstance(old, str) else old
        if inode is not None and new is not None:
            self.operate("link", inode, new)

    def on_link(self, a, _):
        self.link(self.path(a[0]), self.path(a[1]))

    def on_linkat(self, a, _):
        if "AT_EMPTY_PATH" in a[4]:
            opened = self.file(a[0])
            self.link(opened[0] if opened else None, self.path(a[3], a[2]))
        else:
            self.link(self.path(a[1], a[0]), self.path(a[3], a[2]))

    def unlink(self, path):
        if path in self.disk.names:
            self.operate("unlink", path)

    def on_unlink(self, a, _):
        self.unlink(self.path(a[0]))

    def on_unlinkat(self, a, _):
        self.unlink(self.path(a[1], a[0]))

    def mkdir(self, path):
        if path is not None:
            self.operate("mkdir", path)

    def on_mkdir(self, a, _):
        self.mkdir(self.path(a[0]))

    def on_mkdirat(self, a, _):
        self.mkdir(self.path(a[1], a[0]))

    def on_fsync(self, a, _):
        opened = self.files.get(int(a[0]))
        if opened:
            self.operate("sync_folder" if isinstance(opened[0], str) else "sync", opened[0])

    on_fdatasync = on_fsync

    def on_sync(self, a, _):
        self.operate("sync_all")

    on_syncfs = on_sync

    def on_mmap(self, a, _):
        if "MAP_SHARED" in a[3] and "PROT_WRITE" in a[2] and a[4].isdigit() and self.file(a[4]):
            raise Unsupported("a file that is written through memory")
