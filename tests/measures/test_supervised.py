"""An answer that cannot wait reaches the supervisor of a therapist in training."""

import pytest
from django.utils import timezone

from access.roles import Role
from audit.acts import Act, Purpose
from audit.entries import read_body
from audit.models import Entry
from clients.services.finding import NoSuchClient
from clients.services.looks import browse_looks
from clients.services.sharing import recipient_of
from clients.services.supervised import SupervisionClosed
from clients.services.supervising import end_supervision, give_to_supervisor, name_supervisor
from measures.services.supervised import look_as_supervisor
from notes.services.cosign_desk import cosign_desk_of
from tests.beginnings import beginning
from tests.measures.conftest import CALM, DONE, GAD, Room


@beginning
def supervised(room: Room) -> Room:
    """Robin has signed, Dana is in training, and Sam reads what she gave him."""
    dana, sam = room.cast.dana.user.pk, room.cast.sam.user
    name_supervisor(by=room.manager, therapist_id=dana, supervisor_id=sam.pk, at=timezone.now())
    seen = recipient_of(sam, None).seen
    give_to_supervisor(by=room.dana, client=room.client, seen=seen, at=timezone.now())
    return room


def urgent(room, by=None):
    return cosign_desk_of(by=by or room.sam, labels={}, at=timezone.now()).urgent


def look(room, measure, by=None):
    by = by or room.sam
    return look_as_supervisor(by=by, client_id=room.client.pk, measure_id=measure.pk, at=timezone.now())


def test_stands_on_the_supervisors_page_until_it_is_closed(supervised):
    result = supervised.send()
    [one] = urgent(supervised)
    assert (one.waiting.measure, one.waiting.is_alarm, one.therapist) == (result, True, "Dana Whitlock")
    supervised.close(result)
    assert urgent(supervised) == []
    assert look(supervised, result).opened.words == DONE


def test_does_so_before_the_client_has_sent_it(supervised):
    sheet = supervised.fill()
    [one] = urgent(supervised)
    assert one.waiting.measure == sheet
    assert look(supervised, sheet).opened.is_alarm


def test_what_can_wait_stays_with_the_therapist(supervised):
    calm, other = supervised.send(CALM), supervised.send([1] * 7, instrument=GAD)
    assert urgent(supervised) == []
    for measure in (calm, other):
        with pytest.raises(NoSuchClient):
            look(supervised, measure)
    # The one that could not be urgent was not opened for it.
    assert Entry.objects.filter(action=Act.MEASURE_READ, outcome="ok").count() == 1
    assert Entry.objects.filter(action=Act.ACCESS_REFUSED, outcome="denied").count() == 2


def test_reaches_nobody_else(supervised):
    result = supervised.send()
    assert urgent(supervised, by=supervised.dana) == []
    for by in (supervised.dana, supervised.manager):
        with pytest.raises(NoSuchClient):
            look(supervised, result, by=by)


def test_ends_with_the_supervision(supervised):
    result = supervised.send()
    end_supervision(by=supervised.manager, therapist_id=supervised.cast.dana.user.pk, at=timezone.now())
    assert urgent(supervised) == []
    with pytest.raises(SupervisionClosed):
        look(supervised, result)


def test_is_a_look_that_the_client_sees(supervised):
    look(supervised, supervised.send())
    robin = supervised.cast.robin.person.as_(Role.CLIENT)
    looks = browse_looks(by=robin, client=supervised.client, before=None, at=timezone.now()).looks
    told = {(one.what, one.why) for one in looks if one.who == "Samuel Okafor"}
    assert ("read your answers to a questionnaire", "as supervisor of Dana Whitlock") in told


def test_is_looked_for_as_part_of_the_supervision(supervised):
    supervised.send()
    urgent(supervised)
    entry = Entry.objects.filter(action=Act.MEASURE_CHECKED).latest("pk")
    assert read_body(bytes(entry.body))["purpose"] == Purpose.OPERATIONS


def test_its_page_says_whom_to_call(supervised, signed_in):
    result, sam = supervised.send(), signed_in(supervised.cast.sam)
    address = f"/supervision/{supervised.client.pk}/measures/{result.pk}/"
    today = sam.get("/today/").content.decode()
    assert "Question 9 above zero" in today
    assert address in today
    assert "Robin Marlowe" not in today
    shown = sam.get(address).content.decode()
    assert "Whom to call" in shown
    assert "Nobody else was told" not in shown
    assert "555 0100" in shown
    assert "Close with what was done" not in shown
