from audit.acts import Act
from audit.mac import log_mac_key, mac_is_good, mac_of
from audit.services import record
from tests.audit.cast import AT


class TestMacIsGood:
    def test_for_what_the_application_wrote(self, db, therapist):
        entry = record(Act.SIGNED_IN, by=therapist, at=AT)
        assert mac_is_good(entry.body, entry.mac)

    def test_not_for_other_bytes(self):
        assert not mac_is_good(b"{}", mac_of(b"[]"))

    def test_not_for_an_empty_mark(self):
        assert not mac_is_good(b"{}", b"")

    def test_not_under_another_key(self, settings):
        mac = mac_of(b"{}")
        settings.SERVICE_KEY = b"k" * 32
        assert not mac_is_good(b"{}", mac)


class TestLogMacKey:
    def test_has_32_bytes_and_is_not_the_service_key_itself(self, settings):
        assert len(log_mac_key()) == 32
        assert log_mac_key() != settings.SERVICE_KEY
