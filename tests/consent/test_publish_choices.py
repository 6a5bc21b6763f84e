"""Publishing a practice's own choices: what was seen, once, by one person at a time."""

import hashlib
from dataclasses import asdict, replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from access.roles import Role
from audit.acts import Act, Outcome
from audit.models import Entry
from consent.kinds import ChangeClass, DocumentKind
from consent.models import Event, Record, Version
from consent.services.attesting import SignatureUnproven
from consent.services.choosing import (
    ClockBehind,
    NothingChanged,
    NotSeen,
    Overtaken,
    find_text,
    next_version,
    own_text,
    preview,
    publish_choices,
)
from consent.services.deciding import current_version
from consent.services.publishing import Review, ReviewTooOld, TextAltered, current_text, published, statement_of
from consent.services.records import look_at_record
from keys.models import PracticeKey
from keys.signing import ed25519_public, sign_ed25519
from tests.cast import Cast, sign_consent
from tests.conftest import SignIn
from tests.consent.choices import choose, proposal, publish
from tests.consent.pages import Reader
from tests.consent.tampering import alter

# Each column of a version with another value.
ALTERED: list[dict[str, Any]] = [
    {"kind": DocumentKind.SCREEN_FORMS, "version": "9.9.9"},
    {"version": "9.9.9"},
    {"lang": "en-GB"},
    {"variant": "couple"},
    {"jurisdiction": "US-OR"},
    {"title": "All is shared"},
    {"text": "# What stays private\n"},
    {"sha256": "ab" * 32},
    {"intro_html": "<p>Hello.</p>"},
    {"screens": []},
    {"questions": {}},
    {"for_you_label": "For us"},
    {"meaning": "I agree to everything."},
    {"still_to_discuss": "Never mind"},
    {"variables": {}},
    {"change_class": ChangeClass.URGENT},
    {"effective_at": timezone.now()},
    {"counsel_reviewed_by": "Me", "counsel_review_date": date(2026, 1, 1)},
    {"published_by": uuid4()},
    {"published_at": timezone.now()},
    {"signature": b"\0" * 64},
    {"signature": b""},
]


@pytest.fixture
def manager(cast: Cast):
    return cast.manager.as_(Role.MANAGER)


@pytest.fixture
def review() -> Review:
    return Review("Ada Counsel", timezone.now().date())


def limits():
    return Version.objects.filter(kind=DocumentKind.CONFIDENTIALITY).order_by("published_at")


class TestPublishChoices:
    def test_makes_a_new_version_of_what_was_chosen(self, manager, review):
        version = limits().get(pk=publish(manager, review=review, duty_to_protect="silent"))
        assert version == current_version(at=timezone.now())
        assert (version.version, version.jurisdiction) == ("1.1.0", "US-OR")
        assert (version.counsel_reviewed_by, version.counsel_review_date) == (review.by, review.on)
        assert "In Oregon the law says" in version.text
        assert "We follow the rules of our profession." in version.text
        assert version.published_by == manager.user.pk

    def test_leaves_the_version_before_as_it_was(self, manager):
        before = limits().values().get()
        publish(manager)
        assert limits().values().first() == before

    def test_is_in_the_log_by_the_manager(self, manager):
        version = publish(manager)
        entry = Entry.objects.filter(action=Act.CONSENT_PUBLISHED, obj_id=version).get()
        assert (entry.actor_id, entry.role) == (manager.audit_id, Role.MANAGER)

    def test_says_of_a_text_that_nobody_reviewed_that_nobody_did(self, manager):
        publish(manager)
        assert own_text().review is None
        assert not current_text(DocumentKind.CONFIDENTIALITY, at=timezone.now()).is_reviewed

    def test_counts_a_review_of_the_same_words_as_editorial(self, manager, review):
        publish(manager)
        version = limits().get(pk=publish(manager, review=review, change=ChangeClass.URGENT))
        assert (version.version, version.change_class) == ("1.1.1", ChangeClass.EDITORIAL)
        assert own_text().review == review

    def test_sent_twice_it_is_one_version(self, manager):
        sent = proposal()
        versions = {publish_choices(by=manager, proposal=sent, at=timezone.now()) for _ in range(2)}
        assert limits().count() == 2
        assert versions == {own_text().text.id}

    def test_tells_again_what_was_chosen(self, manager):
        publish(manager, supervision="mixed", past_abuse="always")
        own = own_text()
        assert own.is_chosen
        assert {"supervision": "mixed", "past_abuse": "always"}.items() <= own.use.items()
        assert own.published_by == "Priya Nair"
        assert [version.version for version in own.earlier] == ["1.0.0"]

    def test_hands_out_the_bytes_that_were_hashed(self, manager):
        publish(manager)
        for version in limits():
            assert hashlib.sha256(find_text(version.version).text.encode()).hexdigest() == version.sha256
        assert find_text("7.0.0") is None

    def test_takes_the_day_of_a_review_by_the_practices_own_calendar(self, manager):
        late_in_utc = (timezone.now() + timedelta(days=1)).replace(hour=20)
        tomorrow = late_in_utc.date() + timedelta(days=1)
        with timezone.override("Pacific/Guam"):
            version = publish(manager, review=Review("Ada Counsel", tomorrow), at=late_in_utc)
        assert limits().get(pk=version).counsel_review_date == tomorrow


