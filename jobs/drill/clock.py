"""A clock that can be put wrong for one process: a small library loaded before the C library's own.

What Atelier decides by the time of day it asks of Redis: tokens, leases, presence. So the drill puts Redis' clock
wrong, and nobody else's. Where there is no C compiler, there is no such trouble.
"""

from __future__ import annotations

import mmap
import shutil
import struct
import subprocess
from pathlib import Path

VARIABLE = "ATELIER_DRILL_CLOCK"
"""Names the file that holds by how many microseconds the clock is wrong."""

_SOURCE = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *shift_us;

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("ATELIER_DRILL_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *there = mmap(0, sizeof *shift_us, PROT_READ, MAP_SHARED, file, 0);
    if (there != MAP_FAILED) shift_us = there;
    close(file);
}

static int64_t shifted_ns(clockid_t which) {
    struct timespec now;
    syscall(SYS_clock_gettime, which, &now);
    int64_t ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    return ns + (shift_us ? *shift_us * 1000 : 0);
}

int clock_gettime(clockid_t which, struct timespec *out) {
    if (which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE) return syscall(SYS_clock_gettime, which, out);
    int64_t ns = shifted_ns(which);
    out->tv_sec = ns / 1000000000;
    out->tv_nsec = ns % 1000000000;
    return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    (void)zone;
    int64_t ns = shifted_ns(CLOCK_REALTIME);
    out->tv_sec = ns / 1000000000;
    out->tv_usec = ns % 1000000000 / 1000;
    return 0;
}

time_t time(time_t *out) {
    time_t now = shifted_ns(CLOCK_REALTIME) / 1000000000;
    if (out) *out = now;
    return now;
}
"""


class WrongClock:
    """By how much the clock of the processes with this `environment` is wrong."""

    def __init__(self, folder: Path, library: Path) -> None:
        self._path = folder / "clock"
        self._path.write_bytes(bytes(8))
        self.shift_s = 0.0
        self.environment = {"LD_PRELOAD": str(library), VARIABLE: str(self._path)}

    def jump(self, seconds: float) -> None:
        """Put the clock forward, or back."""
        self.shift_s += seconds
        with self._path.open("r+b") as file, mmap.mmap(file.fileno(), 8) as there:
            there[:] = struct.pack("<q", int(self.shift_s * 1e6))


def wrong_clock(folder: Path) -> WrongClock | None:
    """A clock to put wrong; None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(_SOURCE, encoding="utf-8")
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source)]
    made = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return WrongClock(folder, library) if made.returncode == 0 else None
