"""No code moves a session past the table of allowed moves; found by reading the code itself."""

import ast
from functools import cache
from pathlib import Path

import nexuslims_core

CORE = Path(nexuslims_core.__file__).parent
MIRRORS = {"db/adoption/books.py:move_logs"}  # says again what another system's book says, whatever its moves were
CHECKED = {"check_move"}


@cache
def _functions() -> tuple[tuple[str, ast.FunctionDef], ...]:
    return tuple(
        (f"{path.relative_to(CORE)}:{node.name}", node)
        for path in sorted(CORE.rglob("*.py"))
        if (source := path.read_bytes()) and (b"record_status" in source or b"session_log" in source)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
    )


def _sets_a_state(function: ast.FunctionDef) -> bool:
    """Tell whether a function gives rows that are there already another state, through an object or through SQL."""
    targets = (
        target
        for node in ast.walk(function)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign)
        for target in ast.walk(node)
        if isinstance(target, ast.Attribute) and isinstance(target.ctx, ast.Store)
    )
    return any(target.attr == "record_status" for target in targets) or (
        "update" in _calls(function) and _names(function, "record_status")
    )


def _calls(function: ast.FunctionDef) -> set[str]:
    return {
        node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def _names(function: ast.FunctionDef, word: str) -> bool:
    return any(
        (isinstance(node, ast.Constant) and node.value == word) or (isinstance(node, ast.keyword) and node.arg == word)
        for node in ast.walk(function)
    )


def test_whoever_sets_a_state_asks_the_table_of_moves() -> None:
    setting = {name: function for name, function in _functions() if _sets_a_state(function)}

    unchecked = {name for name, function in setting.items() if not CHECKED & _calls(function)}

    assert unchecked == MIRRORS
    assert {name.split(":")[0] for name in setting.keys() - MIRRORS} == {"db/repositories/session_logs.py"}


def test_no_sql_text_changes_the_log_of_sessions() -> None:
    texts = (
        (name, node.value.lower())
        for name, function in _functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )

    assert [name for name, said in texts if "update session_log " in said] == []
