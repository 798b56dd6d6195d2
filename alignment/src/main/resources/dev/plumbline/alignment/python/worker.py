"""Runs blocks of code for Plumbline: a line of JSON with all blocks of a solution in, a line with what the last one did out.

Four processes, of which only the last runs code of a model:

- the worker speaks with Plumbline, on descriptors that the others do not have; an answer repeats the number and the nonce
  of its question, which the others never hold: a keeper is forked before the question is read, and is sent the blocks only;
- the keeper measures processor time and tells the worker how a solution ended; after one that it had to stop, it ends with
  everything below it, and the worker forks another;
- the parent of the solutions forks each of them, waits for it, and ends what outlives it;
- the solution has no descriptor to anybody: it leaves what it printed in memory that it shares with the keeper.

Where the kernel lets it, the parent and the solutions have process ids of their own, so that a solution can signal nobody
else, and its parent is the first process, which signals spare. Files and network are open.
"""
import io
import json
import mmap
import os
import resource
import select
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
LATE, ENDED = b"L", b"E"  # how a solution ended: its processor time was used up, or otherwise
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


def bounds(blocks, there):
    """Limits this process; there: how many processes the machine has now."""
    seconds = int(DEADLINE * max(1, blocks)) + 2  # the keeper is more exact, but may be starved
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_FILE, MOST_FILE))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if there:  # or the keeper counts
        try:
            resource.setrlimit(resource.RLIMIT_NPROC, (there + MOST_PROCESSES,) * 2)
        except (OSError, ValueError):
            pass



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


def stat(pid):
    """The parent of a process, and the ticks of processor time that it and those that it waited for have used."""
    with open("/proc/%s/stat" % pid) as f:
        fields = f.read().rpartition(")")[2].split()
    return int(fields[1]), sum(map(int, fields[11:15]))


