"""A list drawn as groups and as a board: the same filter, counted by a field, within the viewer's reach."""

from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from tests.web.conftest import PHONE, Chain

from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.products.models import Store
from huitou.apps.value.models import PersonValue

LIST = reverse("customers:list")


def groups(client: Client, **asked: str) -> list[tuple[str, int, str, str]]:
    context = client.get(LIST, {"as": "groups", **asked}).context
    return [(line.label, line.count, line.summed, line.mean) for line in context["groups"]]


@pytest.mark.db_both
def test_groups_add_up_to_the_count_and_each_opens_its_rows(enter, valued: Chain):
    client = enter("marketer")
    page = client.get(LIST, {"as": "groups", "f": "sources.gte.1"})
    lines = page.context["groups"]
    assert [(line.label, line.count) for line in lines] == [("钻石", 1), ("基础", 1), ("没有等级", 1)]
    assert sum(line.count for line in lines) == page.context["count"].value == 3
    assert sum(line.share for line in lines) == pytest.approx(1)
    opened = [client.get(line.url) for line in lines]
    assert [[row.row_id for row in one.context["lines"]] for one in opened] == [
        [valued.person_id], [valued.outsider_id], [valued.person_id + 2]
    ]  # fmt: skip
    assert all("sources.gte.1" in line.url and "as=" not in line.url for line in lines)


@pytest.mark.parametrize("form", ["groups", "board"])
def test_a_tier_that_the_scheme_in_force_does_not_have_is_none(enter, valued: Chain, form):
    """A new version is in force at once, and people are placed by it with the next run."""
    PersonValue.objects.filter(pk=valued.person_id).update(tier_1="GONE")
    page = enter("marketer").get(LIST, {"as": form, "by": "tier_pyramid", "f": "sources.gte.1"})
    assert [(line.label, line.count) for line in page.context["groups"]] == [("基础", 1), ("没有等级", 2)]
    assert sum(line.count for line in page.context["groups"]) == page.context["count"].value


@pytest.mark.db_both
def test_groups_by_a_rule_say_what_the_cells_say_and_sum_the_spend(enter, valued: Chain):
    PersonFacts.objects.filter(person_id=valued.person_id).update(net_365d_fen=123_400)
    client = enter("marketer")
    assert groups(client, by="stage") == [("新客", 1, "0", "0"), ("活跃", 2, "6,602", "3,301")]
    client.post(reverse("lists:columns", args=["customer"]), {"column": ["stage"], "do": "choose"})
    cells = [line.cells[0].text for line in client.get(LIST).context["lines"]]
    assert sorted(cells) == ["新客", "活跃", "活跃"]


@pytest.mark.db_both
def test_a_store_manager_sees_groups_of_the_own_store_alone_and_strangers_none(enter, valued: Chain, client: Client):
    own, other = (Store.objects.get(pk=pk).name for pk in (valued.store_id, valued.other_store_id))
    assert [label for label, *_ in groups(enter("marketer"), by="home_store")] == [own, other]
    client = enter("store_manager")
    assert [(label, count) for label, count, *_ in groups(client, by="home_store")] == [(own, 2)]
    assert [(label, count) for label, count, *_ in groups(client)] == [("钻石", 1), ("没有等级", 1)]
    board = client.get(LIST, {"as": "board", "by": "stage"})
    assert other not in board.content.decode()
    assert sum(len(column.cards) for column in board.context["columns"]) == 2
    assert enter("engineer").get(LIST, {"as": "groups"}).status_code == 403
    client.logout()
    assert client.get(LIST, {"as": "board"}).status_code == 302


def test_a_board_only_counts_who_has_no_value_and_leads_to_them(enter, valued: Chain):
    page = enter("marketer").get(LIST, {"as": "board", "by": "tier_pyramid", "f": "sources.gte.1"})
    *valued_columns, without = page.context["columns"]
    assert [len(column.cards) for column in valued_columns] == [1, 1]
    assert (without.group.label, without.group.count, without.cards) == ("没有等级", 1, [])
    assert f'class="ht-board-more" href="{without.group.url}"'.replace("&", "&amp;") in page.content.decode()


