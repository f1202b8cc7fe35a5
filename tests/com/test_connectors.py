"""Proof: programs of strangers, written for Windows with pywin32, run unmodified and read what the company holds."""

import subprocess
import sys

import pytest

from .programs import python, running_quickbooks

pytestmark = pytest.mark.slow


def install(package, folder):
    """Install a package as it is published, without what it depends on (pywin32 has no wheel here)."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--disable-pip-version-check",
        "--target",
        str(folder),
        package,
    ]
    subprocess.run(command, check=True, timeout=120)
    return str(folder)


def company_path(running):
    return running.on_loop(lambda: running.quickbooks.opening.file.path)


def test_qbdquery_reads_what_the_company_holds(tmp_path):
    folder = install("qbdquery==0.1.5", tmp_path / "qbdquery")
    with running_quickbooks() as running:
        text = python(
            """
            import sys
            from qbdquery import QuickBooksClient
            client = QuickBooksClient(company_file=sys.argv[1])
            with client.session():
                customers = client.query_customers(fields=["ListID", "FullName", "IsActive"])
                vendors = client.query_vendors(fields=["ListID", "Name"])
                accounts = client.query_accounts(fields=["FullName", "AccountType"])
                kern = client.query_customers(name="Kern")
            print(sorted(each["FullName"] for each in customers))
            print(len(vendors), len(accounts), [each["FullName"] for each in kern])
            """,
            running.url,
            company_path(running),
            path=folder,
        )
        company = running.quickbooks.office.files[0].company
        held = running.on_loop(lambda: sorted(each["full_name"] for each in company.truth.customers()))
        counts_held = running.on_loop(lambda: (len(company.truth.vendors()), len(company.truth.accounts())))
        rows = list(running.journal.rows(lane="quickbooks"))
    names, counts = text.splitlines()
    assert names == str(held)
    assert "Kern Lighting Warehouse" in held
    assert counts == f"{counts_held[0]} {counts_held[1]} ['Kern Lighting Warehouse']"
    assert [row["application"] for row in rows if row["kind"] == "session-begun"] == ["QBDQuery Python Client"]
    assert rows[-1]["kind"] == "session-ended"


def test_qbdquery_tells_why_it_cannot_connect(tmp_path):
    folder = install("qbdquery==0.1.5", tmp_path / "qbdquery")
    with running_quickbooks(mode="single") as running:
        text = python(
            """
            import sys
            from qbdquery import QuickBooksClient
            try:
                with QuickBooksClient(company_file=sys.argv[1]).session():
                    pass
            except Exception as error:
                print(type(error).__name__, error)
            """,
            running.url,
            company_path(running),
            path=folder,
        )
    assert text.startswith("QBDConnectionError")
    assert "-2147220464" in text
    assert "open in a mode other than" in text


def test_quickbooks_desktop_connects_begins_and_closes(tmp_path):
    folder = install("quickbooks-desktop==1.0.1", tmp_path / "quickbooks-desktop")
    with running_quickbooks() as running:
        text = python(
            """
            from quickbooks_desktop.session_manager import SessionManager
            manager = SessionManager(application_name="Stranger")
            manager.begin_session()
            print(bool(manager.ticket))
            manager.close_connection()
            """,
            running.url,
            path=folder,
        )
        kinds = [row["kind"] for row in running.journal.rows(lane="quickbooks")]
    assert text.strip() == "True"
    # It asks for single-user mode first, is refused, and takes multi-user mode.
    assert kinds[-3:] == ["session-failed", "session-begun", "session-ended"]
