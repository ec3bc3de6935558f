"""The whole loop in a real browser, signed in as each person in turn: from a missed target to a new standard.

The quality manager sits at a desk; the leader, the department, the inspector and the staff hold a phone. The
verdict on the effect is nobody's choice: it comes from the records of the simulated company, in which the
orders of P01 that were late until the end of 2025 are done as agreed again from 2026 on.
"""

from __future__ import annotations

import json
import re
import shutil
from types import SimpleNamespace

import pypdf
import pytest

from tests.browser.people import send, session
from tests.browser.walk import Walk, call, chain_of, check_chain, choose, photo, status
from tests.support.demo import Server, command

pytestmark = pytest.mark.browser

QUALITY, LEADER, HEAD, INSPECTOR, BUTLER, FITTER, OUTSIDER = (
    "E001", "E002", "E003", "E005", "E009", "E011", "E010",
)  # fmt: skip
PLACE, INDICATOR, CYCLE, MEASURED_FROM = "P01", "R03", "2025Q3", "2026Q2"
HERE = f"?place={PLACE}&cycle={CYCLE}"
CAUSE = ("到了现场才发现缺件，要再跑一趟", "项目上没有常备件", "备件按月统一采购，急件报不了")
TITLE, MEASURE, BETTER = "常用备件放回项目，缺件当场改约", "备齐常用件", "备齐24种常用件，每周盘点"
WORDING = "一般报修按与住户约好的时间修完，不低于95%；项目常备24种备件，每周盘点一次"
NEWS = "翠湖花园按约完成率回到目标附近"


@pytest.fixture
def server(demo_template, tmp_path):
    """A demo of its own: others count what its loops hold."""
    home = tmp_path / "home"
    shutil.copytree(demo_template, home)
    server = Server(home)
    yield server
    assert server.stop() == 0


@pytest.fixture
def walk(chromium, server):
    walk = Walk(chromium, server, outsider=OUTSIDER, wide={QUALITY})
    yield walk
    walk.close()


def test_the_whole_loop(walk):
    story = SimpleNamespace()
    a_missed_target_becomes_a_finding(walk, story)
    the_department_finds_the_cause(walk, story)
    a_plan_is_written_and_submitted(walk, story)
    the_leader_returns_it_and_it_is_mended(walk, story)
    nobody_approves_their_own(walk, story)
    the_leader_approves_what_was_read(walk, story)
    it_is_carried_out_with_proof(walk, story)
    somebody_else_verifies(walk, story)
    the_data_say_whether_it_worked(walk, story)
    the_leader_reads_the_report(walk, story)
    the_standard_is_revised(walk, story)
    everything_is_closed(walk, story)
    everybody_is_told(walk, story)
    the_chain_leads_both_ways(walk, story)
    command(walk.server.home, "check", "--trail")


def a_missed_target_becomes_a_finding(walk, story):
    manager = walk.as_(QUALITY)
    manager.go(f"/scorecard/?place=HT&cycle={CYCLE}")
    cell = manager.page.locator(f".bh-hm a[href='/indicators/{INDICATOR}/{HERE}']")
    manager.press(cell)
    assert "按约完成率" in manager.text
    manager.go(f"/signals/{HERE}")
    row = manager.page.locator(".bh-signal", has=manager.page.locator(f"a[href^='/indicators/{INDICATOR}/']"))
    story.finding = manager.press(row.locator("form[action$='/open/'] button"))
    assert re.fullmatch(r"/findings/F-\d{4}-\d{4}/", story.finding)
    check_chain(manager.page, "finding", until="finding")
    assign = manager.page.locator("details", has=manager.page.locator("form[action$='/assign/']"))
    assign.locator("summary").click()
    choose(assign, "owner", "陈建国")
    choose(assign, "department", "工程维修部")
    manager.press(assign.locator("button[class*=bh-pri]"))
    assert "陈建国" in manager.page.locator(".bh-rail").inner_text()
    walk.is_hidden(
        f"/scorecard/{HERE}", f"/indicators/{INDICATOR}/{HERE}", f"/signals/{HERE}", story.finding,
        f"/api/v1{story.finding.rstrip('/')}",
    )  # fmt: skip


def the_department_finds_the_cause(walk, story):
    head = walk.as_(HEAD)
    head.go("/work/")
    head.follow(story.finding)
    form = head.page.locator("form[action$='/analyse/']")
    for number, why in enumerate(CAUSE, start=1):
        form.locator(f"[name=why{number}]").fill(why)
    head.press(form.locator("button"))
    assert all(why in head.text for why in CAUSE)
    outsider = send(walk.outsider, walk.server, f"{story.finding}analyse/", why1="不归我管")
    assert outsider.status_code == 404


