"""The manager's pages of the practice's own text, with scripts off."""

import hashlib
import re
import shutil
import subprocess
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from access.models import KeySession
from access.roles import Role
from audit.acts import Act
from audit.models import Entry
from consent.kinds import ChangeClass, DocumentKind
from consent.models import Version
from consent.services.choosing import own_text
from tests.cast import PASSPHRASE, Cast, sign_consent
from tests.conftest import SignIn
from tests.consent import shipped
from tests.consent.choices import publish

VERIFY = Path(__file__).parents[2] / "docs" / "verify-consent.md"
HIDDEN = re.compile(r'<input type="hidden" name="(base|seen)" value="([^"]*)"')
CHOSEN = {"jurisdiction": "US-OR", **{name: shipped.CATALOGUE.use[name] for name in shipped.CATALOGUE.topics}}
REVIEWED = {"counsel": "Ada Counsel", "confirmation": "reviewed"}
ADDRESSES = ("/limits/", "/limits/choose/", "/limits/1.0.0/text.md")


def words(page) -> str:
    return unescape(" ".join(page.content.decode().split()))


def hidden(page) -> dict[str, str]:
    return dict(HIDDEN.findall(page.content.decode()))


@pytest.fixture
def manager(cast: Cast, signed_in: SignIn) -> Browser:
    return signed_in(cast.manager)


def look(browser: Browser, **chosen: str):
    return browser.get("/limits/choose/", {**CHOSEN, **chosen})


def press_publish(browser: Browser, *, page=None, **typed: str):
    """Press the button of a page that shows the text, with whatever else is filled in."""
    form = {**CHOSEN, **hidden(page or look(browser)), "change": "material", "confirmation": "not reviewed"}
    return browser.post("/limits/publish/", {**form, **typed})


def count() -> int:
    return Version.objects.filter(kind=DocumentKind.CONFIDENTIALITY).count()


