"""Causes: what a fault marks is its doing until somebody changes it, and its undoing marks nothing."""

from emulator.desktop.causes import Causes


def test_marks_last_until_somebody_changes_the_state():
    causes = Causes()
    causes.mark("share", "SERVER")
    assert causes.of("share", "SERVER") == ()
    with causes.by("cable"):
        causes.mark("share", "Server")
        causes.mark("hosting")
        assert causes.now == ("cable",)
    assert causes.now == ()
    assert causes.of("share", "SERVER") == ("cable",)
    assert causes.of("share", "PC") == ()
    assert causes.of("hosting", "PC") == ("cable",)
    causes.mark("share", "SERVER")
    assert causes.of("share", "server") == ()


def test_undoing_is_told_and_marks_nothing():
    causes = Causes()
    with causes.by("first"):
        causes.mark("share")
        with causes.by("second", undoes=True):
            assert (causes.now, causes.acting) == (("second",), ())
            causes.mark("share")
        assert causes.acting == ("first",)
    assert causes.of("share") == ()
