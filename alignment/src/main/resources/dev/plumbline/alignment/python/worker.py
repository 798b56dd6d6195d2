"""Runs blocks of code for Plumbline: a line of JSON with all blocks of a solution in, a line with what the last one did out.

Three processes, of which only the last runs code of a model:

- the worker speaks with Plumbline, on descriptors that the others do not have; an answer repeats the number and the nonce
  of its question, which the others never hold, as the keeper is forked before the question is read;
- a keeper for each solution measures processor time, ends what outlives the solution, and tells the worker how it ended;
- the solution has no descriptor to anybody: it leaves what it printed in memory that it shares with its keeper.

Where the kernel lets it, the solution has process ids of its own, so that it can signal nobody else. Files and network are open.
"""
import io
import json
import mmap
import os
import resource
import signal
import sys
import time
import traceback

try:
    import ctypes

    LIBC = ctypes.CDLL(None, use_errno=True)
except (ImportError, OSError):
    LIBC = None

DEADLINE, MOST_OUTPUT, MEMORY = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) << 20
MOST_PROCESSES = 64
MOST_FILE = 1 << 20
MOST_PRINTED = 1 << 16
BACKSTOP = 8  # wall time by processor time: what sleeps or waits ends, too
PDEATHSIG, DUMPABLE, SUBREAPER = 1, 4, 36  # of prctl
NEW_USER, NEW_PID = 0x10000000, 0x20000000  # of unshare
OK, ERROR, NO_MEMORY = 1, 2, 3  # 0 = no answer
LATE = 3  # exit status of a first process whose solution used up its processor time
TICK = os.sysconf("SC_CLK_TCK")


def prctl(option, value):
    if LIBC is not None:
        LIBC.prctl(option, value, 0, 0, 0)


# ---- the solution


class Printed(io.TextIOBase):
    """Keeps the first characters and drops the rest, so that printing for ever needs no memory."""

    def __init__(self):
        super().__init__()
        self.parts = []
        self.room = MOST_PRINTED

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError("write() argument must be str, not " + type(text).__name__)
        if self.room > 0 and text:
            self.parts.append(text[: self.room])
            self.room -= len(text)
        return len(text)

    def clear(self):
        self.parts.clear()
        self.room = MOST_PRINTED

    def text(self):
        return "".join(self.parts)


def bounds(blocks):
    seconds = int(DEADLINE * max(1, blocks)) + 2  # the keeper is more exact, but may be starved
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE, MOST_FILE))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open("/proc/loadavg") as f:
            there = int(f.read().split()[3].split("/")[1])
        resource.setrlimit(resource.RLIMIT_NPROC, (there + MOST_PROCESSES,) * 2)
    except (OSError, ValueError, IndexError):
        pass  # the keeper counts


def solve(blocks, shared):
    """Runs the blocks and leaves status and text in the shared memory. Every name that is needed afterwards is bound here,
    out of the reach of code that changes modules."""
    me, getpid, leave, shown, most = os.getpid(), os.getpid, os._exit, traceback.format_exception_only, MOST_OUTPUT
    size = len
    out = Printed()
    names = {"__name__": "__main__"}
    status = OK
    failure = ""
    for block in blocks:
        out.clear()
        sys.stdout = sys.stderr = out
        status, failure = OK, ""
        try:
            run_block(block, names)
        except MemoryError:
            status = NO_MEMORY
        except BaseException as error:
            if getpid() != me:
                leave(1)
            status = ERROR
            try:
                failure = "".join(shown(type(error), error))
            except BaseException:
                failure = "an exception that cannot be shown"
    if getpid() != me:
        leave(0)  # a copy that the code made
    try:
        text = (Printed.text(out) + failure).strip()[:most].encode("utf-8", "replace")
        shared[8 : 8 + size(text)] = text
        shared[4:8] = size(text).to_bytes(4, "little")
    except MemoryError:
        status = NO_MEMORY
    shared[0] = status
    leave(0)


# ---- the keeper


