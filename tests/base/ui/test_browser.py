"""Every part of a page in a real browser: both languages, desktop and phone, axe, policy, keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.browser import check_accessible, check_no_sideways, shoot

pytestmark = [pytest.mark.browser, pytest.mark.urls("tests.base.ui.urls"), pytest.mark.usefixtures("frame")]

PAGES = ["parts", "list", "map", "form", "wait", "missing"]


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1440), ("en", 390)])
def test_every_part_is_accessible_and_fits(open_page, person, language, width):
    for name in PAGES:
        page = open_page(f"/{name}/", language=language, width=width, user=person)
        shoot(page, f"ui-{name}-{language}-{width}")
        check_no_sideways(page)
        check_accessible(page)


@pytest.mark.parametrize("width", [1100, 720, 360])
def test_widths_between_fit_too(open_page, person, width):
    """720 is the desktop page at twice the size."""
    page = open_page("/parts/", language="en", width=width, user=person)
    shoot(page, f"ui-parts-en-{width}")
    check_no_sideways(page)
    check_accessible(page)


def test_a_first_visit_is_chinese_whatever_the_browser_speaks(open_page, person):
    page = open_page("/bare/", language=None, user=person)
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    expect(page.locator("h1")).to_have_text("这里只有一句话。")


def test_the_language_switch_stays_on_the_page_and_with_the_person(open_page, person):
    page = open_page("/list/?state=active&sort=-rows", language=None, user=person)
    page.get_by_role("button", name="EN").click()
    expect(page.locator("h1")).to_have_text("All 140 projects are here.")
    assert page.url.endswith("/list/?state=active&sort=-rows")
    person.refresh_from_db()
    assert person.language == "en"
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("140个项目都在。")


def test_a_place_is_found_chosen_and_kept(open_page, person):
    page = open_page("/list/?sort=-rows", user=person)
    page.locator(".bh-pick summary").first.click()
    options = page.locator(".bh-pick-list a")
    expect(options).to_have_text(["全公司 14个项目", "翠湖花园 苏州", "东篱小区 南通"])
    page.get_by_role("searchbox", name="查找区域或项目").fill("翠湖")
    expect(options).to_have_text(["翠湖花园 苏州"])
    options.first.click()
    page.wait_for_url("**/list/?sort=-rows&place=cuihu")
    expect(page.locator(".bh-pick summary b").first).to_have_text("翠湖花园")
    page.get_by_role("link", name="我的工作").click()
    expect(page.locator(".bh-pick summary b").first).to_have_text("翠湖花园")


def test_keys_find_list_and_close(open_page, person):
    page = open_page("/bare/", user=person)
    page.keyboard.press("/")
    expect(page.locator("[data-bh-search]")).to_be_focused()
    page.keyboard.type("?/")  # typing stays typing
    expect(page.locator("[data-bh-search]")).to_have_value("?/")
    page.locator("h1").click()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="快捷键")
    expect(dialog).to_be_visible()
    check_accessible(page)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_escape_closes_a_menu_and_gives_the_focus_back(open_page, person):
    page = open_page("/bare/", user=person)
    summary = page.locator(".bh-me summary")
    summary.click()
    expect(page.get_by_role("button", name="退出登录")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="退出登录")).to_be_hidden()
    expect(summary).to_be_focused()


def test_arrows_move_in_the_heat_map(open_page, person):
    page = open_page("/map/", user=person)
    page.locator('a[href="#2-2"]').focus()
    for key, cell in (
        ("ArrowRight", "#2-3"),
        ("ArrowDown", "#3-3"),
        ("ArrowDown", "#3-3"),
        ("ArrowLeft", "#3-2"),
        ("ArrowUp", "#2-2"),
    ):
        page.keyboard.press(key)
        expect(page.locator(f'a[href="{cell}"]')).to_be_focused()


def test_a_dialog_asks_names_the_acts_and_lets_go(open_page, person):
    page = open_page("/parts/", user=person)
    page.get_by_role("button", name="退回").first.click()
    dialog = page.get_by_role("dialog", name="退回改进计划GJ-041？")
    expect(dialog).to_be_visible()
    shoot(page, "ui-dialog-zh-hans-1440", full=False)
    check_accessible(page)
    dialog.get_by_role("button", name="先不退").click()
    expect(dialog).to_be_hidden()


def test_errors_stand_under_their_fields_and_the_first_has_the_focus(open_page, person):
    page = open_page("/form/", user=person)
    page.get_by_label("目标值").fill("105")
    page.evaluate("document.querySelector('form.bh-form').noValidate = true")
    page.get_by_role("button", name="存为草稿").click()
    field = page.get_by_label("目标值")
    expect(field).to_be_focused()
    assert field.get_attribute("aria-invalid") == "true"
    named = field.get_attribute("aria-describedby").split()
    assert "100" in page.locator(f"#{named[-1]}").inner_text() + page.locator(f"#{named[0]}").inner_text()
    assert all(page.locator(f"#{name}").count() == 1 for name in named)
    expect(page.get_by_role("alert")).to_have_text("这一版已经有人改过，先看看改了什么。")
    shoot(page, "ui-form-errors-zh-hans-1440")
    check_accessible(page)


def test_the_menu_of_a_phone_unfolds_and_folds(open_page, person):
    page = open_page("/bare/", user=person, width=390)
    side = page.get_by_role("navigation", name="主菜单")
    expect(side).to_be_hidden()
    page.get_by_role("button", name="菜单").click()
    expect(side).to_be_visible()
    shoot(page, "ui-menu-zh-hans-390", full=False)
    check_accessible(page)
    page.keyboard.press("Escape")
    expect(side).to_be_hidden()
    expect(page.get_by_role("navigation", name="快捷菜单").get_by_role("link")).to_have_text(
        ["闭环看板", "我的工作", "记分卡"]
    )


def test_targets_on_a_phone_are_large_enough(open_page, person):
    page = open_page("/form/", user=person, width=390)
    for box in page.locator(
        "button:visible, .bh-tabs a, .bh-pick summary, .bh-form input:visible, select"
    ).all():
        size = box.bounding_box()
        if (box.get_attribute("type") or "") not in {"radio", "checkbox"}:  # their label is the target
            assert round(size["height"]) >= 40, box.evaluate("element => element.outerHTML")


def test_a_changed_filter_takes_effect_and_empty_ones_stay_out_of_the_address(open_page, person):
    page = open_page("/list/?sort=-rows", user=person)
    page.locator("select[name=state]").select_option("inactive")
    page.wait_for_url("**/list/?state=inactive&sort=-rows")
    expect(page.locator("tbody tr").first).to_contain_text("停用")
    page.get_by_role("link", name="看全部").click()
    page.wait_for_url("**/list/?sort=-rows")


def test_a_waiting_page_asks_again_until_the_work_is_done(open_page, person):
    page = open_page("/wait/?poll=1", user=person)
    expect(page.locator("#bh-progress h2")).to_have_text("算完了", timeout=8000)
    assert page.locator("#bh-progress").get_attribute("hx-get") is None


def test_what_the_content_policy_refuses_is_seen(open_page, person):
    page = open_page("/unsafe/", user=person)
    assert page.evaluate("window.ran") is None
    assert (
        page.locator("p[style]").evaluate("element => getComputedStyle(element).color") == "rgb(26, 34, 48)"
    )
    assert sum("Content Security Policy" in fault for fault in open_page.faults) == 2
    open_page.faults.clear()


def test_on_paper_there_are_no_bars_and_no_buttons(open_page, person):
    page = open_page("/parts/", user=person, media="print")
    shoot(page, "ui-print-zh-hans")
    for gone in (".bh-side", ".bh-top", ".bh-act", ".bh-btn"):
        assert not page.locator(gone).first.is_visible()
    for kept in ("h1", ".bh-kf", ".bh-chart svg", ".bh-t"):
        assert page.locator(kept).first.is_visible() or kept == ".bh-chart svg"
    assert (
        page.locator("h1").evaluate(
            "element => getComputedStyle(element.querySelector('mark')).backgroundImage"
        )
        == "none"
    )