def processes():
    """All processes that can be seen: id to parent and ticks of processor time."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                found[int(name)] = stat(name)
            except (OSError, ValueError, IndexError):
                pass  # it has just ended
    return found


def descendants(all_processes):
    children = {}
    for pid, (parent, _) in all_processes.items():
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
        return
    user, group = os.getuid(), os.getgid()
    if LIBC.unshare(NEW_USER | NEW_PID) != 0:
        return
    prctl(DUMPABLE, 1)  # or its own files are root's
    for name, text in (("setgroups", "deny"), ("uid_map", "%d %d 1" % (user, user)), ("gid_map", "%d %d 1" % (group, group))):
        try:
            with open("/proc/self/" + name, "w") as f:
                f.write(text)
        except OSError:
            pass  # the ids show as nobody's
    prctl(DUMPABLE, 0)


def wait_for_all():
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass


def parent(commands, state, shared):
    """Runs one solution after another, which come as lines, and reports on each when nothing of it is left."""
    first = os.getpid() == 1  # of process ids of its own, which end with it
    prctl(SUBREAPER, 1)
    rest = b""
    while True:
        line, rest = line_of(commands, rest)
        if line is None:
            os._exit(0)
        there, blocks = json.loads(line)
        solution = os.fork()
        if solution == 0:
            os.setsid()
            os.closerange(3, 4096)
            if not first:
                prctl(PDEATHSIG, signal.SIGKILL)
            bounds(len(blocks), there)
            solve(blocks, shared)
        ended = os.waitid(os.P_PID, solution, os.WEXITED | os.WNOWAIT)  # its id stays its own until end_all
        if first:
            send(-1, signal.SIGKILL)
            wait_for_all()
        else:
            end_all(solution)
        late = ended.si_code != os.CLD_EXITED and ended.si_status == signal.SIGXCPU
        os.write(state, LATE if late else ENDED)


def used(child):
    """Ticks of processor time that a child and those that it waited for have used; 0 if that cannot be seen."""
    try:
        return stat(child)[1]
    except (OSError, ValueError, IndexError):
        return 0


def running():
    """How many processes the machine has; 0 if that cannot be seen."""
    try:
        with open("/proc/loadavg") as f:
            return int(f.read().split()[3].split("/")[1])
    except (OSError, ValueError, IndexError):
        return 0


def watch(state, blocks, before):
    """Waits for a solution; why it was stopped, an empty text if it was not, or None if its parent has ended."""
    allowed = DEADLINE * max(1, blocks)
    begun = time.monotonic()
    last = 0  # the most that was seen: the time of children that nobody waited for is lost
    pause = 0.05
    while True:
        if select.select([state], [], [], pause)[0]:
            return {LATE: "late", ENDED: ""}.get(os.read(state, 1))
        all_processes = processes()
        below = descendants(all_processes)
        last = max(last, (sum(all_processes[p][1] for p in below) - before) / TICK)
        if last > allowed or time.monotonic() - begun > BACKSTOP * allowed:
            return "late"
        if len(below) > MOST_PROCESSES:
            return "many"
        pause = min(0.25, 2 * pause, max(0.05, (allowed - last) / 8))


def keep(questions, answers):
    """One solution after another, up to one that had to be stopped."""
    prctl(SUBREAPER, 1)
    shared = mmap.mmap(-1, 8 + 4 * MOST_OUTPUT)
    own_ids()
    child, command, state = forked((questions, answers), lambda *ends: parent(*ends, shared))
    rest = b""
    while True:
        line, rest = line_of(questions, rest)
        if line is None:
            os._exit(0)  # the worker has ended
        blocks = json.loads(line)
        shared[:8] = bytes(8)
        before = used(child)
        why = None
        try:
            write_all(command, json.dumps([running(), blocks]).encode() + b"\n")
            why = watch(state, len(blocks), before)
        except OSError:
            pass  # the parent has ended
        status, size = shared[0], int.from_bytes(shared[4:8], "little")
        if why != "":
            end_all(child)
        answer = {"output": "MemoryError", "status": "KILLED"}
        if why == "late":
            answer = {"output": "TimeoutError: stopped after %g s" % DEADLINE, "status": "TIMEOUT"}
        elif why == "many":
            answer["output"] = "stopped at %d processes" % MOST_PROCESSES
        elif status in (OK, ERROR):
            text = shared[8 : 8 + min(size, 4 * MOST_OUTPUT)].decode("utf-8", "replace")
            answer = {"output": text or "<empty_execution>", "status": "OK" if status == OK else "ERROR"}
        answer["last"] = why != ""
        write_all(answers, json.dumps(answer).encode() + b"\n")
        if answer["last"]:
            os._exit(0)


# ---- the worker


def forked(mine, run):
    """Forks a process that runs a function of where it is told and where it reports, and has no other descriptor of this
    process, whose own are given; its id, where it is told, where it reports."""
    told, tell = os.pipe()
    reports, report = os.pipe()
    pid = os.fork()
    if pid:
        os.close(told)
        os.close(report)
        return pid, tell, reports
    for fd in mine + (tell, reports):
        os.close(fd)
    prctl(PDEATHSIG, signal.SIGKILL)
    try:
        run(told, report)
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
    pid = 0
    while True:
        if not pid:
            pid, ask, answer = forked(mine, keep)
        line, rest = line_of(mine[0], rest)
        if line is None:
            os.close(ask)
            return
        question = json.loads(line)
        try:
            write_all(ask, json.dumps(question["blocks"]).encode() + b"\n")
        except OSError:
            pass  # it was killed: no answer comes
        text, _ = line_of(answer, b"")
        found = json.loads(text or '{"output": "the process ended without an answer", "status": "KILLED", "last": true}')
        if found.pop("last"):
            os.close(ask)
            os.close(answer)
            os.waitpid(pid, 0)
            end_all()
            pid = 0
        found.update(number=question["number"], nonce=question["nonce"])
        write_all(mine[1], json.dumps(found).encode() + b"\n")


main()
