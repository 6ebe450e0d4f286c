"""What a NEMO holds at first: tables, the accounts of clients, and a small facility with bookings and usage.

Filling twice changes nothing.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.utils import timezone
from NEMO.models import Account, Project, Reservation, ReservationQuestions, Tool, UsageEvent, User
from rest_framework.authtoken.models import Token

READ_BY_HARVESTERS = ("user", "tool", "project", "account", "reservation", "usageevent", "reservationquestions")


def fill() -> dict[str, str]:
    """Make what is missing, and return the tokens that clients need."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    if not User.objects.exists():
        _accounts()
        _facility()
    return {f"{name}_token": Token.objects.get(user__username=name).key for name in ("harvester", "admin", "nobody")}


def _accounts() -> None:
    harvester = _user("harvester", "Record", "Harvester")
    for model in READ_BY_HARVESTERS:
        codename = f"view_{model}"
        harvester.user_permissions.add(Permission.objects.get(content_type__app_label="NEMO", codename=codename))
    accounts = (harvester, _user("admin", "Ad", "Min", is_superuser=True), _user("nobody", "No", "Permission"))
    for account in accounts:
        Token.objects.create(user=account)


def _user(username: str, first: str, last: str, **more: bool) -> User:
    names = {"username": username, "first_name": first, "last_name": last, "email": f"{username}@example.org"}
    return User.objects.create(**names, training_required=False, **more)


def _facility() -> None:
    """Make people, tools, bookings as people make them, and what was then done."""
    division = Account.objects.create(name="Materials Division")
    nickelates = Project.objects.create(
        name="Interfaces in nickelates", application_identifier="NICKEL.01", account=division
    )
    catalysts = Project.objects.create(name="Catalyst ageing", application_identifier="CAT.07", account=division)
    ada, ben = _user("ada", "Ada", "Løvelace"), _user("ben", "Ben", "O'Neil")
    staff = _user("sam", "Sam", "Staff", is_staff=True)
    for person in (ada, ben):
        person.projects.add(nickelates, catalysts)
    titan = Tool.objects.create(name="Titan STEM 1", _category="TEM", _location="Bldg 223/B115", _serial="635816")
    quanta = Tool.objects.create(name="Quanta SEM 2", _category="SEM", _location="Bldg 223/B117", _serial="111222")
    ReservationQuestions.objects.create(name="Curation questions", questions=json.dumps(QUESTIONS))
    _reservations({"titan": titan, "quanta": quanta}, {"ada": ada, "ben": ben, "staff": staff}, nickelates, catalysts)
    _used(ada, titan, nickelates, (2026, 3, 2, 9, 7, 31), (2026, 3, 2, 12, 41, 5), run_data=_as_done())
    _used(ben, titan, catalysts, (2026, 3, 2, 14, 2), (2026, 3, 2, 15, 55))
    _used(ben, quanta, catalysts, (2026, 3, 3, 9, 1), (2026, 3, 3, 11, 30), operator=staff)
    _used(ada, titan, nickelates, (2026, 3, 20, 9), None)


def _reservations(tools: dict[str, Tool], people: dict[str, User], nickelates: Project, catalysts: Project) -> None:
    titan, quanta, ada, ben = tools["titan"], tools["quanta"], people["ada"], people["ben"]
    purpose = "Map Ni valence at the interface\nand <b>not</b> elsewhere & compare"
    lamella = {"sample_name": "LNO-17", "sample_or_pid": "Sample Name", "sample_details": "10 nm film, 4 µm lamella"}
    by_pid = {"sample_name": "https://hdl.example.org/11111/sample-18", "sample_or_pid": "PID", "sample_details": None}
    whole = {"project_id": "NICKEL.01", "experiment_title": "EELS of LaNiO3/SrTiO3", "experiment_purpose": purpose}
    _booked(ada, titan, nickelates, (2026, 3, 2, 9), 4, question_data=_answers(whole, (lamella, by_pid)))
    private = _answers({"data_consent": "Disagree", "experiment_title": "Private"})
    _booked(ben, titan, catalysts, (2026, 3, 2, 14), 2, question_data=private)
    _booked(ben, quanta, catalysts, (2026, 3, 3, 9), 3, question_data=None)
    over_dst = _answers({"experiment_title": "Over the DST jump"})
    _booked(ada, titan, nickelates, (2026, 3, 8, 1, 30), 3, creator=people["staff"], question_data=over_dst)
    moved = _answers({"experiment_title": "Moved"})
    new = _booked(ada, quanta, nickelates, (2026, 3, 4, 13), 2, question_data=moved)
    old = _booked(ada, quanta, nickelates, (2026, 3, 4, 9), 2, question_data=moved)
    old.cancelled, old.cancelled_by, old.cancellation_time, old.descendant = True, ada, _at(2026, 3, 3, 12), new
    old.save()  # as NEMO moves one: it cancels the old and links the new


def _question(name: str, title: str, kind: str = "textbox", **more: object) -> dict[str, Any]:
    return {"type": kind, "name": name, "title": title, "max-width": 500, **more}


_SAMPLE = [
    _question("sample_name", "Sample name or PID"),
    _question("sample_or_pid", "Name or PID?", "radio", choices=["Sample Name", "PID"]),
    _question("sample_details", "Sample details", "textarea"),
]
QUESTIONS = [
    _question("project_id", "Project ID"),
    _question("experiment_title", "Title of experiment"),
    _question("experiment_purpose", "Experiment purpose", "textarea"),
    _question("data_consent", "Agree to data curation?", "radio", choices=["Agree", "Disagree"]),
    {"type": "group", "title": "Sample information", "name": "sample_group", "max_number": 5, "questions": _SAMPLE},
]


def _answers(given: Mapping[str, str], samples: Iterable[Mapping[str, str | None]] = ()) -> str:
    """Return answers as NEMO's forms keep them: each question's own dict, with ``user_input`` where it was answered."""
    answered: dict[str, Any] = {question["name"]: dict(question) for question in QUESTIONS}
    for name, answer in {"data_consent": "Agree", **given}.items():
        answered[name]["user_input"] = answer
    answered["sample_group"]["user_input"] = {str(i): sample for i, sample in enumerate(samples)}
    return json.dumps(answered, indent="\t")


def _as_done() -> str:
    sample = {"sample_name": "LNO-17", "sample_or_pid": "Sample Name", "sample_details": None}
    return _answers({"experiment_title": "EELS, as done", "experiment_purpose": "Map Ni valence"}, (sample,))


def _at(*parts: int) -> datetime:
    return timezone.make_aware(datetime(*parts))  # noqa: DTZ001 - of the site's zone, which Django then adds


def _booked(
    user: User, tool: Tool, project: Project, start: tuple[int, ...], hours: float, **more: object
) -> Reservation:
    times = {"start": _at(*start), "end": _at(*start) + timedelta(hours=hours)}
    people = {"user": user, "creator": more.pop("creator", user)}
    return Reservation.objects.create(**people, **times, tool=tool, project=project, short_notice=False, **more)


def _used(
    user: User, tool: Tool, project: Project, start: tuple[int, ...], end: tuple[int, ...] | None, **more: object
) -> None:
    times = {"start": _at(*start), "end": _at(*end) if end else None}
    UsageEvent.objects.create(
        user=user, operator=more.pop("operator", user), tool=tool, project=project, **times, **more
    )
