"""The therapist whose will is to be released: told of each step, and back with one sign-in or press."""

from django.core import mail
from django.utils import timezone

from audit.acts import Act
from clients.services.releasing import stop_on_return
from clients.services.stages import AnotherStep, Turn
from clients.services.wills import withdraw_will
from tests.access.pages.visitors import text_of


class TestTheTherapist:
    def test_is_mailed_at_each_step(self, house, settings, django_capture_on_commit_callbacks):
        settings.EMAIL_CONFIGURED = True
        for step in (house.ask, house.confirm, house.give):
            with django_capture_on_commit_callbacks(execute=True):
                step()
            house.wait()
            told = [message for message in mail.outbox if message.to == [house.cast.dana.address]]
            assert "That one sign-in stops it" in told[-1].body
        assert len(told) == 3
        assert not [message for message in mail.outbox if "Dana" in message.body or "Robin" in message.body]

    def test_stops_it_with_one_sign_in_and_is_told_who_asked(self, cast, house, signed_in):
        house.ask()
        dana = signed_in(cast.dana)
        page = text_of(dana.get("/today/"))
        assert "Others had noted that you cannot act. You signed in, so that is stopped" in page
        assert house.stage.turn == Turn.ASK
        assert "Priya Nair asked for the contact list. Stopped on" in text_of(dana.get("/account/custodian/"))
        assert house.entries(Act.CUSTODY_STOPPED) == 1

    def test_stops_it_from_any_page_and_by_the_passphrase_alone_after_an_idle_hour(self, cast, house, signed_in):
        dana = signed_in(cast.dana)
        dana.get("/account/")
        house.ask()
        dana.get("/account/")
        assert house.stage.turn == Turn.CONFIRM  # the same unlocking has been asked already
        signed_in(cast.dana).get("/clients/")
        assert house.stage.turn == Turn.ASK

    def test_stops_it_by_a_press_where_they_never_signed_out(self, cast, house, signed_in):
        dana = signed_in(cast.dana)
        dana.get("/account/")
        house.ask()
        assert "Priya Nair has said that you cannot act" in text_of(dana.get("/account/custodian/"))
        assert "Stopped." in text_of(dana.post("/account/custodian/stop/", follow=True))
        assert "There was nothing to stop." in text_of(dana.post("/account/custodian/stop/", follow=True))
        assert house.stage.turn == Turn.ASK

    def test_reads_of_it_on_every_page_where_they_never_signed_out(self, cast, house, signed_in):
        told = "Others have noted that you cannot act"
        dana, sam = signed_in(cast.dana), signed_in(cast.sam)
        assert told not in text_of(dana.get("/today/"))
        sam.get("/today/")
        house.ask()
        for path in ("/today/", "/account/", f"/clients/{house.client.pk}/"):
            page = dana.get(path)
            assert told in text_of(page)
            assert 'href="/account/custodian/"' in page.content.decode()
        assert told not in text_of(dana.get("/account/custodian/"))
        assert told not in text_of(sam.get("/today/"))
        dana.post("/account/custodian/stop/")
        assert told not in text_of(dana.get("/today/"))

    def test_stops_it_by_the_passphrase_that_an_act_asks_for_anew(self, cast, house, signed_in):
        dana = signed_in(cast.dana)
        dana.get("/account/")
        house.ask()
        answer = dana.post("/again/", {"passphrase": cast.dana.passphrase, "next": "/today/"}, follow=True)
        assert "so that is stopped" in text_of(answer)
        assert house.stage.turn == Turn.ASK

    def test_withdraws_the_will_while_it_waits_and_nothing_is_given(self, house, refused):
        house.ask()
        house.confirm()
        house.wait()
        will, seen = house.will, house.stage.mark
        withdraw_will(by=house.dana, at=timezone.now())
        refused(AnotherStep, lambda: house.give(will=will, seen=seen, keys_seen="0" * 64))

    def test_does_not_stop_what_is_somebody_elses(self, house):
        house.ask()
        assert not stop_on_return(by=house.sam, at=timezone.now())
        assert house.stage.turn == Turn.CONFIRM

    def test_is_not_taken_for_back_when_somebody_else_signs_in(self, cast, house, signed_in):
        house.ask()
        for person in (cast.manager, cast.sam):
            signed_in(person).get("/account/")
        assert house.stage.turn == Turn.CONFIRM
