"""Publishing: once, whole, reviewed lately or marked as not reviewed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from consent.document import TextRefused
from consent.kinds import DocumentKind
from consent.models import Version
from consent.services.deciding import current_version
from consent.services.publishing import (
    AlreadyPublished,
    Edition,
    NothingPublished,
    Review,
    ReviewTooOld,
    current_text,
    publish_version,
    published,
    require_as_published,
    statement_of,
)
from keys.services import Trust, verified_practice_key, verify_ed25519
from tests.cast import Cast
from tests.consent import shipped


@pytest.fixture
def manager(cast: Cast):
    return cast.manager.as_(Role.MANAGER)


@pytest.fixture
def newer():
    source = (shipped.CONTENT / "confidentiality" / "en-US.md").read_text().replace("version: 1.0.0", "version: 1.1.0")
    return shipped.parse(source)


def choices(**values: str):
    chosen = shipped.CATALOGUE.choose()
    return replace(chosen, values={**chosen.values, **values})


def publish(by, document, **facts):
    facts.setdefault("choices", choices())
    return publish_version(by=by, publication=Edition(document, **facts), at=timezone.now())


class TestFounding:
    def test_publishes_both_texts_in_the_founders_name(self, manager):
        rows = Version.objects.all()
        assert {row.kind for row in rows} == set(DocumentKind)
        assert {row.published_by for row in rows} == {manager.user.pk}
        assert Entry.objects.filter(action=Act.CONSENT_PUBLISHED).count() == 2

    def test_marks_them_as_not_reviewed(self, cast: Cast):
        assert not current_text(DocumentKind.CONFIDENTIALITY, at=timezone.now()).is_reviewed

    def test_gives_back_what_was_rendered(self, cast: Cast):
        row = Version.objects.get(kind=DocumentKind.CONFIDENTIALITY)
        assert published(row).publication == shipped.confidentiality()

    def test_signs_every_version_in_the_practices_name(self, cast: Cast):
        public = verified_practice_key("record", under=Trust(cast.manager.keys.root_id))
        for row in Version.objects.all():
            require_as_published(row)
            assert verify_ed25519(public, bytes(row.signature), statement_of(row))


class TestPublishVersion:
    def test_a_newer_version_takes_the_place_of_the_older(self, manager, newer):
        review = Review("A. Counsel", timezone.now().date())
        row = publish(manager, newer, review=review)
        assert current_version(at=timezone.now()) == row
        assert current_text(DocumentKind.CONFIDENTIALITY, at=timezone.now()).is_reviewed
        assert current_version(at=row.effective_at - timedelta(seconds=1)).version == "1.0.0"

    def test_the_same_version_is_published_once(self, manager):
        with pytest.raises(AlreadyPublished):
            publish(manager, shipped.document("confidentiality"))

    @pytest.mark.parametrize("value", ["", "  ", "{{jurisdiction_name}}"])
    def test_an_empty_or_open_variable_is_refused(self, manager, newer, value):
        with pytest.raises(TextRefused):
            publish(manager, newer, choices=choices(emergency_number=value))
        assert Version.objects.count() == 2

    @pytest.mark.parametrize("days", [-366, 1])
    def test_a_review_of_long_ago_or_of_tomorrow_is_refused(self, manager, newer, days):
        review = Review("A. Counsel", timezone.now().date() + timedelta(days=days))
        with pytest.raises(ReviewTooOld):
            publish(manager, newer, review=review)
        assert Version.objects.count() == 2

    def test_a_published_text_is_never_changed_or_deleted(self, cast: Cast):
        for change in (lambda rows: rows.update(text="# Other"), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(Version.objects.filter(kind=DocumentKind.CONFIDENTIALITY))
        assert (
            published(Version.objects.get(kind=DocumentKind.CONFIDENTIALITY)).publication == shipped.confidentiality()
        )


@pytest.mark.django_db
def test_before_anything_is_published_there_is_nothing_to_read():
    with pytest.raises(NothingPublished):
        current_text(DocumentKind.CONFIDENTIALITY, at=timezone.now() - timedelta(days=4000))
