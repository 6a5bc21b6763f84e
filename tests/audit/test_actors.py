import pytest

from audit.actors import Nobody, Origin, System, device_family, network_prefix

pytestmark = pytest.mark.once


class TestNetworkPrefix:
    @pytest.mark.parametrize(
        ("address", "prefix"),
        [
            ("192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
            ("::ffff:192.0.2.77", "192.0.2.0/24"),
            ("fe80::1%eth0", "fe80::/48"),
            ("", ""),
            ("client.example", ""),
            ("192.0.2.77, 10.0.0.1", ""),
        ],
    )
    def test_keeps_the_network_and_drops_the_rest(self, address, prefix):
        assert network_prefix(address) == prefix


class TestOrigin:
    @pytest.mark.parametrize("net", ["192.0.2.0/24", "2001:db8:1::/48", ""])
    def test_takes_a_prefix(self, net):
        assert Origin(net=net).net == net

    @pytest.mark.parametrize("net", ["192.0.2.77", "192.0.2.77/32", "192.0.2.0/25", "2001:db8:1:2::/64", "home"])
    def test_refuses_anything_closer(self, net):
        with pytest.raises(ValueError, match="never an address"):
            Origin(net=net)


class TestDeviceFamily:
    @pytest.mark.parametrize(
        ("user_agent", "family"),
        [
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1", "phone"),
            ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "phone"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "computer"),
            ("", ""),
        ],
    )
    def test_says_no_more_than_phone_or_computer(self, user_agent, family):
        assert device_family(user_agent) == family


class TestNobodyAndSystem:
    def test_have_no_id(self):
        origin = Origin(net="192.0.2.0/24")
        assert (Nobody(origin).audit_id, Nobody(origin).role, Nobody(origin).origin) == ("", "nobody", origin)
        assert (System().audit_id, System().role, System().origin) == ("", "system", Origin())
