"""Files of a record, as a custodian comes to them."""

import pytest
from django.utils import timezone

from attachments.models import Attachment
from attachments.services.adding import add_attachment
from attachments.services.finding import find_attachment, find_filed
from attachments.services.reading import read_attachment
from audit.acts import Ground
from audit.services import Filters, browse_log
from clients.kinds import Step
from clients.models.custody import Release
from clients.services.finding import NoSuchClient
from tests.attachments.conftest import PDF, Files
from tests.beginnings import beginning


@beginning
def filed(written):
    """A file in the record, before anything is released."""
    Files(written.cast, written.client).attach(PDF)
    return written


def test_open_after_the_second_step_alone_and_take_none(filed, signed_in):
    files = Files(filed.cast, filed.client)
    filed.release()
    with pytest.raises(NoSuchClient):
        find_filed(by=files.sam, client_id=files.client.pk)
    filed.release()
    page = signed_in(files.cast.sam).get(files.address()).content.decode()
    assert "letter.pdf" in page
    assert f"/custody/clients/{files.client.pk}/" in page
    [entry] = browse_log(Filters(), size=1).entries
    assert (entry.basis, entry.basis_id) == (Ground.CUSTODY, Release.objects.get(step=Step.NOTES).pk)
    found = find_attachment(by=files.sam, client_id=files.client.pk, attachment_id=Attachment.objects.get().pk)
    content = read_attachment(by=files.sam, attachment=found, at=timezone.now())
    assert b"".join(content.pieces) == PDF
    with pytest.raises(NoSuchClient):
        add_attachment(by=files.sam, client=files.client, new=files.new(PDF), at=timezone.now())
