"""The house refuses to start when the table, the sealed columns or the transport are not in order."""

import pytest
from django.apps import apps
from django.core.checks import Tags, run_checks
from django.http import HttpResponse
from django.urls import include, path

from access.roles import Role
from keys.columns import REGISTER
from practice.checks import is_loopback
from practice.policy import POLICY, PUBLIC, Row
from practice.urls import urlpatterns as real_addresses


def probe(request, **kwargs):
    return HttpResponse()


addresses = ([path("probe/<uuid:client_id>/", probe, name="record")], "probe")
urlpatterns = [path("", include(addresses)), *real_addresses]


def errors(number: str, tag: str = Tags.security) -> list[str]:
    return [message.msg for message in run_checks(tags=[tag]) if message.id == f"practice.{number}"]


class TestPolicyCheck:
    def test_is_silent_about_the_house_as_it_is(self):
        assert errors("E001") == []

    def test_names_a_view_without_a_row(self, settings):
        settings.ROOT_URLCONF = __name__
        assert errors("E001") == ["probe:record has no row in practice/policy.py."]

    def test_names_a_row_without_a_view(self, monkeypatch):
        monkeypatch.setitem(POLICY, "notes:gone", Row((Role.THERAPIST,)))
        assert errors("E001") == ["practice/policy.py names notes:gone, which is no view."]

    def test_names_a_record_that_the_row_does_not_name(self, settings, monkeypatch):
        settings.ROOT_URLCONF = __name__
        monkeypatch.setitem(POLICY, "probe:record", Row((Role.THERAPIST,)))
        assert errors("E001") == ["probe:record has a record in its address, but its row names none."]

    def test_names_a_record_that_everybody_may_ask_for(self, settings, monkeypatch):
        settings.ROOT_URLCONF = __name__
        monkeypatch.setitem(POLICY, "probe:record", PUBLIC)
        assert errors("E001") == ["probe:record has a record in its address, but its row names none."]


class TestSealedColumnsCheck:
    def test_is_silent_about_the_house_as_it_is(self):
        assert errors("E002", Tags.models) == []

    def test_names_a_column_that_nobody_declared(self, monkeypatch):
        monkeypatch.delitem(REGISTER, ("clients.client", "sealed_contact"))
        assert errors("E002", Tags.models) == ["clients.client.sealed_contact is sealed but not declared."]

    def test_names_a_declaration_without_a_column(self, monkeypatch):
        declared = REGISTER["clients.client", "sealed_contact"]
        monkeypatch.setitem(REGISTER, ("clients.client", "sealed_shadow"), declared)
        assert errors("E002", Tags.models) == ["clients.client.sealed_shadow is declared but does not exist."]

    def test_sees_every_app(self):
        sealed = {model for model, _ in REGISTER}
        assert {app.split(".")[0] for app in sealed} >= {"access", "clients", "consent", "keys"}
        assert all(apps.get_model(model) for model in sealed)


class TestTransportCheck:
    @pytest.fixture(autouse=True)
    def real_practice(self, settings):
        settings.TLS = settings.DEMO = False
        settings.BASE_URL = "http://practice.example"

    def test_refuses_a_real_practice_without_encryption(self):
        assert errors("E003") == ["http://practice.example would be served without encryption."]

    @pytest.mark.parametrize("setting", [{"TLS": True}, {"DEMO": True}, {"BASE_URL": "http://127.0.0.1:8000"}])
    def test_accepts_encryption_the_demo_and_this_machine(self, settings, setting):
        for name, value in setting.items():
            setattr(settings, name, value)
        assert errors("E003") == []

    @pytest.mark.parametrize("url", ["http://localhost", "http://127.8.0.1:80", "http://[::1]:8000"])
    def test_knows_this_machine(self, url):
        assert is_loopback(url)

    @pytest.mark.parametrize(
        "url", ["http://localhost.example", "http://10.0.0.4", "http://127.0.0.1.example", "http://[2001:db8::1]", ""]
    )
    def test_knows_others(self, url):
        assert not is_loopback(url)
