"""A SharePoint calendar on this machine: real NTLM at the door, ListData.svc feeds behind it.

Faithful where a source says how SharePoint behaves ([MS-WSSREST] 4.2.8, published feeds, what NexusLIMS met at NIST);
our reading of the OData 2 rules elsewhere: the value of ``$skiptoken``, the wording of errors, the time zone document.
Left out: ``$metadata``, ``$select``, ``$orderby``, ``$top``, functions in ``$filter``, and everything that writes.
"""

from nexuslims_core.testing.servers.sharepoint.calendar import CalendarEvent
from nexuslims_core.testing.servers.sharepoint.server import LoggedRequest, SharePointServer

__all__ = ["CalendarEvent", "LoggedRequest", "SharePointServer"]
