"""The steps of a cycle: opened, drawn and closed by the department."""

import threading

import pytest

from events.periods import parse_month
from projections.organizations.directory import roots
from tests.support.web_client import MONTH, ROOT, STREET, Web
from tracker.http.background_jobs import BackgroundJobs, CycleStep, cycle_job

CYCLE = f"/cycles/{MONTH}"


def test_a_month_from_opening_to_close(web: Web) -> None:
    """The department opens, draws and closes a month; repeating a step changes nothing."""
    web.at("2026-10-01 09:00")
    visitor = web.visitor("department")
    opening = visitor.get("/cycles").form(f"/cycles/{MONTH}/open")
    assert visitor.send(opening).location == f"{CYCLE}?scope={ROOT}&done=open"
    assert "已开启" in visitor.get(f"{CYCLE}?done=open").text
    assert visitor.send(opening).location.endswith("done=already")
    web.at("2026-10-06 09:00")
    visitor = web.visitor("department")
    drawing = visitor.get(CYCLE).form("/draw").fill(randomness="31415")
    assert visitor.send(drawing).location.endswith("done=draw")
    assert visitor.send(drawing).location.endswith("done=already")
    other = visitor.send(drawing.fill(randomness="27182"))
    assert other.status == 409
    assert "2026-09 已用随机值“31415”抽取，不能重新抽取；“27182”没有采用" in other.text
    assert "31415" in visitor.get(CYCLE).text
    reason = "汛期\r\n停查"
    done = visitor.post(f"{CYCLE}/close?scope={ROOT}", uninspected="1", reason=reason, month=MONTH)
    assert done.location.endswith("done=close")
    assert len(web.events("CycleClosed")) == 1
    page = visitor.get(CYCLE)
    assert "汛期\n停查" in page.text
    assert f"{CYCLE}/bulletin?scope={ROOT}" in page.links
    assert "下一步" not in page.text


def test_a_refused_step_is_a_sentence(web: Web) -> None:
    """A refused step shows a sentence and keeps the input."""
    visitor = web.visitor("department")
    early = visitor.post(f"{CYCLE}/open")
    assert early.status == 409
    assert "2026-09 要到 2026-10-01 才能开启" in early.text
    assert "还没有开启" in visitor.post(f"{CYCLE}/close").text
    web.at("2026-10-01 09:00")
    visitor = web.visitor("department")
    visitor.post(f"{CYCLE}/open")
    early = visitor.post(f"{CYCLE}/draw", randomness="31415")
    assert early.status == 409
    assert "仍在宽限期内" in early.text
    assert 'value="31415"' in early.text
    assert visitor.post("/cycles/2026/open").status == 422


@pytest.mark.parametrize(
    ("step", "fields", "said"),
    [
        ("draw", {}, "请填写公开随机值"),
        ("draw", {"randomness": "1" * 501}, "太长，最多 500 个字"),
        ("draw", {"randomness": "1\x012"}, "控制字符"),
        ("close", {"uninspected": "1", "month": MONTH}, "请写明理由"),
        ("close", {"uninspected": "1", "reason": "汛期"}, "请输入 2026-09 以确认"),
    ],
)
def test_a_field_that_is_wrong_is_told_at_it(
    web: Web, step: str, fields: dict[str, str], said: str
) -> None:
    """A wrong value is reported at its field, and the step does not run."""
    web.at("2026-10-01 09:00")
    visitor = web.visitor("department")
    visitor.post(f"{CYCLE}/open")
    web.at("2026-10-06 09:00")
    page = web.visitor("department").post(f"{CYCLE}/{step}", **fields)
    assert page.status == 422
    assert said in page.text
    assert web.events("SampleDrawn") == []


def test_the_system_draws_where_there_is_no_public_value(web: Web) -> None:
    """The system generates the value if the user asks for it, and the page says so."""
    web.at("2026-10-01 09:00")
    web.visitor("department").post(f"{CYCLE}/open")
    web.at("2026-10-06 09:00")
    visitor = web.visitor("department")
    assert visitor.post(f"{CYCLE}/draw", by_system="1").location.endswith("done=draw")
    assert "由系统产生" in visitor.get(CYCLE).text


def test_closing_early_needs_the_month_typed(web: Web) -> None:
    """Before its day the page says what is open and published, and wants the month typed."""
    web.at("2026-10-22 09:00")
    visitor = web.visitor("department")
    visitor.post(f"{CYCLE}/open")
    visitor.post(f"{CYCLE}/draw", by_system="1")
    page = visitor.get(CYCLE).text
    assert "原定 2026-10-31" in page
    assert "不能撤回" in page
    assert "<b>3</b>／3 份检查表还没有交" in page
    assert "<b>3</b> 个组织的得分，不能撤回" in page
    assert '<button class="danger">截止并公布得分' in page
    for typed in ("", "2026-08"):
        answer = visitor.post(f"{CYCLE}/close?scope={ROOT}", month=typed)
        assert answer.status == 422
        assert "请输入 2026-09 以确认提前截止" in answer.text
    assert web.events("CycleClosed") == []
    done = visitor.post(f"{CYCLE}/close?scope={ROOT}", month=MONTH)
    assert done.location.endswith("done=close")
    assert web.events("InspectionMissed") == []
    assert web.events("InspectionNotHeld")