def processes():
    """All processes that can be seen: id to parent and ticks of processor time."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name) as f:
                    fields = f.read().rpartition(")")[2].split()
                found[int(name)] = (int(fields[1]), fields[0], sum(map(int, fields[11:15])))
            except (OSError, ValueError, IndexError):
                pass  # it has just ended
    return found


def descendants(all_processes):
    children = {}
    for pid, (parent, _, _) in all_processes.items():
        children.setdefault(parent, []).append(pid)
    below, todo = [], [os.getpid()]
    while todo:
        more = children.get(todo.pop(), [])
        below += more
        todo += more
    return below


def send(pid, number):
    try:
        os.kill(pid, number)
    except OSError:
        pass


def end_all(solution=0):
    """Kills a solution: its namespace ends with its first process, its group at once. Then stops and kills everything else
    below this process; what loses its parent falls to this one, which is a subreaper, so that it has children as long as
    anything is left."""
    if solution:
        send(solution, signal.SIGKILL)
        try:
            os.killpg(solution, signal.SIGKILL)
        except OSError:
            pass
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        try:
            for pid in descendants(processes()):
                send(pid, signal.SIGSTOP)
            for pid in descendants(processes()):
                send(pid, signal.SIGKILL)
        except OSError:
            return  # no /proc
        time.sleep(0.002)


def own_ids():
    """Gives the children of this process ids of their own, if the kernel lets it."""
    if LIBC is None or LIBC.unshare(NEW_PID) == 0:
        return LIBC is not None
    user, group = os.getuid(), os.getgid()
    if LIBC.unshare(NEW_USER | NEW_PID) != 0:
        return False
    prctl(DUMPABLE, 1)  # or its own files are root's
    for name, text in (("setgroups", "deny"), ("uid_map", "%d %d 1" % (user, user)), ("gid_map", "%d %d 1" % (group, group))):
        try:
            with open("/proc/self/" + name, "w") as f:
                f.write(text)
        except OSError:
            pass  # the ids show as nobody's
    prctl(DUMPABLE, 0)
    return True


def first_process(blocks, shared):
    """With ids of its own, a solution must not be the first process, which signals spare; everything ends with that one."""
    solution = os.fork()
    if solution == 0:
        prctl(PDEATHSIG, signal.SIGKILL)
        bounds(len(blocks))
        solve(blocks, shared)
    while True:
        pid, ended = os.wait()
        if pid == solution:
            late = os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGXCPU
            os._exit(LATE if late else 0)


def start(blocks, shared, apart):
    child = os.fork()
    if child:
        return child
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    os.setsid()
    os.closerange(3, 4096)
    if apart:
        first_process(blocks, shared)
    prctl(PDEATHSIG, signal.SIGKILL)
    bounds(len(blocks))
    solve(blocks, shared)


def watch(child, blocks):
    """Waits for the solution; why it was stopped, or an empty text."""
    allowed = DEADLINE * max(1, blocks)
    begun = time.monotonic()
    last = 0  # the most that was seen: the time of children that nobody waited for is lost
    pause = 0.05
    while True:
        signal.sigtimedwait([signal.SIGCHLD], pause)
        ended = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)  # its id stays its own until end_all
        if ended:
            late = ended.si_status == (LATE if ended.si_code == os.CLD_EXITED else signal.SIGXCPU)
            return "late" if late else ""
        all_processes = processes()
        below = descendants(all_processes)
        last = max(last, sum(all_processes[p][2] for p in below) / TICK)
        if last > allowed or time.monotonic() - begun > BACKSTOP * allowed:
            return "late"
        if len(below) > MOST_PROCESSES:
            return "many"
        pause = min(0.25, 2 * pause, max(0.05, (allowed - last) / 8))


def keep(questions, answers):
    """One solution."""
    prctl(SUBREAPER, 1)
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    with os.fdopen(questions) as f:
        blocks = json.loads(f.read() or "null")
    if blocks is None:
        os._exit(0)  # the worker has ended
    shared = mmap.mmap(-1, 8 + 4 * MOST_OUTPUT)
    solution = start(blocks, shared, own_ids())
    why = watch(solution, len(blocks))
    status, size = shared[0], int.from_bytes(shared[4:8], "little")
    end_all(solution)
    answer = {"output": "MemoryError", "status": "KILLED"}
    if why == "late":
        answer = {"output": "TimeoutError: stopped after %g s" % DEADLINE, "status": "TIMEOUT"}
    elif why == "many":
        answer["output"] = "stopped at %d processes" % MOST_PROCESSES
    elif status in (OK, ERROR):
        text = shared[8 : 8 + min(size, 4 * MOST_OUTPUT)].decode("utf-8", "replace")
        answer = {"output": text or "<empty_execution>", "status": "OK" if status == OK else "ERROR"}
    with os.fdopen(answers, "w") as f:
        f.write(json.dumps(answer))
    os._exit(0)


# ---- the worker


def keeper(mine):
    """Forks a keeper, which has none of the worker's descriptors; its id, where to ask it, where it answers."""
    ask_read, ask = os.pipe()
    answer, answer_write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(ask_read)
        os.close(answer_write)
        return pid, ask, answer
    for fd in mine + (ask, answer):
        os.close(fd)
    prctl(PDEATHSIG, signal.SIGKILL)
    try:
        keep(ask_read, answer_write)
    finally:
        os._exit(1)


def line_of(fd, rest):
    while b"\n" not in rest:
        more = os.read(fd, 1 << 16)
        if not more:
            return None, b""
        rest += more
    line, _, rest = rest.partition(b"\n")
    return line, rest


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data) :]


def main():
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    prctl(SUBREAPER, 1)
    prctl(DUMPABLE, 0)
    mine = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.close(null)
    rest = b""
    write_all(mine[1], b'{"ready":true}\n')
    while True:
        pid, ask, answer = keeper(mine)
        line, rest = line_of(mine[0], rest)
        if line is None:
            os.close(ask)
            return
        question = json.loads(line)
        try:
            write_all(ask, json.dumps(question["blocks"]).encode())
        except OSError:
            pass  # it was killed: no answer comes
        os.close(ask)
        with os.fdopen(answer, errors="replace") as f:
            text = f.read()
        os.waitpid(pid, 0)
        try:
            found = json.loads(text)
        except ValueError:
            found = {"output": "the process ended without an answer", "status": "KILLED"}
        end_all()
        found.update(number=question["number"], nonce=question["nonce"])
        write_all(mine[1], json.dumps(found).encode() + b"\n")


main()
