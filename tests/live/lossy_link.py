# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad line: two network namespaces, a TUN device in each, and a process between them that holds back
each packet for a while and loses some. Needs root, not the kernel's netem. Knows nothing of IMAP."""

import ctypes
import fcntl
import heapq
import os
import random
import select
import socket
import struct
import subprocess
import time

from dovecot import Missing, find_program

NEWNET = 0x40000000
TUNSETIFF, TUN_WITHOUT_HEAD = 0x400454CA, 0x1001
SERVER, CLIENT, DEAD = "10.66.0.1", "10.66.0.2", "10.66.0.9"


def enter_new_network():
    """The calling process gets a network of its own, with nothing but loopback."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEWNET) != 0:
        raise Missing(f"no network of its own: {os.strerror(ctypes.get_errno())}")
    subprocess.run([find_program("ip"), "link", "set", "lo", "up"], check=True)


def open_tun(address):
    try:
        fd = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"line0", TUN_WITHOUT_HEAD))
    except OSError as error:
        raise Missing(f"no TUN device: {error}") from None
    for words in (["addr", "add", f"{address}/24", "dev", "line0"], ["link", "set", "line0", "up"]):
        subprocess.run([find_program("ip"), *words], check=True)
    return fd


def carry(one, other, delay, loss):
    """Packets to and fro, for ever. To the dead address nothing is ever delivered, nor refused."""
    dice = random.Random(1)
    other_of = {one: other, other: one}
    dead = socket.inet_aton(DEAD)
    waiting, number = [], 0
    for fd in other_of:
        os.set_blocking(fd, False)
    while True:
        left = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        for fd in select.select([one, other], [], [], left)[0]:
            for _ in range(64):
                try:
                    packet = os.read(fd, 65536)
                except BlockingIOError:
                    break
                if packet[16:20] != dead and dice.random() >= loss:
                    number += 1
                    heapq.heappush(waiting, (time.monotonic() + delay, number, other_of[fd], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, fd, packet = heapq.heappop(waiting)
            try:
                os.write(fd, packet)
            except OSError:
                pass


def fork(work):
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            status = work() or 0
        finally:
            os._exit(status)
    return pid


def across(server, client, delay, loss):
    """In the calling process, which must have a network of its own: opens the line and calls server();
    client() runs at the other end, in another process. Its exit status."""
    ours, theirs = socket.socketpair()
    near = open_tun(SERVER)
    server()

    def at_the_other_end():
        enter_new_network()
        socket.send_fds(theirs, [b"tun"], [open_tun(CLIENT)])
        return client()

    runner = fork(at_the_other_end)
    far = socket.recv_fds(ours, 10, 1)[1][0]
    carrier = fork(lambda: carry(near, far, delay, loss))
    try:
        return os.waitstatus_to_exitcode(os.waitpid(runner, 0)[1])
    finally:
        os.kill(carrier, 9)
        os.waitpid(carrier, 0)
