"""How texts of the knowledge begin where a page makes sentences of them."""

import pytest

from posology.serve.web.pages import sentence


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("not recorded", "Not recorded"),
        ("eGFR within the last 180 days", "eGFR within the last 180 days"),
        ("ALT within the last 90 days", "ALT within the last 90 days"),
        ("post-COVID condition", "Post-COVID condition"),
        ("", ""),
        ("éa", "Éa"),
    ],
)
def test_a_sentence_begins(text, told):
    assert sentence(text) == told
