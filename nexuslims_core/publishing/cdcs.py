"""Records in a CDCS repository, each exactly once.

CDCS knows no unique titles: posting twice makes two records. So a record is looked up before it is posted, and looked
up again after an answer was lost. Two uploaders of the same record at the same moment are kept apart by the claim on
the session; one whose claim went to another while it was stopped finds its deadline passed, and sends nothing more.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import requests

from nexuslims_core.connections import CLOCKS, Clock, Deadline, make_cuttable
from nexuslims_core.errors import AuthenticationError, NexusLimsError, PublishingError, ServiceUnavailableError
from nexuslims_core.publishing.base import Check, Earlier, Receipt
from nexuslims_core.publishing.cdcs_contents import CdcsContents
from nexuslims_core.publishing.cdcs_patience import pause_before_next_try
from nexuslims_core.publishing.cdcs_rest import CdcsRest, base_url, credentials
from nexuslims_core.publishing.cdcs_upload import CdcsUpload, DisplacedError, Wanted

log = logging.getLogger(__name__)

_TITLE_LIMIT = 200


@dataclass(frozen=True, kw_only=True)
class CdcsStore:
    """A CDCS repository as a destination of records.

    Attributes
    ----------
    url
        Address of the CDCS; a path and a missing slash at its end are fine.
    token
        Token of the account that publishes; without it ``user`` and ``password`` are sent.
    template_title
        Title of the template that records follow; only needed where several describe them.
    workspace_title
        Title of the public workspace that they belong to.
    timeout_s
        For the connection, and for each silence of the server afterwards.
    deadline_s
        For a whole put, all tries and pauses; shorter than the claim on a session lasts.
    pauses_s
        How long to wait before each further try when CDCS does not answer, unless it asks for longer; nothing is
        posted without looking first.
    sleep
        Waits that long.
    clocks
        Tell the seconds that the deadline is counted in; whichever went further counts.
    session
        The connections, for instance with a site's own certificates.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    template_title: str | None = None
    workspace_title: str = "Global Public Workspace"
    timeout_s: tuple[float, float] = (5, 60)
    deadline_s: float = 600
    pauses_s: tuple[float, ...] = (1, 4, 15)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    clocks: tuple[Clock, ...] = field(default=CLOCKS, repr=False)
    session: requests.Session | None = field(default=None, repr=False)
    _rest: CdcsRest = field(init=False, repr=False)
    _known_templates: dict[int, str] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        rest = CdcsRest(
            url=base_url(self.url),
            auth=credentials(self.token, self.user, self.password),
            timeout_s=self.timeout_s,
            session=make_cuttable(self.session or requests.Session()),
            deadline=self._deadline(),
        )
        object.__setattr__(self, "_rest", rest)

    @property
    def name(self) -> str:
        """Name of the destination in the books."""
        return "cdcs"

    def put(self, title: str, xml: bytes, earlier: Earlier | None = None) -> Receipt:
        """Make the record ``title`` publicly readable with exactly these bytes, and prove it.

        Parameters
        ----------
        earlier
            The session's record by the books, which is renamed and replaced where it is still there under the title
            that the books know.

        Raises
        ------
        ServiceUnavailableError
            If CDCS does not answer, or says that it cannot now, at every try or until the deadline.
        AuthenticationError
            If it refuses the credentials.
        PublishingError
            If it refuses the record, is not set up to take it, or shows somebody else's record of this title.
        UnexpectedAnswerError
            If what answers is no CDCS.
        """
        text = _sound(title, xml)
        try:
            return self._put(title, text, earlier, self._deadline())
        except (PublishingError, ServiceUnavailableError) as error:
            raise _plain(error) from error

    def check(self) -> tuple[Check, ...]:
        """Say whether records could be published now: address, credentials, template, workspace; writes nothing."""
        return tuple(self._checks())

    def _put(self, title: str, xml: str, earlier: Earlier | None, deadline: Deadline) -> Receipt:
        """Settle the record; look again after an answer was lost, and put right what another uploader did."""
        lost = False
        for pause_s in self.pauses_s:
            doubt: ServiceUnavailableError | None = None
            try:
                receipt = self._settle(title, xml, earlier, deadline)
                if not lost or pause_s >= deadline.left_s:
                    return receipt
                lost = False  # and look once more: what was lost may have been slow and not in vain
            except DisplacedError as error:
                log.warning("record %s: %s; putting it right", title, error)
            except ServiceUnavailableError as error:
                lost, doubt = True, error
                log.warning("record %s: %s; looking again", title, error)
            self.sleep(pause_before_next_try(pause_s, deadline, doubt))
        return self._settle(title, xml, earlier, deadline)

    def _deadline(self) -> Deadline:
        return Deadline(limit_s=self.deadline_s, clocks=self.clocks)

    def _contents(self, deadline: Deadline) -> CdcsContents:
        return CdcsContents(rest=replace(self._rest, deadline=deadline), known_templates=self._known_templates)

    def _settle(self, title: str, xml: str, earlier: Earlier | None, deadline: Deadline) -> Receipt:
        contents = self._contents(deadline)
        wanted = Wanted(
            title=title,
            xml=xml,
            template=contents.template(self.template_title),
            workspace=contents.workspace(self.workspace_title),
        )
        return CdcsUpload(contents=contents, wanted=wanted, earlier=earlier, destination=self.name).settle()

    def _checks(self) -> Iterator[Check]:
        contents = self._contents(self._deadline())
        answers = Check(subject="address", ok=True, sentence=f"CDCS answers at {self._rest.url}")
        try:
            contents.rest.get("workspace/read_access")
        except AuthenticationError as error:
            yield answers
            yield Check(subject="credentials", ok=False, sentence=str(error))
            return
        except NexusLimsError as error:
            yield Check(subject="address", ok=False, sentence=str(error))
            return
        yield answers
        yield Check(subject="credentials", ok=True, sentence=f"CDCS accepts {self._who()}")
        yield _checked("template", lambda: self._template_found(contents))
        yield _checked("workspace", lambda: self._workspace_found(contents))

    def _template_found(self, contents: CdcsContents) -> Check:
        found = contents.template(self.template_title)
        sentence = f"CDCS has the template {found.title!r}, version {found.current}"
        if found.is_ours:
            return Check(subject="template", ok=True, sentence=sentence)
        odd = "; its schema is not the one of this release, so CDCS may refuse records that are valid here"
        return Check(subject="template", ok=True, warning=True, sentence=sentence + odd)

    def _workspace_found(self, contents: CdcsContents) -> Check:
        title = contents.workspace(self.workspace_title).title
        return Check(subject="workspace", ok=True, sentence=f"CDCS has the workspace {title!r}")

    def _who(self) -> str:
        return "the token" if self.token else f"the password of {self.user}"


def _sound(title: str, xml: bytes) -> str:
    """Return the XML as text, once it is clear that CDCS would keep it and its title as they are."""
    if not title or title != title.strip() or len(title) > _TITLE_LIMIT:
        raise PublishingError(
            f"CDCS cannot keep the title {title!r}: 1 to {_TITLE_LIMIT} letters, no blanks round them"
        )
    try:
        return xml.decode("utf-8")
    except UnicodeDecodeError as error:
        raise PublishingError(f"the record {title} is not UTF-8: {error.reason} at byte {error.start}") from error


def _plain(error: PublishingError | ServiceUnavailableError) -> PublishingError | ServiceUnavailableError:
    """Return what the books and other rooms know of an error: they tell errors apart by their very class."""
    kind = PublishingError if isinstance(error, PublishingError) else ServiceUnavailableError
    return kind(str(error))


def _checked(subject: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except NexusLimsError as error:
        return Check(subject=subject, ok=False, sentence=str(error))