class TestReadText:
    def test_shows_what_is_published_and_that_nobody_reviewed_it(self, manager: Browser):
        page, own = words(manager.get("/limits/")), own_text()
        assert own.text.facts.sha256 in page
        assert "1.0.0, en-US, US" in page
        assert "put in force when the practice was founded" in page
        assert "by Priya Nair" not in page
        assert "Not reviewed" in page
        assert "It names no state, and nobody has made the practice’s own choices in it yet." in page
        assert all(screen.title in page for screen in own.text.screens)

    def test_shows_who_reviewed_it(self, manager: Browser, cast: Cast):
        today = timezone.now().date()
        page = press_publish(manager, counsel="Ada Counsel", reviewed_date=str(today), confirmation="reviewed")
        assert page["Location"] == "/limits/"
        shown = words(manager.get("/limits/"))
        assert f"Ada Counsel, {today.day} " in shown
        assert "Not reviewed" not in shown
        assert "put in force when the practice was founded" not in shown
        assert "by Priya Nair" in shown

    def test_is_found_from_the_pages_that_a_manager_knows(self, manager: Browser):
        for address in ("/people/", reverse("access:set_practice")):
            assert 'href="/limits/"' in manager.get(address).content.decode()

    def test_hands_out_each_version_with_the_bytes_of_its_hash(self, manager: Browser, cast: Cast):
        publish(cast.manager.as_(Role.MANAGER))
        for row in Version.objects.filter(kind=DocumentKind.CONFIDENTIALITY):
            file = manager.get(f"/limits/{row.version}/text.md")
            assert hashlib.sha256(file.content).hexdigest() == row.sha256
            assert file["Content-Disposition"] == 'attachment; filename="text.md"'
        assert manager.get("/limits/8.0.0/text.md").status_code == 404

    @pytest.mark.skipif(shutil.which("openssl") is None, reason="the step is openssl's")
    def test_a_stranger_comes_to_the_hash_by_the_commands_of_the_page(
        self, manager: Browser, cast: Cast, tmp_path: Path
    ):
        publish(cast.manager.as_(Role.MANAGER))
        (tmp_path / "text.md").write_bytes(manager.get("/limits/1.1.0/text.md").content)
        [step] = re.findall(r"^(test .* openssl .*text\.md)$", VERIFY.read_text(), flags=re.MULTILINE)
        done = subprocess.run(["sh", "-c", step], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout.split()[-1] == own_text().text.facts.sha256

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_is_the_managers_alone(self, cast: Cast, signed_in: SignIn, address: str):
        for person in (cast.dana, cast.auditor, cast.robin.person):
            assert signed_in(person).get(address).status_code == 403


class TestChoose:
    def test_chooses_nothing_for_a_practice_that_has_not_chosen(self, manager: Browser):
        assert "checked" not in manager.get("/limits/choose/").content.decode()
        assert "selected" not in manager.get("/limits/choose/").content.decode().replace('value="" selected', "")

    def test_begins_the_next_time_with_what_was_chosen(self, manager: Browser, cast: Cast):
        publish(cast.manager.as_(Role.MANAGER), duty_to_protect="silent")
        page = manager.get("/limits/choose/").content.decode()
        assert '<option value="US-OR" selected>Oregon</option>' in page
        assert re.search(r'value="silent"[^>]*checked', page)

    def test_says_of_each_choice_which_words_it_puts_in_and_which_law_is_behind_it(self, manager: Browser):
        page = words(manager.get("/limits/choose/"))
        for topic in shipped.CATALOGUE.topics.values():
            if len(topic.options) > 1:
                assert topic.question in page
                assert topic.law in page
                assert all(words in page for option in topic.options.values() for words in option.sentences.values())

    def test_shows_the_whole_text_and_marks_what_changes(self, manager: Browser):
        page = words(look(manager, duty_to_protect="silent"))
        assert '<del><span class="vh">Gone: </span>The law here says that we must act' in page
        assert '<ins><span class="vh">New: </span>The law here does not say what we must do' in page
        assert all(screen.title in page for screen in own_text().text.screens)
        assert "Nothing is published yet" in page
        assert count() == 1

    def test_keeps_nothing_and_logs_nothing(self, manager: Browser):
        before = Entry.objects.count()
        look(manager)
        assert Entry.objects.count() == before

    def test_wants_each_question_answered(self, manager: Browser):
        page = words(manager.get("/limits/choose/", {"duty_to_protect": "silent"}))
        assert "Error:" in page
        assert "Please choose your state." in page
        assert page.count("Please choose: ") >= len(shipped.CATALOGUE.topics) - 2
        assert re.search(r'value="silent"[^>]*checked', page)
        assert "The text as it would be" not in page

    @pytest.mark.parametrize(("name", "value"), [("jurisdiction", "US"), ("jurisdiction", "FR"), ("past_abuse", "\0")])
    def test_takes_no_answer_that_was_not_offered(self, manager: Browser, name: str, value: str):
        page = look(manager, **{name: value})
        assert page.status_code == 200
        assert "There is a problem" in words(page)

    def test_is_a_page_to_come_back_to(self, manager: Browser):
        """The text is looked at by its address alone, which a browser's Back opens without sending a form again."""
        page = words(look(manager, duty_to_protect="silent"))
        choosing, publishing = re.findall(r"<form method=\"(\w+)\" action=\"(/limits/[^\"]*)\"(.*?)</form>", page)
        assert choosing[:2] == ("get", "/limits/choose/#preview")
        assert "csrf" not in choosing[2]
        assert not any(name in choosing[2] for name in ("counsel", "reviewed_date", "confirmation", "seen"))
        assert publishing[:2] == ("post", "/limits/publish/")
        assert '<input type="hidden" name="duty_to_protect" value="silent">' in publishing[2]


class TestPublish:
    def test_opened_without_its_form_leads_to_the_choices(self, manager: Browser):
        assert manager.get("/limits/publish/")["Location"] == "/limits/choose/"

    def test_publishes_what_was_on_the_page(self, manager: Browser):
        seen = hidden(look(manager, supervision="mixed"))["seen"]
        page = look(manager, supervision="mixed")
        assert press_publish(manager, page=page, supervision="mixed")["Location"] == "/limits/"
        own = own_text()
        assert own.text.facts.sha256 == seen
        assert (own.jurisdiction, own.use["supervision"]) == ("US-OR", "mixed")
        assert "The text is published" in words(manager.get("/limits/"))

    def test_the_next_client_signs_it_and_the_staff_see_that_nobody_reviewed_it(
        self, manager: Browser, cast: Cast, signed_in: SignIn
    ):
        press_publish(manager)
        sign_consent(cast.robin)
        page = words(signed_in(cast.dana).get(f"/clients/{cast.robin.client_id}/consent/"))
        assert "Version 1.1.0, en-US, US-OR (not yet reviewed by counsel)" in page

    def test_asks_for_the_passphrase_and_keeps_every_choice(self, manager: Browser):
        page = look(manager, supervision="mixed")
        KeySession.objects.update(fresh_at=timezone.now() - timedelta(minutes=11))
        asked = press_publish(manager, page=page, supervision="mixed", counsel="", change="urgent")
        assert count() == 1
        kept = dict(re.findall(r'name="(\w+)" value="([^"]*)"', asked.content.decode()))
        kept |= dict(re.findall(r'name="(\w+)">\s([^<]*)</textarea>', asked.content.decode()))
        assert (kept["supervision"], kept["change"]) == ("mixed", "urgent")
        answer = manager.post("/limits/publish/", {**kept, "again-passphrase": PASSPHRASE})
        assert answer["Location"] == "/limits/"
        assert Version.objects.get(version="1.1.0").change_class == ChangeClass.URGENT

    @pytest.mark.parametrize("person", ["dana", "auditor"])
    def test_is_refused_to_everybody_else_and_logged(self, cast: Cast, signed_in: SignIn, person: str):
        answer = signed_in(getattr(cast, person)).post("/limits/publish/", CHOSEN)
        assert answer.status_code == 403
        assert Entry.objects.filter(action=Act.ACCESS_REFUSED, obj_type="consent.publish").count() == 1
        assert count() == 1


class TestRefused:
    """Nothing is published, the page says why, and everything is still filled in."""

    @pytest.mark.parametrize(
        ("typed", "says"),
        [
            ({"confirmation": ""}, "Please type “reviewed” or “not reviewed”."),
            ({"confirmation": "reviewed"}, "By what you filled in, this text is not reviewed."),
            ({"confirmation": "yes"}, "By what you filled in, this text is not reviewed."),
            ({"counsel": "Ada Counsel"}, "Please give the day of the review too."),
            ({"reviewed_date": "2026-11-02"}, "Please give the name of who reviewed it too."),
            ({"counsel": "Ada", "reviewed_date": "last week"}, "as year, month and day, such as 2026-11-22"),
            ({"counsel": "Ada\u202e", "reviewed_date": "2026-11-02"}, "without hidden characters"),
            ({"counsel": "A" * 201}, "at most 200 characters"),
            (
                {"counsel": "Ada", "reviewed_date": "2020-01-01", "confirmation": "reviewed"},
                "of the last twelve months",
            ),
            (
                {"counsel": "Ada", "reviewed_date": "9999-01-01", "confirmation": "reviewed"},
                "of the last twelve months",
            ),
            ({"change": ""}, "Please choose what happens with clients who signed the version before."),
            ({"change": "editorial"}, "one of the answers that are offered"),
            ({"seen": "ab" * 32}, "You changed a choice after the text was shown."),
            ({"past_abuse": "always"}, "You changed a choice after the text was shown."),
            ({"seen": "", "base": "x"}, "Please look at the text once more before it is published."),
            ({"jurisdiction": ""}, "Please choose your state."),
        ],
    )
    def test_says_why_and_keeps_what_was_typed(self, manager: Browser, typed: dict[str, str], says: str):
        page = press_publish(manager, **{"supervision": "licensed", **typed})
        assert page.status_code == 200
        assert says in words(page)
        assert "<title>Error:" in words(page)
        for name in {"counsel", "confirmation"} & typed.keys():
            assert f'value="{typed[name]}"' in words(page) or not typed[name]
        assert count() == 1

    def test_the_same_words_and_the_same_review(self, manager: Browser):
        press_publish(manager)
        page = press_publish(manager)
        assert "There is nothing to publish" in words(page)
        assert count() == 2

    def test_asks_nothing_about_signatures_where_no_word_changes(self, manager: Browser):
        press_publish(manager)
        page = words(look(manager))
        assert "Word for word what is published now, version 1.1.0." in page
        assert "Clients who signed the version before" not in page


class TestTwoManagers:
    def test_the_second_is_told_keeps_the_choices_and_can_publish_after_a_look(self, manager: Browser, cast: Cast):
        page = look(manager, supervision="mixed")
        publish(cast.dana.as_(Role.MANAGER), duty_to_protect="silent")
        told = press_publish(manager, page=page, supervision="mixed", confirmation="not reviewed")
        assert "A colleague published a version while you were choosing" in words(told)
        assert re.search(r'value="mixed"[^>]*checked', told.content.decode())
        assert "Compared with version 1.1.0" in words(told)
        assert count() == 2
        assert press_publish(manager, page=told, supervision="mixed")["Location"] == "/limits/"
        assert own_text().text.facts.version == "1.2.0"


class TestAltered:
    def test_a_text_that_is_not_what_was_hashed_is_shown_to_nobody(self, manager: Browser, monkeypatch):
        monkeypatch.setattr("consent.publication.hash_text", lambda _: "cd" * 32)
        page = manager.get("/limits/")
        assert page.status_code == 500
        assert "it was altered or moved" in words(page)
