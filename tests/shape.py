"""Print the shape of the code: the longest files, and the shares of documented and annotated public names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
SHOWN = 10

type Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public_names(tree: ast.AST) -> Iterator[Definition]:
    """Give every public function, method and class; what is inside a function or private is not public."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_names(node)


def is_annotated(node: Definition) -> bool:
    """Whether every parameter and the result have a type."""
    if isinstance(node, ast.ClassDef):
        return True
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return node.returns is not None and all(
        argument.annotation is not None or argument.arg in {"self", "cls"} for argument in arguments
    )


def main() -> None:
    """Print the tables."""
    lengths = {}
    names: list[Definition] = []
    for file in sorted((ROOT / "guardrail").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        lengths[file.relative_to(ROOT)] = len(text.splitlines())
        names += public_names(ast.parse(text))
    tests = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in (ROOT / "tests").rglob("*.py"))
    code = sum(lengths.values())
    table = Table("longest files", "lines")
    for path, length in sorted(lengths.items(), key=lambda item: -item[1])[:SHOWN]:
        table.add_row(str(path), str(length))
    console = Console()
    console.print(table)
    median = sorted(lengths.values())[len(lengths) // 2]
    console.print(f"{len(lengths)} modules, {code} lines, median {median}; tests {tests} lines ({tests / code:.2f} x)")
    documented = sum(ast.get_docstring(node) is not None for node in names) / len(names)
    annotated = sum(is_annotated(node) for node in names) / len(names)
    console.print(f"{len(names)} public names: {documented:.1%} documented, {annotated:.1%} annotated")


if __name__ == "__main__":
    main()
