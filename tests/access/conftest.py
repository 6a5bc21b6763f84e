import pytest

from access.models import KeySession


@pytest.fixture(autouse=True)
def nobody_signed_in(request):
    """Start without the sessions in which the cast enrolled."""
    if "cast" in request.fixturenames:
        request.getfixturevalue("cast")
        KeySession.objects.all().delete()


@pytest.fixture
def committed(django_db_setup, django_db_blocker):
    """A database without a transaction round the test: threads of their own see what is committed."""
    with django_db_blocker.unblock():
        yield
