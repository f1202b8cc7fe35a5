"""The short way through a plain prolog tells what the long way tells."""

from hypothesis import example, given
from hypothesis import strategies as st

from emulator.qbxml import prolog
from emulator.qbxml.diagnosis import NotValid
from emulator.qbxml.limits import Limits
from emulator.qbxml.switches import Choices

PIECES = st.sampled_from(
    [
        '<?xml version="1.0"?>', '<?xml version="1.0" encoding="utf-8"?>', '<?qbxml version="13.0"?>', "<?qbxml version='4.1' ?>",
        '<?qbxml version="99"?>', "<?qbxml?>", "<?qbxmlx version=\"2.0\"?>", "<?x <QBXML ?>", "<?x ?>>", "<?x >?>", "<!-- <QBXML -->",
        "<!-- ? -->", '<!DOCTYPE QBXML PUBLIC "-//INTUIT//DTD QBXML QBO 1.0//EN" "http://x">', "<QBXML>", "<?", "?>", "<?x", " ", "\n",
        "\t\r\n", "text", "<other/>", "<QBXMLX/>",
    ]
)  # fmt: skip


def told(open_it):
    try:
        opened = open_it()
    except NotValid as refused:
        return refused.args, vars(refused)
    return opened.body, opened.declared, opened.doctype


@given(head=st.lists(PIECES, max_size=6).map("".join), limit=st.sampled_from([10, 40, 64 * 1024]))
@example(head="", limit=10)
@example(head='<?xml version="1.0"?><?qbxml version="13.0"?>', limit=10)
@example(head="<?a?>" * 200, limit=64 * 1024)
def test_the_short_way_is_the_long_way(head, limit):
    document, limits = f"{head}<QBXML><a/></QBXML>", Limits(prolog_characters=limit)

    def the_long_way():
        kept = prolog._plain_head
        prolog._plain_head = lambda text: None
        try:
            return prolog.open_document(document, limits, Choices())
        finally:
            prolog._plain_head = kept

    assert told(lambda: prolog.open_document(document, limits, Choices())) == told(the_long_way)


def test_what_programs_send_goes_the_short_way():
    for head in (
        '<?xml version="1.0"?><?qbxml version="13.0"?>',
        '<?xml version="1.0" encoding="utf-8"?>\n<?qbxml version="13.0"?>\n',
    ):
        assert prolog._plain_head(head + "<QBXML/>") == head
        assert prolog._declared_by(head) == "13.0"
