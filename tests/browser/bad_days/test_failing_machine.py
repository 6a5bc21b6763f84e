"""When the machine fails: a full disk, a read-only database, a log that takes nothing."""

from playwright.sync_api import expect

from tests.browser.bad_days.desk import CANARY, SECTION, STILL_TRYING, UNREACHABLE, expect_trouble, text_of
from tests.browser.outages import full_disk, read_only, stopped_log
from tests.browser.people import Therapist


class TestWhenTheMachineFails:
    def test_a_full_disk_loses_nothing(self, dana, server, provoked):
        provoked.add("status of 503")
        with full_disk(server):
            dana.write(SECTION, "No room for this.")
            expect_trouble(dana, STILL_TRYING)
        dana.saves()
        dana.page.reload()
        expect(text_of(dana)).to_have_value("No room for this.")

    def test_a_read_only_database_loses_nothing(self, dana, server, provoked):
        provoked |= {"status of 503", *UNREACHABLE}
        with read_only(server):
            dana.write(SECTION, "Nobody may write this.")
            expect_trouble(dana, STILL_TRYING)
            other = Therapist(dana.page.context.new_page())
            other.open("/today/")
            other.reads("We cannot open anything right now")
        dana.saves()
        dana.page.reload()
        expect(text_of(dana)).to_have_value("Nobody may write this.")

    def test_without_its_log_the_record_stays_closed(self, dana, server, desk, provoked):
        provoked.add("status of 503")
        dana.write(SECTION, CANARY)
        dana.saves()
        draft_url = dana.page.url
        with stopped_log(server.practice):
            for address in (desk.notes_url, draft_url, "/today/"):
                dana.open(address)
                dana.reads("Every look at a record is written down first.")
                for sealed in (CANARY, "Robin", "Marlowe"):
                    assert sealed not in dana.page.content()
        dana.open(draft_url)
        expect(text_of(dana)).to_have_value(CANARY)
