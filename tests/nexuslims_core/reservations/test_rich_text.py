import pytest

from nexuslims_core.reservations.rich_text import LONGEST_TEXT, plain_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("two\r\nlines", "two lines"),
        ("x<5 and y>3 & z", "x<5 and y>3 & z"),
        ("<div><p>Bring <b>double</b>-tilt</p>\n<p>&#160;</p></div>", "Bring double-tilt"),
        ("<p>one</p><p>two</p>", "one two"),
        ("one<br>two<BR/>three", "one two three"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("<div>a<script>alert(1)</script>b<style>p {}</style>c<!-- d --></div>", "a b c"),
        ("<div>H<sub>2</sub>O &amp; 4 &micro;m &lt;110&gt;</div>", "H2O & 4 µm <110>"),
        ("<div>not closed <b>at all</div>", "not closed at all"),
        ("<p>a&#1;b&#127;c&#0;d</p>", "abc\ufffdd"),
        ("</div>", ""),
        ("<p>µ é 🔬</p>", "µ é 🔬"),
    ],
    ids=["empty", "plain", "plain with signs", "SharePoint's", "paragraphs", "breaks", "table", "silent", "entities",
         "not closed", "what XML forbids", "only a tag", "other letters"],
)  # fmt: skip
def test_keeps_the_words_and_drops_the_formatting(text: str, expected: str) -> None:
    assert plain_text(text) == expected


@pytest.mark.parametrize(
    "text",
    ["<div>" * 50_000 + "x</div>", "<p>" + "x" * 3_000_000 + "</p>", "x" * 3_000_000],
    ids=["deep", "long", "plain"],
)
def test_what_nobody_reads_is_cut(text: str) -> None:
    assert len(plain_text(text)) <= LONGEST_TEXT + 30
