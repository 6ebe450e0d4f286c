"""HTTPS connections that trust the certificate authorities of a site."""

import ssl
from pathlib import Path
from typing import Any

import requests
from typing_extensions import override

from nexuslims_core.errors import ConfigurationError


class _TrustingSession(requests.Session):
    """Connections whose own bundle wins over REQUESTS_CA_BUNDLE, which plain ones let win over theirs."""

    @override
    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        return super().merge_environment_settings(url, proxies, stream, self.verify if verify is None else verify, cert)


def open_session(ca_bundle: Path | None = None) -> requests.Session:
    """Return connections that trust the authorities of a bundle.

    Parameters
    ----------
    ca_bundle
        Certificates of the authorities to trust, in PEM; None takes those of REQUESTS_CA_BUNDLE, else the usual ones.

    Raises
    ------
    ConfigurationError
        If there is no such file, or no certificate in it.
    """
    if ca_bundle is None:
        return requests.Session()
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=ca_bundle)
    except OSError as error:  # that of TLS is one too
        reason = "it holds no certificate in PEM" if isinstance(error, ssl.SSLError) else error.strerror or error
        raise ConfigurationError(f"NEXUSLIMS_CA_BUNDLE: {ca_bundle} cannot be used: {reason}") from error
    session = _TrustingSession()
    session.verify = str(ca_bundle)
    return session
