"""What a disk may hold after a power failure.

Contents of a file are durable once the file was synced, and names once their folder was synced; everything later may be
lost, in part and in any order. That is more than any one file system does: ext4 keeps names in order, for instance.
"""

import hashlib
import os
import random

SECTOR = 512


class Inode:
    """A file: its bytes now, those on disk for certain, and the changes since."""

    def __init__(self, data=b""):
        self.data, self.durable, self.pending = bytearray(data), bytes(data), []

    def change(self, change):
        self.pending.append(change)
        _apply(self.data, change)


def _apply(data, change):
    """A change is an offset with bytes, or None with a size."""
    offset, content = change
    if offset is None:
        del data[content:]
        data.extend(bytes(content - len(data)))
        return
    data.extend(bytes(max(0, offset - len(data))))
    data[offset:offset + len(content)] = content


class Disk:
    """Names and files below a folder, during a run."""

    def __init__(self, files=None):
        self.inodes, self.names, self.durable_names, self.pending_names = [], {}, {}, []
        for path, data in (files or {}).items():
            self.inodes.append(Inode(data or b""))
            self.names[path] = "folder" if data is None else len(self.inodes) - 1
        self.durable_names = dict(self.names)

    def new_inode(self):
        self.inodes.append(Inode())
        return len(self.inodes) - 1

    def write(self, inode, offset, data):
        self.inodes[inode].change((offset, bytes(data)))

    def truncate(self, inode, size):
        self.inodes[inode].change((None, size))

    def _rename(self, change):
        self.pending_names.append(change)
        _apply_name(self.names, change)

    def link(self, inode, path):
        self._rename((None, path, inode))

    def mkdir(self, path):
        self._rename((None, path, "folder"))

    def unlink(self, path):
        self._rename((path, None, None))

    def rename(self, old, new):
        self._rename((old, new, self.names[old]))

    def sync(self, inode):
        file = self.inodes[inode]
        file.durable, file.pending = bytes(file.data), []

    def sync_folder(self, path):
        rest = []
        for change in self.pending_names:
            if path in [os.path.dirname(name) or "." for name in change[:2] if name]:
                _apply_name(self.durable_names, change)
            else:
                rest.append(change)
        self.pending_names = rest

    def sync_all(self):
        for inode in range(len(self.inodes)):
            self.sync(inode)
        self.durable_names, self.pending_names = dict(self.names), []

    def durable_files(self):
        """Contents by path of what no failure can take away."""
        return self._files(self.durable_names, lambda inode: inode.durable)

    def states(self, seed):
        """Possible contents by path, with the name of each kind; the value None is a folder."""
        chance = random.Random(seed)

        def some_names():
            names = dict(self.durable_names)
            for change in self.pending_names:
                if chance.random() < 0.5:
                    _apply_name(names, change)
            return names

        def first_names():
            names = dict(self.durable_names)
            for change in self.pending_names[:chance.randrange(len(self.pending_names) + 1)]:
                _apply_name(names, change)
            return names

        kinds = {
            "killed": (lambda: self.names, lambda inode: inode.data),
            "lost": (lambda: self.durable_names, lambda inode: inode.durable),
            "names first": (lambda: self.names, lambda inode: inode.durable),
            "data first": (lambda: self.durable_names, lambda inode: inode.data),
            "zeros": (lambda: self.names, lambda inode: _filled(inode, bytes)),
            "garbage": (lambda: self.names, lambda inode: _filled(inode, chance.randbytes)),
            "torn at a byte": (lambda: self.names, lambda inode: _torn(inode, chance, 1, False)),
            "torn at a sector": (lambda: self.names, lambda inode: _torn(inode, chance, SECTOR, False)),
            "torn, then zeros": (lambda: self.names, lambda inode: _torn(inode, chance, 1, True)),
            "some sectors": (lambda: self.names, lambda inode: _lottery(inode, chance)),
            "some writes": (lambda: self.names, lambda inode: _subset(inode, chance)),
            "first names": (first_names, lambda inode: inode.durable),
            "some names": (some_names, lambda inode: inode.data),
            "anything": (some_names, lambda inode: chance.choice(
                [lambda: inode.data, lambda: inode.durable, lambda: _filled(inode, bytes),
                 lambda: _filled(inode, chance.randbytes), lambda: _torn(inode, chance, 1, False),
                 lambda: _lottery(inode, chance), lambda: _subset(inode, chance)])()),
        }
        for kind, (names, data) in kinds.items():
            yield kind, self._files(names(), data)

    def _files(self, names, data):
        files = {}
        contents = {}  # Names of the same file have the same contents.
        for path in sorted(names):
            parent = os.path.dirname(path)
            if parent and names.get(parent) != "folder":
                continue
            inode = names[path]
            if inode == "folder":
                files[path] = None
                continue
            if inode not in contents:
                contents[inode] = bytes(data(self.inodes[inode]))
            files[path] = contents[inode]
        return files


def _apply_name(names, change):
    old, new, inode = change
    names.pop(old, None)
    if new is not None:
        names[new] = inode


def _filled(inode, fill):
    """The size is on disk, what was written is not."""
    data = bytearray(inode.durable)
    for offset, content in inode.pending:
        _apply(data, (offset, content if offset is None else fill(len(content))))
    return data


def _torn(inode, chance, unit, keeps_size):
    """Changes up to one of them, which is incomplete."""
    data = bytearray(inode.durable)
    if inode.pending:
        last = chance.randrange(len(inode.pending))
        for change in inode.pending[:last]:
            _apply(data, change)
        offset, content = inode.pending[last]
        if offset is not None:
            cut = (offset + chance.randrange(len(content) + 1)) // unit * unit - offset
            _apply(data, (offset, content[:max(0, cut)]))
    if keeps_size and len(data) < len(inode.data):
        data.extend(bytes(len(inode.data) - len(data)))
    return data


def _lottery(inode, chance):
    """Of the sectors that differ, some are the new ones."""
    if not inode.pending:
        return inode.durable
    old = inode.durable[:len(inode.data)].ljust(len(inode.data), b"\0")
    return b"".join(
        (inode.data if chance.random() < 0.5 else old)[start:start + SECTOR]
        for start in range(0, len(inode.data), SECTOR))


def _subset(inode, chance):
    data = bytearray(inode.durable)
    for change in inode.pending:
        if chance.random() < 0.5:
            _apply(data, change)
    return data


def digest(files):
    hashed = hashlib.sha256()
    for path in sorted(files):
        data = files[path]
        hashed.update(f"{path}\0{'folder' if data is None else len(data)}\0".encode())
        hashed.update(data or b"")
    return hashed.hexdigest()
