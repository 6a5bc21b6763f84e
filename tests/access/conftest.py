import pytest

from access.models import KeySession


@pytest.fixture(autouse=True)
def nobody_signed_in(request):
    """Start without the sessions in which the cast enrolled."""
    if "cast" in request.fixturenames:
        request.getfixturevalue("cast")
        KeySession.objects.all().delete()
