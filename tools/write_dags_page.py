"""Write docs/dags.md from the DAG files: what each is for, its parameters, its tasks, and what to do if it fails."""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import DAG

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "dags.md"
HEAD = """# The DAGs

Made by `make docs` from the files in `dags/`; the same text is each DAG's own page in Airflow. Tasks whose names have a
number of tries above one are tried again only after what may pass: a network, a lock, a server's 5xx, a share that is
away, a time limit, a killed process. A wrong password, a missing consent or an invalid record fails at once.
"""


def main() -> None:
    """Write the page."""
    with tempfile.TemporaryDirectory(prefix="nexuslims-airflow-") as home:
        os.environ |= {
            "AIRFLOW_HOME": home,
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        }
        PAGE.write_text(page(), "utf-8")
    print(PAGE)


def page() -> str:
    """Return the whole page, in Markdown; Airflow has to know its folders already."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(str(ROOT / "dags"))
    if bag.import_errors:
        raise SystemExit(f"a DAG file cannot be read: {bag.import_errors}")
    return "\n".join([HEAD, *(line for name in sorted(bag.dags) for line in _section(bag.dags[name]))])


def _section(dag: "DAG") -> Iterator[str]:
    yield f"## `{dag.dag_id}`\n"
    yield f"{(dag.doc_md or '').strip()}\n"
    if dag.params:
        yield "| parameter | default | meaning |\n|---|---|---|"
        yield from (_parameter(name, param) for name, param in _params(dag).items())
        yield ""
    yield "| task | what it does | tries | time limit |\n|---|---|---|---|"
    yield from (_row(task) for task in _in_order(dag.tasks))
    yield ""


def _params(dag: "DAG") -> Mapping[str, Any]:
    params: Any = dag.params
    return dict(params.items())


def _parameter(name: str, param: Any) -> str:  # noqa: ANN401 - Airflow's Param
    return f"| `{name}` | `{json.dumps(param.value)}` | {param.description} |"


def _in_order(tasks: Iterable[Any]) -> list[Any]:
    """Return tasks so that each stands after all that it waits for, else by name."""
    left = {task.task_id: task for task in tasks}
    ordered: list[Any] = []
    while left:
        ready = sorted(name for name, task in left.items() if not task.upstream_task_ids & left.keys())
        ordered.extend(left.pop(name) for name in ready)
    return ordered


def _row(task: Any) -> str:  # noqa: ANN401 - an operator, mapped or not
    kind = task.operator_class if task.is_mapped else type(task)
    does = " ".join(str(kind.__doc__).strip().split("\n\n")[0].split())
    return f"| `{task.task_id}` | {does} | {task.retries + 1} | {_spoken(task.execution_timeout)} |"


def _spoken(limit: timedelta | None) -> str:
    if limit is None:
        return "none"
    minutes = round(limit.total_seconds() / 60)
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


if __name__ == "__main__":
    main()
