"""What is said of an instrument's ``api_url`` that cannot be asked; it may hold a password, and is not shown."""

from urllib.parse import urlsplit

from nexuslims_core.errors import ConfigurationError
from nexuslims_core.instruments.models import Instrument


def refuse_login(instrument: Instrument) -> None:
    """Refuse an address with a user and a password in it: addresses come into logs and onto pages.

    Raises
    ------
    ConfigurationError
        If it is one.
    """
    try:
        server = urlsplit((instrument.api_url or "").strip()).netloc
    except ValueError:
        return
    if "@" in server:
        raise ConfigurationError(
            f"instrument {instrument.instrument_pid}: take user and password out of its api_url and put them into the "
            "settings or an Airflow connection"
        )


def no_address(instrument: Instrument, wanted: str) -> ConfigurationError:
    """Return what is raised where the address is missing, or names something else than what is wanted."""
    return ConfigurationError(f"instrument {instrument.instrument_pid}: its api_url is to name {wanted}")
