"""What each unwelcome answer of CDCS, or of a proxy before it, is taken for."""

import pytest

from nexuslims_core.errors import (
    AuthenticationError,
    NexusLimsError,
    PublishingError,
    ServiceUnavailableError,
    UnexpectedAnswerError,
)
from nexuslims_core.publishing.cdcs_refusals import Answer, refusal

FINDING = "Element '{https://data.nist.gov}connection': This element is not expected. Expected is ( summary )., line 7"


@pytest.mark.parametrize(
    ("status", "document", "expected"),
    [
        (401, {"detail": "Invalid username/password."}, AuthenticationError),
        (401, None, AuthenticationError),
        (403, {"detail": "Invalid token."}, AuthenticationError),
        (403, {"message": "Only administrators can use this feature."}, PublishingError),
        (403, None, UnexpectedAnswerError),
        (400, {"message": {"title": ["This field may not be blank."]}}, PublishingError),
        (404, {"message": "Data not found."}, ServiceUnavailableError),
        (404, None, UnexpectedAnswerError),
        (413, None, PublishingError),
        (408, None, ServiceUnavailableError),
        (429, {"detail": "Request was throttled."}, ServiceUnavailableError),
        (500, {"message": FINDING}, PublishingError),
        (500, {"message": "The user doesn't have enough rights to publish."}, PublishingError),
        (500, {"message": "Document is empty, line 1, column 1"}, PublishingError),
        (500, {"message": "something that nobody has seen yet"}, PublishingError),
        (500, {"message": "database is locked"}, ServiceUnavailableError),
        (500, {"message": "connection to server at 10.0.0.1 failed: Connection refused"}, ServiceUnavailableError),
        (500, {"message": "Error 111 connecting to localhost:6379. Connection refused."}, ServiceUnavailableError),
        (500, {"message": "deadlock detected"}, ServiceUnavailableError),
        (500, {"message": ""}, ServiceUnavailableError),
        (500, ["no object"], ServiceUnavailableError),
        (500, None, ServiceUnavailableError),
        (502, None, ServiceUnavailableError),
        (503, {"message": "maintenance"}, ServiceUnavailableError),
        (504, None, ServiceUnavailableError),
        (200, {"results": []}, UnexpectedAnswerError),
    ],
)
def test_each_answer_is_taken_for_what_it_is(status: int, document: object, expected: type[NexusLimsError]) -> None:
    error = refusal("CDCS at http://cdcs", "POST data/", Answer(status=status, document=document))

    assert isinstance(error, expected)
    assert str(status) in str(error)


def test_a_redirect_is_named_with_its_end() -> None:
    answer = Answer(status=301, document=None, location="https://cdcs.example.org/rest/data/")

    error = refusal("CDCS at http://cdcs", "POST data/", answer)

    assert isinstance(error, UnexpectedAnswerError)
    assert "a redirect to https://cdcs.example.org/rest/data/: is its address right?" in str(error)