def a_plan_is_written_and_submitted(walk, story):
    manager = walk.as_(QUALITY)
    manager.go(story.finding)
    new = manager.press(manager.page.locator("a[href^='/plans/new/']"))
    walk.is_hidden(new)
    page = manager.page
    page.fill("[name=title]", TITLE)
    assert page.input_value("[name=trigger_cycle]") == CYCLE
    choose(page, "leader", "周明远")
    page.fill("[name=resources]", "维修班6人；货架2组")
    page.fill("[name=cost]", "26800")
    page.fill("[name=due]", "2026-03-31")
    write_action(page, 0, MEASURE, "郑凯", "file", "货架照片")
    write_action(page, 1, "派单前先核对备件", "陈建国", "note", "派单记录说明")
    assert page.input_value("[name=impacts-0-indicator]") == INDICATOR
    page.fill("[name=impacts-0-promised]", "4")
    page.select_option("[name=impacts-0-measured_from]", MEASURED_FROM)
    story.plan = manager.press(page.locator(".bh-plan-form button[type=submit]"))
    assert "26,800" in manager.text
    check_chain(page, "plan", until="plan")
    manager.decide("do-submit")
    assert "待审批" in page.locator("#approval").inner_text()
    walk.is_hidden(story.plan, f"{story.plan}edit/", f"{story.plan}versions/1/", api(story.plan))


def the_leader_returns_it_and_it_is_mended(walk, story):
    leader = walk.as_(LEADER)
    leader.go("/work/")
    leader.follow(story.plan)
    approval = leader.page.locator("#approval")
    story.old = approval.locator("[name=fingerprint]").input_value()
    back = approval.locator("button[formaction$='/return/']")
    with leader.page.expect_navigation() as refused:
        back.click()
    assert refused.value.status == 409  # without a reason nothing is returned
    leader.page.fill("#approval [name=reason]", "备几种、多久盘一次，写进措施里。")
    leader.press(leader.page.locator("#approval button[formaction$='/return/']"))
    assert "退回" in leader.page.locator(".bh-verdict").inner_text()

    manager = walk.as_(QUALITY)
    manager.go(story.plan)
    assert "备几种、多久盘一次，写进措施里。" in manager.text
    manager.follow(f"{story.plan}edit/")
    manager.page.fill("[name=actions-0-title]", BETTER)
    manager.press(manager.page.locator(".bh-plan-form button[type=submit]"))
    manager.decide("do-submit")
    assert BETTER in manager.text


def nobody_approves_their_own(walk, story):
    """The author finds no button, and is refused in the same words by page, API and command."""
    manager = walk.as_(QUALITY)
    assert manager.page.locator("form[action$='/approve/']").count() == 0
    author = session(walk.server, QUALITY)
    version = author.get(f"{walk.server.url}{api(story.plan)}", timeout=60).json()["version"]
    story.fingerprint = version["sha256"]
    assert story.fingerprint != story.old
    page = send(author, walk.server, f"{story.plan}approve/", fingerprint=story.fingerprint)
    program = call(author, walk.server, f"{story.plan}approve", fingerprint=story.fingerprint)
    assert (page.status_code, program.status_code) == (409, 409)
    line = json.loads(
        command(
            walk.server.home, "plan", story.plan.split("/")[2], "approve", "--as", QUALITY,
            "--fingerprint", story.fingerprint, "--json", status=1,
        )
    )  # fmt: skip
    assert line["refused"] == program.json()["code"] == "own_plan"
    assert line["detail"] == program.json()["detail"]
    assert line["detail"] in page.text
    outsider = send(walk.outsider, walk.server, f"{story.plan}approve/", fingerprint=story.fingerprint)
    assert outsider.status_code == 404
    assert call(walk.outsider, walk.server, f"{story.plan}approve").status_code == 404


def the_leader_approves_what_was_read(walk, story):
    reader = session(walk.server, LEADER)
    stale = call(reader, walk.server, f"{story.plan}approve", fingerprint=story.old)
    assert stale.status_code == 409  # what was read before the edit is not what stands there now
    leader = walk.as_(LEADER)
    leader.go("/work/")
    leader.follow(story.plan)
    assert BETTER in leader.text
    approval = leader.page.locator("#approval")
    assert approval.locator("[name=fingerprint]").input_value() == story.fingerprint
    leader.press(approval.locator("button.bh-pri"))
    assert "已批准" in leader.page.locator("#approval").inner_text()


