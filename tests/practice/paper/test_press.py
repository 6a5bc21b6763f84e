"""The press: tagged pages, in a process that can write nothing, fetch nothing and outlive nobody."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader

from practice.paper import printing
from practice.paper.examining import PACKAGES
from practice.paper.press import give, take
from practice.paper.printing import NoPaper, Press, print_page

pytestmark = pytest.mark.once
_PAGE = """<!doctype html><html lang="en" data-foot="Alder Lane"><head><meta charset="utf-8"><title>Zaunkönig</title>
</head><body><h1>A heading</h1><p class="prose">Grünspecht
and a second line.</p>
<table><tbody><tr><th scope="row">Code</th><td>K7M2Q0</td></tr></tbody></table></body></html>"""


@pytest.fixture(scope="module")
def pdf():
    return print_page(_PAGE)


class TestThePdf:
    def test_is_tagged_with_language_and_title(self, pdf):
        root = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert "/StructTreeRoot" in root
        assert root["/Lang"] == "en"
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert PdfReader(io.BytesIO(pdf)).metadata.title == "Zaunkönig"
        assert {"/H1", "/P", "/Table", "/TH", "/TD"} <= tags_in(root["/StructTreeRoot"])
        # PDF/UA-1 says so of itself in its metadata.
        assert b"pdfuaid" in root["/Metadata"].get_data()

    def test_has_page_numbers_a_foot_where_one_is_given_and_no_address(self, pdf):
        text = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
        assert "Page 1 of 1" in text
        assert "Alder Lane" in text
        assert "Grünspecht\nand a second line." in text
        assert "://" not in text
        assert b"/URI" not in pdf


class TestThePress:
    def test_is_a_program_that_can_write_no_file(self, tmp_path):
        probe = f"""
import importlib.util, os, resource, sys
spec = importlib.util.spec_from_file_location("press", {str(printing._PROGRAM)!r})
press = importlib.util.module_from_spec(spec); spec.loader.exec_module(press); press._shut_in()
try:
    with open({str(tmp_path / "leak")!r}, "w") as leak: leak.write("Zaunkönig")
except OSError as error: print(type(error).__name__, resource.getrlimit(resource.RLIMIT_CORE))
"""
        ran = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == "OSError (0, 0)"
        assert (tmp_path / "leak").read_bytes() == b""

    def test_hears_nothing_of_what_a_library_prints(self, monkeypatch, tmp_path):
        # As where pango is missing: the layout library says so on the output, and then fails.
        talks = tmp_path / "talks.py"
        talks.write_text(f"""
import importlib.util, sys
spec = importlib.util.spec_from_file_location("press", {str(printing._PROGRAM)!r})
press = importlib.util.module_from_spec(spec); spec.loader.exec_module(press)
out = press._own_output()
print("A library could not be found.", flush=True)
press.give(out, b"a page")
sys.stdin.buffer.read(8)
""")
        monkeypatch.setattr(printing, "_PROGRAM", talks)
        assert print_page("") == b"a page"

    def test_knows_nothing_of_the_environment(self, monkeypatch, tmp_path):
        # A program in its place that tells what it was given.
        told = tmp_path / "told.py"
        told.write_text(
            "import os, sys\nout = sys.stdout.buffer\nsaid = ' '.join(os.environ).encode()\n"
            "out.write(len(said).to_bytes(8, 'big') + said)\nout.flush()\nsys.stdin.buffer.read(8)\n"
        )
        monkeypatch.setattr(printing, "_PROGRAM", told)
        monkeypatch.setenv("PEPPER", "x")
        assert set(print_page("").decode().split()) <= {"PATH", "LD_LIBRARY_PATH", "LC_CTYPE"}
        assert "PEPPER" in os.environ

    @pytest.mark.parametrize(
        "program",
        [
            "raise SystemExit(1)",
            "print('half')",
            "print('A library could not be found.')",
            "import time; time.sleep(60)",
        ],
    )
    def test_says_that_it_cannot_and_starts_anew(self, monkeypatch, tmp_path, program):
        broken = tmp_path / "broken.py"
        broken.write_text(program)
        monkeypatch.setattr(printing, "_PROGRAM", broken)
        monkeypatch.setattr(printing, "_SECONDS", 0.5)
        with Press() as press:
            for _ in range(2):
                with pytest.raises(NoPaper, match="doctor"):
                    press.print("x" * 100_000)
            assert press._process is None

    def test_prints_page_after_page_and_none_that_asks_for_anything(self):
        with Press() as press:
            assert press.print("<p>one</p>") != press.print("<p>two</p>")
            process = press._process
            assert process.poll() is None
            for asking in ("file:///etc/hostname", "http://127.0.0.1:1/"):
                with pytest.raises(NoPaper):
                    press.print(f'<img src="{asking}" alt="none">')
        # It ends with whoever asked.
        assert process.poll() is not None

    def test_costs_the_server_no_memory_of_its_own(self):
        asked = "import sys, practice.paper.printing; print('weasyprint' in sys.modules)"
        project = Path(printing.__file__).parents[2]
        ran = subprocess.run([sys.executable, "-c", asked], cwd=project, capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == "False"

    def test_needs_what_the_bootstrap_installs(self):
        script = Path(printing.__file__).parents[2] / "scripts" / "bootstrap.sh"
        assert f'paper="{PACKAGES}"' in script.read_text()


class TestPieces:
    def test_come_out_as_they_went_in_and_end_with_the_source(self):
        pipe = io.BytesIO()
        give(pipe, b"one")
        give(pipe, b"")
        pipe.write((5).to_bytes(8, "big") + b"cut")
        pipe.seek(0)
        assert [take(pipe), take(pipe), take(pipe), take(pipe)] == [b"one", b"", None, None]


def tags_in(node):
    """Collect the kinds of a structure tree."""
    found, children = {node.get("/S")}, node.get("/K", [])
    for child in children if isinstance(children, list) else [children]:
        one = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(one, dict):
            found |= tags_in(one)
    return found
