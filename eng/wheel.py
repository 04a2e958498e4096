"""Makes the Python wheel of what ``./build`` has made: ``wheel.py BUILT OUTPUT``.

The standard library only: no packages have to be installed, or downloaded, to build one (PEP 427, PEP 600).
"""

import base64
import hashlib
import os
import platform
import re
import struct
import sys
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NAME = "darter"

#: Libraries that every system of a manylinux policy has; whoever needs another one is no manylinux.
COMMON = {"libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0", "libgcc_s.so.1"} | {
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
}

#: What of the package goes into the wheel.
ENDINGS = (".py", ".typed", ".pyi", ".html", ".css", ".js")

SUMMARY = "A web server for Python applications"


def fail(message):
    sys.exit("wheel: " + message)


class Elf:
    """What a 64-bit little-endian ELF file needs of other libraries, from its dynamic section."""

    PT_LOAD, PT_DYNAMIC = 1, 2
    DT_NEEDED, DT_STRTAB, DT_VERNEED, DT_VERNEEDNUM = 1, 5, 0x6FFFFFFE, 0x6FFFFFFF

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        if self.data[:6] != b"\x7fELF\x02\x01":
            fail("{} is no 64-bit little-endian ELF file; is it the build of a debugger?".format(path))
        offset, = struct.unpack_from("<Q", self.data, 32)
        size, count = struct.unpack_from("<HH", self.data, 54)
        self.segments = [struct.unpack_from("<IIQQQQQQ", self.data, offset + i * size) for i in range(count)]
        self.entries = list(self._dynamic())

    def needed(self):
        """The libraries it is linked with."""
        return {self._text(value) for tag, value in self.entries if tag == self.DT_NEEDED}

    def versions(self):
        """The versions of symbols that it needs: pairs of library and version."""
        found = set()
        tags = dict(self.entries)
        at = self._offset(tags[self.DT_VERNEED]) if self.DT_VERNEED in tags else 0
        for _ in range(tags.get(self.DT_VERNEEDNUM, 0)):
            _, count, file, auxiliary, following = struct.unpack_from("<HHIII", self.data, at)
            aux = at + auxiliary
            for _ in range(count):
                _, _, _, name, next_aux = struct.unpack_from("<IHHII", self.data, aux)
                found.add((self._text(file), self._text(name)))
                aux += next_aux
            at += following
        return found

    def _dynamic(self):
        for kind, _, offset, _, _, size, _, _ in self.segments:
            if kind == self.PT_DYNAMIC:
                for at in range(offset, offset + size, 16):
                    tag, value = struct.unpack_from("<qQ", self.data, at)
                    if tag == 0:
                        return
                    yield tag, value

    def _offset(self, address):
        for kind, _, offset, virtual, _, size, _, _ in self.segments:
            if kind == self.PT_LOAD and virtual <= address < virtual + size:
                return offset + address - virtual
        fail("an address of the dynamic section is in no segment")

    def _text(self, index):
        start = self._offset(dict(self.entries)[self.DT_STRTAB]) + index
        return self.data[start : self.data.index(b"\0", start)].decode()


def platform_tag(files):
    """The oldest systems these files run on, by the newest symbol of the C library that they use."""
    machine = platform.machine()
    newest = (2, 17)
    for path in files:
        elf = Elf(path)
        foreign = elf.needed() - COMMON
        if foreign:
            print("wheel: {} needs {}: no manylinux".format(os.path.basename(path), ", ".join(sorted(foreign))), file=sys.stderr)
            return "linux_" + machine
        for library, version in elf.versions():
            match = re.match(r"GLIBC_(\d+)\.(\d+)", version)
            if match:
                newest = max(newest, (int(match.group(1)), int(match.group(2))))
            elif not re.match(r"GCC_[34]\.", version):
                print("wheel: {} needs {} of {}: no manylinux".format(os.path.basename(path), version, library), file=sys.stderr)
                return "linux_" + machine
    return "manylinux_{}_{}_{}".format(newest[0], newest[1], machine)


