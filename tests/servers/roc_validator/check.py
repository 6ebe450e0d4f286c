"""Runs in the checker's own environment: crates in, what the REQUIRED checks of roc-validator find out, as JSON.

Nothing is fetched. The checks need one document from the web, the JSON-LD context of RO-Crate; it is answered with the
copy of it that the package rocrate ships. Any other request fails, so that nothing passes that a network would change.
"""

import json
import sys
from typing import Any

import requests
from rocrate import vocabs
from rocrate_validator import services

CONTEXT = "https://w3id.org/ro/crate/1.3/context"
PROFILE = "ro-crate-1.3"


def _answered(_adapter: object, request: requests.PreparedRequest, **_: Any) -> requests.Response:
    if request.url != CONTEXT:
        raise requests.ConnectionError(f"{request.url} was asked for, and there is no network here", request=request)
    answer = requests.Response()
    answer.status_code, answer.url, answer.request = 200, CONTEXT, request
    answer.headers["Content-Type"] = "application/ld+json"
    answer._content = json.dumps({"@context": vocabs.RO_CRATE["@context"]}).encode()
    return answer


def _checked(path: str, severity: str) -> dict[str, Any]:
    found = services.validate(
        {
            "rocrate_uri": path,
            "profile_identifier": PROFILE,
            "requirement_severity": severity,
            "packaging_mode": "detached",
            "skip_availability_check": True,
            "no_cache": True,
        }
    )
    issues = [f"{issue.check.identifier}: {issue.message}" for issue in found.get_issues()]
    return {"issues": issues, "passed": len(found.statistics.passed_checks)}


def main() -> None:
    """Write one answer a crate."""
    requests.adapters.HTTPAdapter.send = _answered
    severity, *paths = sys.argv[1:]
    sys.stdout.write(json.dumps({path: _checked(path, severity) for path in paths}))


if __name__ == "__main__":
    main()
