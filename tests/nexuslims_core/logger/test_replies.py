import pytest

from nexuslims_core.logger.replies import Reply, one_line, plain_object


@pytest.mark.parametrize(
    ("body", "document"),
    [(b'{"a": 1}', {"a": 1}), (b"[1]", {}), (b"<html>", {}), (b"\xff", {}), (b"", {}), (b"[" * 99_999, {})],
    ids=["an object", "a list", "a page", "no text", "nothing", "too deep"],
)
def test_only_an_object_is_taken(body: bytes, document: dict[str, int]) -> None:
    assert plain_object(body) == document


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"error": {"type": "T", "sentence": "no\r\nsuch\x1b[2J thing"}}, "no such [2J thing"),
        ({"error": {"type": 5, "sentence": ["no"]}}, ""),
        ({"error": "no", "detail": "Not Found"}, "Not Found"),
        ({"detail": [{"msg": "no"}]}, ""),
    ],
    ids=["ours", "no text", "Airflow's", "FastAPI's"],
)
def test_what_is_wrong_is_one_line_of_text(document: dict[str, object], says: str) -> None:
    assert Reply(status=404, document=document).says == says


def test_a_long_story_is_cut() -> None:
    assert len(one_line("a word " * 1000)) == 501