def version():
    with open(os.path.join(ROOT, "Directory.Build.props"), encoding="utf-8") as file:
        built = re.search(r"<Version>([^<]+)</Version>", file.read()).group(1)
    with open(os.path.join(ROOT, "python", NAME, "__init__.py"), encoding="utf-8") as file:
        stated = re.search(r'^__version__ = "([^"]+)"', file.read(), re.MULTILINE).group(1)
    if built != stated:
        fail("Directory.Build.props says version {}, the Python package {}".format(built, stated))
    return built


def metadata(number):
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        description = file.read()
    fields = [
        "Metadata-Version: 2.1",
        "Name: " + NAME,
        "Version: " + number,
        "Summary: " + SUMMARY,
        "License: MIT",
        "License-File: LICENSE",
        "Requires-Python: >=3.8",
        "Classifier: Development Status :: 3 - Alpha",
        "Classifier: License :: OSI Approved :: MIT License",
        "Classifier: Operating System :: POSIX :: Linux",
        "Classifier: Programming Language :: Python :: 3",
        "Classifier: Programming Language :: Python :: Implementation :: CPython",
        "Classifier: Topic :: Internet :: WWW/HTTP :: WSGI :: Server",
        "Classifier: Typing :: Typed",
        "Description-Content-Type: text/markdown",
    ]
    return "\n".join(fields) + "\n\n" + description


class Wheel:
    """The archive. The same content gives the same bytes: times are fixed, and the order."""

    TIME = (1980, 1, 1, 0, 0, 0)

    def __init__(self, path, information):
        self.archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.information = information
        self.records = []

    def add(self, name, data, executable=False):
        entry = zipfile.ZipInfo(name, self.TIME)
        entry.external_attr = (0o100755 if executable else 0o100644) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.archive.writestr(entry, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.records.append("{},sha256={},{}".format(name, digest, len(data)))

    def close(self):
        name = self.information + "/RECORD"
        self.records.append(name + ",,")
        entry = zipfile.ZipInfo(name, self.TIME)
        entry.external_attr = 0o100644 << 16
        self.archive.writestr(entry, "\n".join(self.records) + "\n")
        self.archive.close()


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def modules():
    """The files of the Python package, with those of the packages in it."""
    package = os.path.join(ROOT, "python", NAME)
    found = []
    for folder, folders, files in os.walk(package):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        found += [os.path.relpath(os.path.join(folder, name), os.path.dirname(package)) for name in sorted(files) if name.endswith(ENDINGS)]
    return found


def build(built, output):
    """Writes the wheel and returns its path."""
    programs = [("darter", True), ("libdarter.so", False)]
    for name, _ in programs:
        if not os.path.isfile(os.path.join(built, name)):
            fail("there is no {} in {}".format(name, built))
    if os.path.exists(os.path.join(built, "darter.dll")):
        fail("{} is not compiled to native code; run ./build".format(built))
    number = version()
    tag = "py3-none-" + platform_tag([os.path.join(built, name) for name, _ in programs])
    information = "{}-{}.dist-info".format(NAME, number)
    os.makedirs(output, exist_ok=True)
    path = os.path.join(output, "{}-{}-{}.whl".format(NAME, number, tag))
    wheel = Wheel(path + ".new", information)
    for name in modules():
        wheel.add(name, read(ROOT, "python", name))
    for name, executable in programs:
        wheel.add("{}/bin/{}".format(NAME, name), read(built, name), executable)
    wheel.add(information + "/LICENSE", read(ROOT, "LICENSE"))
    wheel.add(information + "/METADATA", metadata(number).encode())
    wheel.add(information + "/WHEEL", "Wheel-Version: 1.0\nGenerator: darter\nRoot-Is-Purelib: false\nTag: {}\n".format(tag).encode())
    wheel.add(information + "/entry_points.txt", b"[console_scripts]\ndarter = darter._command:main\n")
    wheel.close()
    os.replace(path + ".new", path)
    return path


if __name__ == "__main__":
    if len(sys.argv) != 3:
        fail("usage: wheel.py BUILT OUTPUT")
    print(build(sys.argv[1], sys.argv[2]))
