import ast


def run_block(code, names):
    """Runs a block as a session would: the value of a last expression is printed."""
    tree = ast.parse(code)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body.pop().value)
    exec(compile(tree, "<block>", "exec"), names)
    if last is not None:
        value = eval(compile(last, "<block>", "eval"), names)
        if value is not None:
            print(repr(value))


