import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from events.streams.organizations import stream_of
from events.streams.records import ActivityCorrected
from tests.support.api_client import program
from tests.support.districts import scheme
from tests.support.web_client import OWN, Web
from tests.support.web_district import PNG, Visitor, WebDistrict
from tracker.http import guards
from tracker.storage import evidence

UPLOAD = "/organizations/c/evidence"


def files(home: WebDistrict) -> list[Path]:
    """Every file in the store, half-sent ones too."""
    return [one for one in home.folder.rglob("*") if one.is_file()]


def test_a_file_is_stored_and_told(home: WebDistrict, secretary: Visitor) -> None:
    """Digest, type, size and name come back; who sent it may fetch it, with its name."""
    told = secretary.upload("c", name="签到 表.png")
    assert told == {
        "file": evidence.store_bytes(home.folder, [PNG])[0],
        "media_type": "image/png",
        "size": len(PNG),
        "name": "签到 表.png",
        "used": [],
    }
    answer = secretary.client.get(f"/evidence/{told['file']}")
    assert answer.content == PNG
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith("inline; filename*=utf-8''%E7%AD%BE")
    assert answer.headers["content-security-policy"].startswith("sandbox")


def test_a_file_used_before_is_flagged_at_once(home: WebDistrict, secretary: Visitor) -> None:
    """With record and day where one may see them, else only that it was somewhere."""
    file = secretary.upload("c")["file"]
    named = {"kind": "minutes", "file": file}
    home.small.record("c", "m-1", "2026-03-02", evidence=(named,))
    home.small.tell(
        stream_of("c"),
        ActivityCorrected(record_id="m-1", changes={"evidence": [named]}, reason="同一份"),
    )
    mine = {
        "organization": "c",
        "name": "组织c",
        "record_id": "m-1",
        "occurred_on": "2026-03-02",
    }
    nowhere = dict.fromkeys(mine)
    assert secretary.upload("c")["used"] == [mine]
    assert home.enter("branch", "d").upload("d")["used"] == [nowhere]


def test_what_is_not_used_is_seen_by_its_sender_alone(
    home: WebDistrict, secretary: Visitor
) -> None:
    """Once a record names it, every user who may see the record gets it; others get 404."""
    file = secretary.upload("c")["file"]
    clerk, other = home.enter("township", "r"), home.enter("branch", "d")
    assert clerk.client.get(f"/evidence/{file}").status_code == 404
    named = ({"kind": "minutes", "file": file},)
    home.small.record("c", "m-1", "2026-03-02", evidence=named)
    assert clerk.client.get(f"/evidence/{file}").status_code == 200
    assert other.client.get(f"/evidence/{file}").status_code == 404
    assert secretary.client.get(f"/evidence/{'0' * 64}").status_code == 404


def test_a_kept_file_is_asked_for_each_time(home: WebDistrict, secretary: Visitor) -> None:
    """A browser's copy is shown again only to who may still see it, as guarded as at first."""
    file = secretary.upload("c")["file"]
    path, kept = f"/evidence/{file}", {"if-none-match": f'"{file}"'}
    whole = secretary.client.get(path)
    assert whole.headers["cache-control"] == "private, no-cache"
    assert whole.headers["etag"] == kept["if-none-match"]
    for sent in (kept["if-none-match"], f'"other", W/"{file}"'):
        again = secretary.client.get(path, headers={"if-none-match": sent})
        assert (again.status_code, again.content) == (304, b"")
        for name in ("cache-control", "etag", "content-disposition", "content-security-policy"):
            assert again.headers[name] == whole.headers[name]
    assert secretary.client.get(path, headers={"if-none-match": '"other"'}).content == PNG
    assert home.enter("branch", "d").client.get(path, headers=kept).status_code == 404
    secretary.client.cookies.clear()
    assert secretary.client.get(path, headers=kept).status_code == 303


