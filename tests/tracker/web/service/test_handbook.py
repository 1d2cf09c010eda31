"""The handbook: its words are on the pages, its commands run, everybody can read it."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.web_client import Web
from tracker.web.page.rendering import FOLDER
from tracker.web.service.handbook import PAGES, read_page, render_page
from tracker.wording.refusals import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")
PAIR = re.compile(r"""(["'])([^"'\n]*[\u4e00-\u9fff][^"'\n]*)\1,\s*(["'])([^"'\n]+)\3""")
"""A Chinese text and the English one after it, as templates and pages have them."""
PROGRAMS = ("tracker", "systemctl", "journalctl")


@cache
def screen_words() -> frozenset[tuple[str, str]]:
    """Return the texts of templates and pages in both languages."""
    sources = [*(FOLDER / "templates").rglob("*.html"), *FOLDER.rglob("*.py")]
    own = FOLDER / "service" / "handbook.py"
    texts = [path.read_text(encoding="utf-8") for path in sources if path != own]
    return frozenset(
        (zh.strip(), en.strip()) for text in texts for _, zh, _, en in PAIR.findall(text)
    )


def bold(name: str, language: Language) -> list[str]:
    """Return the words that a page of the handbook shows as words of the screen."""
    return re.findall(r"\*\*([^*\n]+)\*\*", read_page(name, language))


@pytest.mark.parametrize("name", PAGES)
def test_no_word_of_a_button_is_invented(name: str) -> None:
    """What is bold is a text of the pages, in both languages, and both name the same places."""
    chinese, english = ({*bold(name, language)} for language in LANGUAGES)
    pairs = {(zh, en) for zh, en in screen_words() if zh in chinese and en in english}
    assert chinese - {zh for zh, _ in pairs} == set()
    assert english - {en for _, en in pairs} == set()
    assert chinese or name == "machine"


@pytest.mark.parametrize("name", PAGES)
def test_both_languages_have_the_same_tasks(name: str) -> None:
    """Headings, code and links are as many, and links lead to pages that are there."""
    chinese, english = (read_page(name, language) for language in LANGUAGES)
    for pattern in (r"^#+ ", r"^\d\. ", r"^```[^`]*?^```", r"\]\(([^)]+)\)"):
        in_chinese, in_english = (
            re.findall(pattern, text, re.MULTILINE) for text in (chinese, english)
        )
        assert sorted(in_chinese) == sorted(in_english), pattern
    for link in re.findall(r"\]\(([^)]+)\)", chinese):
        picture = FOLDER / link.removeprefix("/")
        assert link.removeprefix("/help/") in PAGES or picture.is_file()


def test_everybody_can_read_it(web: Web) -> None:
    """Without an account too, in both languages, linked from every page; others do not exist."""
    client = web.anybody()
    assert 'href="/help"' in client.get("/login").text
    contents = client.get("/help").text
    for name, (chinese, _) in PAGES.items():
        assert f'<a href="/help/{name}">{chinese}</a>' in contents
        assert render_page(name, "zh") in client.get(f"/help/{name}").text
    assert client.get("/help/nothing").status == 404


def test_html_in_a_page_is_text() -> None:
    """Markdown is rendered, with no element of HTML taken over as it is."""
    assert "<strong>" in render_page("branch", "en")
    assert "<pre><code" in render_page("machine", "en")


def commands() -> list[str]:
    """Return the command lines of the page for who runs the machine; both languages agree."""
    blocks = re.findall(r"^```sh\n(.*?)^```", read_page("machine", "zh"), re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_the_commands_run(cli: CommandLine, tmp_path: Path) -> None:
    """Each command of tracker runs in its order; the others are of systemd."""
    lines = commands()
    assert {line.split()[0] for line in lines} == set(PROGRAMS)
    cli.done("account", "open", "admin", "--name", "管理员", "--role", "administrator")
    ran = 0
    for line in lines:
        program, *words = line.split()
        if program != "tracker":
            continue
        if "NAME" in words:
            (copy,) = (cli.folder / "backup").glob("*.db")
            words[words.index("NAME")] = copy.name
        if words[:2] == ["database", "copy"]:
            words[2:] = [f"sqlite:///{cli.database}", f"sqlite:///{tmp_path / 'copy.db'}"]
        said = cli(*words)
        assert said.status == 0, (line, said.err)
        ran += 1
    assert ran >= 11
