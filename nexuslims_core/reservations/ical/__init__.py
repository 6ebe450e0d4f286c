"""Calendars in the iCalendar format, as a file on a web server or by CalDAV."""