def it_is_carried_out_with_proof(walk, story):
    head = walk.as_(HEAD)
    head.go(story.plan)
    head.decide("do-start")
    check_chain(head.page, "plan", until="action")
    links = head.page.locator(".bh-gantts a[href^='/actions/']")
    story.actions = [links.nth(number).get_attribute("href") for number in range(2)]

    fitter = walk.as_(FITTER)
    fitter.go("/work/")
    fitter.follow(story.actions[0])
    # What is wrong at a place is read by who answers for it; whoever carries the action out sees its plan.
    assert chain_of(fitter.page)["plan"] == ("past", story.plan)
    page = fitter.page
    page.fill("[name=text]", "货架两组装好，24种备件到了18种。")
    page.fill("[name=percent]", "70")
    page.set_input_files("[name=uploads]", {"name": "货架.png", "mimeType": "image/png", "buffer": photo()})
    fitter.press(page.locator("form[action$='/progress/'] button:not([formaction])"))
    picture = page.locator(".bh-photos img").first
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "picture => picture.complete && picture.naturalWidth > 0", arg=picture.element_handle()
    )
    story.photo = page.locator(".bh-photos a").first.get_attribute("href")
    page.fill("[name=text]", "24种备件全部上架，盘点表贴在库门内侧。")
    fitter.press(page.locator("button[formaction$='/finish/']"))
    assert "已做完" in fitter.text

    head.go(story.actions[1])
    head.page.fill("[name=text]", "派单单上有“备件已核”一栏，缺件的单当场改约。")
    head.press(head.page.locator("button[formaction$='/finish/']"))
    walk.is_hidden(*story.actions, story.photo, api(story.actions[0]))


def somebody_else_verifies(walk, story):
    fitter = walk.as_(FITTER)
    assert fitter.page.locator("form[action$='/verify/']").count() == 0
    himself = session(walk.server, FITTER)
    assert send(himself, walk.server, f"{story.actions[0]}verify/").status_code == 409
    assert call(himself, walk.server, f"{story.actions[0]}verify").json()["code"] == "own_action"

    inspector = walk.as_(INSPECTOR)
    for action in story.actions:
        inspector.go("/work/")
        inspector.follow(action)
        inspector.page.fill("[name=text]", "到现场核对，属实。")
        if action == story.actions[0]:
            check_the_plan(walk, story)  # while it is still under way
        inspector.press(inspector.page.locator("form[action$='/verify/'] button.bh-pri"))
        assert "已验证" in inspector.text


def check_the_plan(walk, story):
    manager = walk.as_(QUALITY)
    manager.go(story.plan)
    checks = manager.page.locator("#checks")
    checks.locator("[name=verdict][value=on_track]").check()
    checks.locator("[name=note]").fill("抽看20单，19单派单前核过备件。")
    manager.press(checks.locator("form button[type=submit]"))
    assert "抽看20单" in manager.page.locator("#checks").inner_text()
    assert send(walk.outsider, walk.server, f"{story.plan}check/").status_code == 404


def the_data_say_whether_it_worked(walk, story):
    manager = walk.as_(QUALITY)
    manager.go(story.plan)
    story.effect = manager.decide("do-evaluate")
    assert re.fullmatch(r"/effects/\d+/", story.effect)
    assert "有效" in manager.page.locator(".bh-verdict mark").inner_text()
    # The quarter that led to the plan counts neither as before nor as after.
    assert "2024年" in manager.text
    assert "2026年" in manager.text
    check_chain(manager.page, "effect", until="effect")
    walk.is_hidden(story.effect)


def the_leader_reads_the_report(walk, story):
    manager = walk.as_(QUALITY)
    story.report = manager.press(manager.page.locator("form[action$='/report/'] button"))
    with manager.page.expect_download() as kept:
        manager.page.locator(".bh-verdict a[href$='/pdf/']").click()
    pages = pypdf.PdfReader(kept.value.path()).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    for said in (f"{TITLE}：有效", "备齐24种", "26,800元", "郑凯", "货架.jpg", "2.1–10.1"):
        assert said in text, text
    manager.decide("do-submit")
    leader = walk.as_(LEADER)
    leader.go("/work/")
    leader.follow(story.report)
    leader.decide("do-review")
    assert "已审阅" in leader.text
    walk.is_hidden(story.report, f"{story.report}pdf/")