def test_a_board_has_a_column_per_choice_whose_cards_lead_on_in_it(enter, valued: Chain):
    page = enter("marketer").get(LIST, {"as": "board", "by": "stage", "sort": "-net_365d"})
    columns = page.context["columns"]
    assert [(column.group.label, column.group.count, len(column.cards)) for column in columns] == [("新客", 1, 1), ("活跃", 2, 2)]
    href = columns[1].cards[0].head.href
    assert "f=stage.eq.active" in href
    assert "sort=-net_365d" in href
    assert "as=" not in href
    assert PHONE not in page.content.decode()  # masked as in the list


@pytest.mark.db_both
@pytest.mark.parametrize(("by", "sort"), [("tier_pyramid", "-clv_12m"), ("stage", "clv_12m"), ("stage", "-last_purchase")])
def test_a_column_shows_the_first_rows_of_the_list_behind_its_head(enter, valued: Chain, by: str, sort: str):
    client = enter("marketer")
    PersonValue.objects.filter(pk=valued.person_id).update(clv_12m_fen=5_000)
    columns = client.get(LIST, {"as": "board", "by": by, "sort": sort}).context["columns"]
    filled = [column for column in columns if column.cards]
    assert len(filled) >= 2
    for column in filled:
        lines = client.get(column.group.url).context["lines"]
        assert [card.head for card in column.cards] == [line.head for line in lines][: len(column.cards)]


def test_the_form_stays_in_the_address_of_what_is_asked_next(enter, valued: Chain):
    client = enter("marketer")
    told = client.get(LIST, {"as": "board", "by": "stage", "f": "sources.gte.1"}).context
    assert [(form.code, form.is_on) for form in told["forms"]] == [("", False), ("groups", False), ("board", True)]
    assert "as=groups&by=stage" in told["forms"][1].url
    assert told["forms"][0].url == f"{LIST}?f=sources.gte.1"
    assert all("as=board" in chip["remove_url"] for chip in told["chips"])
    assert told["state"].cleared_url == f"{LIST}?as=board&by=stage"
    assert '<input type="hidden" name="as" value="board">' in client.get(told["editor_url"]).content.decode()


@pytest.mark.parametrize("asked", [{"as": "map"}, {"as": ""}, {"as": "board'--"}])
def test_a_form_that_there_is_not_is_the_list(enter, asked: dict[str, str]):
    assert "lines" in enter("marketer").get(LIST, asked).context


@pytest.mark.parametrize(("form", "by"), [("board", "home_store"), ("groups", "name"), ("groups", "net_365d")])
def test_a_field_that_does_not_group_gives_way_to_the_first_that_does(enter, form: str, by: str):
    assert enter("marketer").get(LIST, {"as": form, "by": by}).context["state"].by == "tier_pyramid"


def test_nobody_in_any_group_is_told_as_in_the_list(enter):
    page = enter("marketer").get(LIST, {"as": "groups", "f": "sources.gte.99"})
    assert page.context["has_rows"] is False
    assert "没有符合条件的行" in page.content.decode()


def test_the_groups_are_kept_for_minutes(enter, valued: Chain):
    client = enter("marketer")
    before = groups(client, by="home_store")
    Person.objects.filter(pk=valued.outsider_id).update(home_store_id=valued.store_id)
    assert groups(client, by="home_store") == before
    cache.clear()
    assert groups(client, by="home_store") != before


def test_many_rows_are_estimated_from_every_nth_and_still_add_up(enter, valued: Chain, monkeypatch):
    monkeypatch.setattr("huitou.apps.base.walked_listing.SMALL_TABLE", 0)
    monkeypatch.setattr("huitou.apps.base.walked_listing.EXACT_UP_TO", 0)
    page = enter("marketer").get(LIST, {"as": "groups"})
    assert page.context["count"].is_exact is False
    assert sum(line.count for line in page.context["groups"]) == page.context["count"].value
    assert "约数" in page.content.decode()


def test_stores_are_grouped_by_region_and_english_is_english(enter, valued: Chain):
    Store.objects.filter(pk=valued.store_id).update(region_code="R9", region_name="城北", opened_on=date(2020, 1, 1))
    page = enter("manager", "en").get(reverse("products:stores"), {"as": "groups"})
    assert [form.label for form in page.context["forms"]] == ["List", "Groups", "Board"]
    assert ("城北", 1) in [(line.label, line.count) for line in page.context["groups"]]
    assert "The groups add up to" in page.content.decode()