def test_passing_over_months_is_confirmed(web: Web) -> None:
    """Opening a later month names the months that it passes over, and wants them confirmed."""
    web.at("2026-12-02 09:00")
    visitor = web.visitor("department")
    page = visitor.get("/cycles/2026-11")
    assert "跳过尚未开启的 <b>2026年9月</b>、<b>2026年10月</b>" in page.text
    opening = page.form("/open")
    refused = visitor.send(opening)
    assert refused.status == 422
    assert "开启 2026-11 将跳过 2026-09、2026-10，请确认" in refused.text
    assert visitor.send(opening.fill(passed_over="2026-09")).status == 422
    assert web.events("CycleOpened") == []
    done = visitor.send(opening.fill(passed_over="2026-09 2026-10"))
    assert done.location.endswith("done=open")
    assert "跳过尚未开启的" not in visitor.get("/cycles/2026-10").text


def test_the_list_offers_no_month_that_was_passed_over(web: Web) -> None:
    """A month that was opened elsewhere since the kept figures were made is not offered."""
    web.at("2026-12-02 09:00")
    visitor = web.visitor("department")
    assert "开启 2026年9月" in visitor.get("/cycles").text
    with web.read() as reader:
        (root,) = roots(reader)
    runner = web.tools.runner()
    runner.open(root, parse_month("2026-10"), web.tools.metadata())
    page = visitor.get("/cycles").text
    assert "开启 2026年9月" not in page
    assert "开启 2026年11月" in page
    runner.open(root, parse_month("2026-11"), web.tools.metadata())
    assert "可以开启" not in visitor.get("/cycles").text


def test_a_step_does_not_answer_for_another(web: Web) -> None:
    """A draw from another value than the one that runs, or a close during it, is not "done"."""
    web.at("2026-10-01 09:00")
    web.visitor("department").post(f"{CYCLE}/open")
    web.at("2026-10-06 09:00")
    visitor = web.visitor("department")
    jobs = web.inside.state.jobs
    runner, metadata = web.tools.runner(), web.tools.metadata()
    gate = threading.Event()

    def draw() -> bool:
        gate.wait()
        return runner.draw(ROOT, MONTH, metadata, "31415", by_hand=True)

    awaited, jobs._awaited = jobs._awaited, 0.0
    jobs.begin(cycle_job(ROOT, MONTH, CycleStep.DRAW), draw)
    jobs._awaited = awaited
    opener = threading.Timer(0.2, gate.set)
    opener.start()
    answer = visitor.post(f"{CYCLE}/draw", randomness="27182")
    opener.join()
    assert answer.status == 409
    assert "“27182”没有采用" in answer.text
    assert cycle_job(ROOT, MONTH, CycleStep.DRAW) != cycle_job(ROOT, MONTH, CycleStep.CLOSE)


@pytest.mark.parametrize("step", ["open", "draw", "close"])
def test_the_buttons_are_the_departments(web: Web, step: str) -> None:
    """Only the department may run the steps of a cycle."""
    for login in ("branch", "township", "inspector", "auditor", "administrator"):
        assert web.visitor(login).post(f"{CYCLE}/{step}").status == 403
    page = web.drawn().visitor("auditor").get(CYCLE)
    assert "下一步" not in page.text


def test_a_step_over_part_of_the_tree_is_refused(web: Web) -> None:
    """A step over an organization that is not a root is refused."""
    page = web.visitor("department").post(f"{CYCLE}/open?scope={STREET}")
    assert page.status == 422
    assert "不是考核区的最上级组织" in page.text
    assert web.visitor("department").post(f"{CYCLE}/open?scope=nobody").status == 422


def test_a_long_step_goes_on_behind_the_page(web: Web) -> None:
    """A long step is reported as running and finishes in the background."""
    web.at("2026-10-01 09:00")
    web.inside.state.jobs.close()
    web.inside.state.jobs = BackgroundJobs(0.0)
    visitor = web.visitor("department")
    gate = threading.Event()
    web.inside.state.jobs.begin("before", gate.wait)  # one at a time: the step waits behind it
    assert visitor.post(f"{CYCLE}/open").location.endswith("done=underway")
    gate.set()
    while web.inside.state.jobs.cycle_outcome(ROOT, MONTH) is not None:
        pass
    assert "2026-10-01" in visitor.get(CYCLE).text


def test_the_cycle_of_a_former_root_goes_on(web: Web) -> None:
    """The page of a cycle whose root got a parent stays, and its steps are taken by its scope."""
    web.at("2026-10-02 09:00")
    visitor = web.visitor("department")
    visitor.post(f"{CYCLE}/open")
    web.move_root_under("9")
    web.at("2026-10-06 09:00")
    visitor = web.visitor("department")
    assert f"{CYCLE}?scope={ROOT}" in visitor.get("/cycles").links
    action = visitor.get(f"{CYCLE}?scope={ROOT}").form("/draw").action
    assert visitor.post(action, randomness="31415").location.endswith("done=draw")
    assert "不是考核区的最上级组织" in visitor.post(f"/cycles/2026-08/open?scope={ROOT}").text