def test_an_office_file_is_handed_over_to_be_saved(secretary: Visitor) -> None:
    """A browser does not open by itself what it cannot show."""
    file = secretary.upload("c", b"PK\x03\x04....", "台账.xlsx")["file"]
    disposition = secretary.client.get(f"/evidence/{file}").headers["content-disposition"]
    assert disposition.startswith("attachment")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "文件是空的"),
        (b"MZ\x90\0", "改扩展名不算"),
        (b"<html><script>", "改扩展名不算"),
    ],
)
def test_a_wrong_type_is_told_in_one_sentence(
    home: WebDistrict, secretary: Visitor, body: bytes, said: str
) -> None:
    """Whatever its name says; nothing is kept."""
    told = secretary.upload("c", body, "真的是.png", 422)
    assert said in told["title"]
    assert told["errors"] == [{"field": "file", "message": told["title"]}]
    assert files(home) == []


def test_a_file_too_large_is_told(
    home: WebDistrict, secretary: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it is read where it says so itself, else as soon as it is; nothing is kept."""
    monkeypatch.setattr(evidence, "LARGEST", 30)
    assert secretary.upload("c", status=422)["title"] == "文件超过 0 MB"
    assert files(home) == []
    headers = {"x-csrf-token": secretary.csrf, "accept": "application/json"}
    pieces = secretary.client.post(UPLOAD, content=iter([PNG, PNG]), headers=headers)
    assert pieces.status_code == 422
    assert files(home) == []
    monkeypatch.setattr(evidence, "LARGEST", 1000)
    monkeypatch.setattr(guards, "LARGEST_FILE", 20)
    assert secretary.client.post(UPLOAD, content=PNG, headers=headers).status_code == 413
    assert files(home) == []


def test_a_connection_that_breaks_leaves_nothing(home: WebDistrict, secretary: Visitor) -> None:
    """Half a file was sent, then the sender was gone."""
    cookie = "; ".join(f"{name}={one}" for name, one in secretary.client.cookies.items())
    scope: dict[str, Any] = {
        "type": "http", "method": "POST", "path": UPLOAD, "raw_path": UPLOAD.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "http_version": "1.1",
        "server": ("testserver", 80), "client": ("test", 1),
        "headers": [
            (b"host", b"testserver"), (b"cookie", cookie.encode()),
            (b"x-csrf-token", secretary.csrf.encode()), (b"content-length", b"1000"),
        ],
    }  # fmt: skip
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": PNG, "more_body": True},
        {"type": "http.disconnect"},
    ]
    met: list[list[Path]] = []
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        met.append(files(home))
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(home.app(scope, receive, send))
    assert len(met[1]) == 1
    assert files(home) == []
    assert sent[0]["status"] == 409
    with home.small.read() as reader:
        assert reader.rows("SELECT * FROM evidence_files") == []


def test_only_who_may_record_there_sends(home: WebDistrict, secretary: Visitor) -> None:
    """A foreign organization is unknown, a forged request refused; nothing is kept."""
    secretary.upload("d", status=404)
    secretary.csrf = "forged"
    secretary.upload("c", status=403)
    home.enter("auditor", None).upload("c", status=403)
    assert files(home) == []


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write uploads to a device that is always full."""
    begin = evidence.IncomingFile.__init__

    def begin_on_full_device(incoming: evidence.IncomingFile, folder: Path) -> None:
        begin(incoming, folder)
        incoming._file.close()
        incoming._file = Path("/dev/full").open("wb")  # noqa: SIM115 - discard closes it

    monkeypatch.setattr(evidence.IncomingFile, "__init__", begin_on_full_device)


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_is_told(home: WebDistrict, secretary: Visitor) -> None:
    """Small and large files: 507, one sentence, nothing left on disk and nothing registered."""
    for body in (PNG, PNG + b"x" * 100_000):
        told = secretary.upload("c", body, status=507)
        assert told["type"].rpartition(":")[2] == "disk_full"
        assert "服务器磁盘已满" in told["title"]
    assert files(home) == []
    with home.small.read() as reader:
        assert evidence.list_stored(reader) == []


def test_a_folder_that_is_a_file_is_told(home: WebDistrict, secretary: Visitor) -> None:
    """The sentence names what is in the way."""
    home.folder.write_text("in the way")
    told = secretary.upload("c", status=503)
    assert "是一个文件" in told["title"]


API_UPLOAD = "/api/v1/organizations/c/evidence"


def upload_by_api(secretary: Visitor) -> tuple[int, str]:
    """Send a file as a program does; status and type of the problem."""
    answer = secretary.client.post(
        API_UPLOAD, content=PNG, headers={"x-csrf-token": secretary.csrf, "accept-language": "en"}
    )
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a folder that nobody may write")
def test_a_read_only_folder_is_told(home: WebDistrict, secretary: Visitor) -> None:
    """Nobody creates files in the kernel's folder: 503 at both doors, and a sentence for people."""
    home.folder.symlink_to("/sys/kernel")
    told = secretary.upload("c", status=503)
    assert "附件文件夹不能写入，文件没有保存" in told["title"]
    assert upload_by_api(secretary) == (503, "storage_unusable")
    with home.small.read() as reader:
        assert evidence.list_stored(reader) == []
    home.folder.unlink()
    secretary.upload("c")


def test_a_missing_folder_is_told_to_programs(home: WebDistrict, secretary: Visitor) -> None:
    """The API answers as the page does."""
    secretary.upload("c")
    home.folder.rename(home.folder.with_name("elsewhere"))
    assert upload_by_api(secretary) == (503, "evidence_folder_missing")


def test_a_missing_folder_is_not_made_again(home: WebDistrict, secretary: Visitor) -> None:
    """Where files are registered an upload is refused and the folder stays missing."""
    secretary.upload("c")
    home.folder.rename(home.folder.with_name("elsewhere"))
    told = secretary.upload("c", status=503)
    assert "登记了 1 个文件" in told["title"]
    assert not home.folder.exists()
    home.folder.mkdir()
    secretary.upload("c", status=503)


def test_a_full_database_is_told(home: WebDistrict, secretary: Visitor) -> None:
    """With a limit of pages, as on a full disk, the answer is 507 in words."""

    def limit(driver: Any, *_: object) -> None:
        driver.execute("PRAGMA max_page_count = 1")  # SQLite makes it the pages there are now

    event.listen(home.small.engine, "checkout", limit)
    headers = {"x-csrf-token": secretary.csrf, "accept": "application/json"}
    answer = secretary.client.get(UPLOAD)
    for number in range(500):
        body = PNG + number.to_bytes(2, "big")
        answer = secretary.client.post(
            UPLOAD, content=body, headers=headers | {"x-file-name": "n" * 200}
        )
        if answer.status_code != 201:
            break
    event.remove(home.small.engine, "checkout", limit)
    assert answer.status_code == 507
    assert "数据库所在磁盘已满" in answer.json()["title"]


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "text/plain", ""])
def test_bytes_are_taken_whatever_their_content_type(web: Web, kind: str) -> None:
    """Each route that takes bytes takes them as ``curl --data-binary`` sends them."""
    policy = b"policy: district\nsampling: {default: {fraction: 0.5}}\n"
    document = json.dumps(scheme()).encode()
    line = json.dumps({"kind": "measure", "organization": OWN, "measure": "members",
                       "value": "9", "on": "2026-09-01"}).encode()  # fmt: skip
    sent = {"content_type": kind} if kind else {}
    department, secretary = program(web, "department"), program(web, "branch")
    for sender, path, body, status in (
        (department, "/schemes/check", document, 200),
        (department, "/schemes?from=2026-10&confirm=true", document, 200),
        (department, "/policy/check", policy, 200),
        (department, "/policy", policy, 200),
        (department, "/imports?name=a.jsonl", line, 200),
        (secretary, f"/organizations/{OWN}/evidence", PNG, 201),
    ):
        answer = sender.send("POST", path, body, **sent)
        assert answer.status == status, (path, answer.text)
    person = web.visitor("branch")
    headers = {"x-csrf-token": person.csrf} | ({"content-type": kind} if kind else {})
    page = f"/organizations/{OWN}/evidence"
    assert person.client.post(page, content=PNG, headers=headers).status_code == 201
    del headers["x-csrf-token"]
    assert person.client.post(page, content=PNG, headers=headers).status_code == 403


def test_a_form_where_json_is_asked_is_told(web: Web) -> None:
    """JSON that is sent as a form is refused in words, and is no server error."""
    body = b'{"measure": "members", "value": "9", "on": "2026-09-01"}'
    told = program(web, "branch").send(
        "POST", f"/organizations/{OWN}/measures", body, content_type=FORM, idempotency_key="k"
    )
    assert told.status == 422
    assert told.json["errors"] == [{"field": "", "message": "应为对象"}]