def the_standard_is_revised(walk, story):
    manager = walk.as_(QUALITY)
    manager.go(story.effect)
    form = manager.page.locator("#revision form")
    clause = form.locator("[name=clause] option:not([value=''])").first
    form.locator("[name=clause]").select_option(clause.get_attribute("value"))
    form.locator("[name=text_zh]").fill(WORDING)
    form.locator("[name=reason]").fill("翠湖花园照此做，按约完成率回到95%附近。")
    manager.press(form.locator("button[type=submit]"))
    story.revision = manager.press(manager.page.locator("main .bh-rail a[href^='/standards/revisions/']"))
    check_chain(manager.page, "revision", until="revision")
    # Standards bind everybody, so everybody reads the request; its evidence stays with the place.
    seen = walk.outsider.get(f"{walk.server.url}{story.revision}", timeout=60).text
    assert WORDING in seen
    assert story.effect not in seen
    assert TITLE not in seen

    leader = walk.as_(LEADER)
    leader.go("/work/")
    leader.follow(story.revision)
    leader.press(leader.page.locator("form[action$='/take-up/'] button"))
    manager.go(story.revision)
    assert manager.page.locator("[data-bh-open=adopt-revision]").count() == 0
    for somebody in (session(walk.server, QUALITY), walk.outsider):
        call_ = call(somebody, walk.server, f"{story.revision.removeprefix('/standards')}adopt")
        assert call_.status_code == 409
    leader.decide("adopt-revision")
    story.standard = leader.press(leader.page.locator("main .bh-rail a[href^='/standards/service/']"))
    form = leader.page.locator("form[action$='/publish/']")
    form.locator("[name=note_zh]").fill("项目常备备件，每周盘点")
    leader.press(form.locator("button"))
    leader.go(story.revision)
    assert "已发布" in leader.page.locator(".bh-rail").inner_text()


def everything_is_closed(walk, story):
    manager = walk.as_(QUALITY)
    manager.go(story.plan)
    manager.decide("do-close")
    manager.go(story.finding)
    assert "关闭" in manager.page.locator(".bh-rail").inner_text()
    assert status(walk.outsider, walk.server, story.finding) == 404


def everybody_is_told(walk, story):
    manager = walk.as_(QUALITY)
    manager.go(f"/announcements/new/{HERE}")
    page = manager.page
    page.select_option("[name=place]", PLACE)
    page.fill("[name=title_zh]", NEWS)
    page.fill("[name=body_zh]", "常用备件放回项目以后，约好的维修基本按时修完。谢谢大家。")
    page.check("[name=must_confirm]")
    reach = manager.press(page.locator("main form[enctype] button[type=submit]"))
    people, *reached = share(page)
    assert people > 1
    assert reached == [0, 0]
    butler = walk.as_(BUTLER)
    butler.go("/inbox/")
    story.news = butler.press(butler.page.locator("main a", has_text=NEWS).first)
    butler.press(butler.page.locator("form[action$='/confirm/'] button"))
    manager.go(reach)
    assert share(page) == (people, 1, 1)
    walk.is_hidden(story.news, reach)


def the_chain_leads_both_ways(walk, story):
    """From every page of the story to every other one, now that there is all of it."""
    manager = walk.as_(QUALITY)
    pages = {
        "finding": story.finding, "plan": story.plan, "action": story.actions[0], "effect": story.effect,
        "revision": story.revision,
    }  # fmt: skip
    for here, path in pages.items():
        manager.go(path)
        chain = check_chain(manager.page, here, until="revision")
        assert {name: chain[name] for name in pages if name != here} == {
            name: address for name, address in pages.items() if name != here
        }
    for name in ("clause", "indicator", "signal"):
        manager.go(chain[name])
    assert story.finding.split("/")[2] in manager.text
    manager.go(f"/indicators/{INDICATOR}/{HERE}")
    measured = {name: path for name, (_look, path) in chain_of(manager.page).items()}
    assert measured["finding"] == story.finding
    manager.go(story.report)
    told = {name: path for name, (_look, path) in chain_of(manager.page).items()}
    assert {name: told[name] for name in pages} == pages


def share(page):
    """People, readers and confirmations over all departments, as the page of the reach counts them."""
    rows = page.locator(".bh-t tbody tr").all_inner_texts()
    counts = [[int(number) for number in row.split("\t")[1:]] for row in rows]
    return tuple(sum(column) for column in zip(*counts, strict=True))


def write_action(page, number, title, who, proof_kind, proof):
    row = f"actions-{number}-"
    page.fill(f"[name={row}title]", title)
    choose(page, f"{row}assignee", who)
    page.fill(f"[name={row}starts]", "2026-01-12")
    page.fill(f"[name={row}due]", "2026-02-27")
    page.select_option(f"[name={row}proof_kind]", proof_kind)
    page.fill(f"[name={row}proof]", proof)


def api(path: str) -> str:
    return f"/api/v1{path.rstrip('/')}"
