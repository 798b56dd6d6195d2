"""Runs blocks of code for Plumbline: a line of JSON with all blocks of a solution in, a line with what the last one did out.

Each solution runs in a forked process with bounds on time, memory and the size of files. Files and network are open.
"""
import ast
import contextlib
import io
import json
import os
import resource
import signal
import sys
import traceback


def run_block(code, names, out):
    tree = ast.parse(code)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, "<block>", "exec"), names)
    if last is not None:
        value = eval(compile(last, "<block>", "eval"), names)
        if value is not None:
            print(repr(value), file=out)


def run(blocks, most):
    names = {"__name__": "__main__"}
    out = io.StringIO()
    status = "OK"
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        for block in blocks:
            out.seek(0)
            out.truncate()
            status = "OK"
            try:
                run_block(block, names, out)
            except MemoryError:
                status = "KILLED"
            except BaseException as error:
                status = "ERROR"
                out.write("".join(traceback.format_exception_only(type(error), error)))
    text = out.getvalue().strip()
    return {"output": text[:most] if text else "<empty_execution>", "status": status}


def main():
    deadline, most, memory = float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) << 20
    print("ready", flush=True)
    for line in sys.stdin:
        blocks = json.loads(line)
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, deadline * max(1, len(blocks)))
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            with os.fdopen(write, "w") as answer:
                answer.write(json.dumps(run(blocks, most)))
            os._exit(0)
        os.close(write)
        with os.fdopen(read) as answer:
            text = answer.read()
        _, ended = os.waitpid(child, 0)
        if not text:
            late = os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGALRM
            text = json.dumps({
                "output": "TimeoutError: stopped after %g s" % deadline if late else "MemoryError",
                "status": "TIMEOUT" if late else "KILLED",
            })
        print(text, flush=True)


main()