class TestRefusals:
    @pytest.fixture(autouse=True)
    def nothing_is_left_behind(self, manager):
        before = limits().count()
        yield
        assert limits().count() == before
        assert Entry.objects.filter(action=Act.CONSENT_PUBLISHED).count() == before + 1

    def assert_refused(self, refusal, manager, sent):
        with pytest.raises(refusal):
            publish_choices(by=manager, proposal=sent, at=timezone.now())
        assert Entry.objects.filter(action=Act.CONSENT_REFUSED, outcome=Outcome.DENIED).count() == 1

    def test_what_is_published_already(self, manager):
        text = own_text().text
        shipped = choose(jurisdiction="US")
        sent = replace(proposal(), choices=shipped, seen=preview(shipped).publication.sha256, base=text.id)
        self.assert_refused(NothingChanged, manager, sent)

    def test_what_nobody_has_looked_at(self, manager):
        self.assert_refused(NotSeen, manager, replace(proposal(), choices=choose(past_abuse="always")))

    def test_a_version_that_would_never_be_in_force(self, manager):
        with pytest.raises(ClockBehind):
            publish(manager, at=own_text().published_at - timedelta(seconds=1))

    @pytest.mark.parametrize("days", [-366, 1])
    def test_a_review_of_long_ago_or_of_tomorrow(self, manager, days):
        old = Review("Ada Counsel", timezone.now().date() + timedelta(days=days))
        self.assert_refused(ReviewTooOld, manager, proposal(review=old))


class TestTwoManagers:
    def test_the_second_is_told_and_nothing_of_theirs_is_published(self, cast: Cast, manager):
        late = proposal(past_abuse="always")
        first = publish(manager, duty_to_protect="silent")
        other = cast.dana.as_(Role.MANAGER)
        with pytest.raises(Overtaken):
            publish_choices(by=other, proposal=late, at=timezone.now())
        assert own_text().text.id == first

    def test_the_second_is_told_though_their_clock_is_behind(self, cast: Cast, manager):
        late, at = proposal(past_abuse="always"), timezone.now()
        publish(manager, duty_to_protect="silent", at=at + timedelta(seconds=1))
        with pytest.raises(Overtaken):
            publish_choices(by=manager, proposal=late, at=at)

    def test_the_second_is_told_though_both_chose_the_same(self, cast: Cast, manager):
        late = proposal()
        publish(manager)
        with pytest.raises(Overtaken):
            publish_choices(by=cast.dana.as_(Role.MANAGER), proposal=late, at=timezone.now())


class TestNextVersion:
    @pytest.mark.parametrize(
        ("version", "change", "expected"),
        [
            ("1.0.0", ChangeClass.MATERIAL, "1.1.0"),
            ("1.1.3", ChangeClass.URGENT, "1.2.0"),
            ("1.9.0", ChangeClass.MATERIAL, "1.10.0"),
            ("1.1.9", ChangeClass.EDITORIAL, "1.1.10"),
        ],
    )
    def test_counts_on(self, version, change, expected):
        assert next_version(version, change) == expected


class TestTampering:
    """Somebody who can write the database takes the triggers away first."""

    @pytest.mark.usefixtures("cast")
    def test_the_database_itself_refuses(self):
        for change in (lambda rows: rows.update(counsel_reviewed_by="Me"), lambda rows: rows.delete()):
            with pytest.raises(DatabaseError), transaction.atomic():
                change(limits())

    def test_a_signed_record_names_the_text_that_was_read(self, cast: Cast, manager):
        sign_consent(cast.robin)
        alter(Record.objects.all(), version=publish(manager, duty_to_protect="silent"))
        by = cast.robin.person.as_(Role.CLIENT)
        with pytest.raises(SignatureUnproven):
            look_at_record(by=by, client=cast.robin.record, at=timezone.now())

    @pytest.mark.usefixtures("cast")
    @pytest.mark.parametrize("altered", ALTERED, ids="-".join)
    def test_an_altered_version_is_read_by_nobody(self, altered):
        row = limits().get()
        alter(limits(), **altered)
        with pytest.raises(TextAltered):
            published(Version.objects.get(pk=row.pk))

    @pytest.mark.usefixtures("cast")
    def test_nor_one_that_is_altered_whole(self):
        # Text, screens and hash fit each other, so that nothing but the signature tells.
        other = preview(choose(duty_to_protect="silent")).publication
        screens = [asdict(screen) for screen in other.screens]
        alter(limits(), text=other.text, sha256=other.sha256, screens=screens)
        for read in (own_text, lambda: current_text(DocumentKind.CONFIDENTIALITY, at=timezone.now())):
            with pytest.raises(TextAltered):
                read()

    def test_a_planted_version_is_neither_read_nor_signed(self, cast: Cast, signed_in: SignIn):
        planted = plant_version(meaning="I agree to everything.")
        with pytest.raises(TextAltered):
            current_text(DocumentKind.CONFIDENTIALITY, at=timezone.now())
        with pytest.raises(TextAltered):
            sign_consent(cast.robin)
        assert not Event.objects.filter(version=planted).exists()
        begin = Reader(cast.robin, signed_in(cast.robin.person)).get()
        assert "errors/seal_broken.html" in {template.name for template in begin.templates}
        assert "everything" not in begin.content.decode()

    @pytest.mark.usefixtures("cast")
    def test_nor_under_a_key_that_its_writer_calls_the_practices(self):
        planted = plant_version()
        seed = bytes(range(32))
        PracticeKey.objects.filter(name="record").update(public=ed25519_public(seed))
        alter(Version.objects.filter(pk=planted.pk), signature=sign_ed25519(seed, statement_of(planted)))
        with pytest.raises(TextAltered):
            current_text(DocumentKind.CONFIDENTIALITY, at=timezone.now())


def plant_version(**changes: object) -> Version:
    """Insert what a writer of the database would like clients to read: no guard is in the way of a new row."""
    version: Version = limits().get()
    for name, value in {"pk": uuid4(), "version": "1.0.1", "effective_at": timezone.now(), **changes}.items():
        setattr(version, name, value)
    version.save(force_insert=True)
    return version
