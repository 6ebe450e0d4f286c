"""axe-core, which looks for what keeps people from using a page."""

import importlib.util
from pathlib import Path

from tests.servers.devtools import Tab


def faults(tab: Tab) -> list[str]:
    """Return what axe says against the page, each as its rule and the first element that breaks it."""
    package = importlib.util.find_spec("axe_core_python")
    assert package is not None
    assert package.origin is not None
    tab.run(Path(package.origin).with_name("axe.min.js").read_text("utf-8") + "; 0")
    found: list[str] = tab.run(
        "axe.run({ resultTypes: ['violations'] })"
        ".then(all => all.violations.map(each => each.id + ': ' + each.nodes[0].html))"
    )
    return found
