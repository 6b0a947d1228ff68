"""Which test shows that a kind of bad input is refused or quarantined with a reason; the table is checked against the tests."""

import ast
import io
from pathlib import Path

import pytest

from huitou.connectors.files import tables

ROOT = Path(__file__).parent
IMPORT, LINES = "apps/intake/test_import.py", "connectors/files/test_lines.py"
EVERY_LINE = f"{IMPORT}::test_every_line_is_taken_or_refused_with_line_column_reason_and_text"
ONE_LINE = f"{LINES}::test_a_line_is_sound_or_refused_alone"
HOSTILE = f"{IMPORT}::test_hostile_files_are_refused_with_a_sentence_and_leave_nothing"
EVENTS = "web/api/test_api.py::test_events_are_stored_and_what_a_type_lacks_is_named_without_storing_anything"
SEGMENTS = "apps/segments/test_segments.py"
FILTERS = "core/filters/test_forms.py::test_a_bad_filter_is_refused_with_its_place_and_what_is_allowed"

FORECAST = "core/value/test_forecast.py::test_a_past_that_tells_nothing_is_refused_with_the_reason"
FINITE = "core/value/test_unhelpful_pasts.py::test_a_forecast_is_finite_or_refused_with_its_reason"
CROWD = "core/value/test_unhelpful_pasts.py::test_every_tag_and_tier_of_a_strange_crowd_is_a_number_or_no_answer"

SHOWN_BY = {
    "NUL bytes": (ONE_LINE, HOSTILE, EVENTS),
    "open quotes": (EVERY_LINE, ONE_LINE),
    "shifted and missing columns": (EVERY_LINE, ONE_LINE),
    "undecodable bytes": (ONE_LINE, f"{IMPORT}::test_mostly_sound_utf8_with_broken_bytes_stays_utf8"),
    "three date styles": (f"{IMPORT}::test_dates_of_three_styles_phones_and_texts_arrive_undamaged",),
    "amounts with 元 and thousands commas": ("connectors/files/test_mapping.py::test_a_row_of_a_file_maps_to_its_canonical_row",),
    "zip bombs": (HOSTILE,),
    "path tricks in file names": (HOSTILE, f"{IMPORT}::test_a_path_in_a_file_name_is_no_path_and_the_file_lies_encrypted"),
    "HTML in names": (
        "web/test_person.py::test_a_hostile_name_is_text",
        "web/test_hostile.py::test_names_of_stores_and_regions_are_text_on_cockpit_and_store_page",
    ),
    "formulas in cells": (f"{IMPORT}::test_a_formula_in_the_error_file_is_text_and_comes_back_as_it_was",),
    "1 GB files": ("test_bad_input.py::test_a_text_past_the_limit_is_refused_while_it_is_read",),
    "a forged webhook": (
        "web/api/test_signed.py::test_a_forged_or_old_request_brings_nothing_and_is_told_nothing",
        "connectors/test_webhooks.py::test_no_other_body_fits_a_signature",
    ),
    "an expired key": ("web/api/test_api.py::test_without_a_key_with_a_wrong_an_expired_or_a_revoked_one_nothing_answers",),
    "a deep filter tree": (FILTERS, "core/filters/test_forms.py::test_a_bad_address_is_refused"),
    "an unknown time zone": (EVENTS, FILTERS),
    "too little history": (FORECAST, FINITE, "apps/value/test_forecast.py::test_three_days_are_too_little_and_the_run_says_so"),
    "all one-time buyers": (FORECAST, FINITE, "core/value/test_clv.py::test_one_time_buyers_alone_tell_no_model"),
    "constant spend": (FINITE, CROWD, "core/value/test_clv.py::test_spend_without_news_is_refused_with_the_reason"),
    "purchases in the future": (FORECAST, FINITE, CROWD, EVERY_LINE),
    "zero revenue": (FORECAST, FINITE, CROWD, "core/value/test_rfm.py::test_nobody_bought_is_no_answer"),
    "an empty segment": (f"{SEGMENTS}::test_a_segment_that_nobody_is_in_says_so_everywhere",),
    "shares that do not sum to 100 %": (
        "core/value/test_scheme.py::test_a_table_that_cannot_sort_people_is_refused_with_its_reason",
        "web/test_designer.py::test_a_marketer_saves_a_draft_and_a_wrong_sum_comes_back_with_a_sentence",
    ),
    "a tag or segment that refers to a missing field": (
        "apps/value/test_tags.py::test_a_basket_of_the_scenario_gives_its_tag",
        "apps/value/test_custom_inputs.py::test_what_was_switched_off_counts_for_nobody_and_cannot_be_published",
        "apps/value/test_tags.py::test_every_tag_says_what_it_is_and_stands_on_a_field_that_lists_know",
        f"{SEGMENTS}::test_a_rule_that_names_what_is_gone_keeps_its_members_and_says_why",
    ),
}


@pytest.mark.parametrize("bad", SHOWN_BY)
def test_the_tests_that_the_table_names_are_there(bad):
    for name in SHOWN_BY[bad]:
        path, _, function = name.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert function in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, name


@pytest.mark.parametrize(("size", "is_taken"), [(1_000, True), (1_001, False)])
def test_a_text_past_the_limit_is_refused_while_it_is_read(monkeypatch, size, is_taken):
    """A file of 1 GB is measured in docs/benchmarks.md; here the limit is small."""
    monkeypatch.setattr(tables, "LARGEST_TEXT", 1_000)
    blocks, _encoding = tables.text_of(io.BytesIO(b"x" * size), "members.csv")
    if is_taken:
        assert b"".join(blocks) == b"x" * size
    else:
        with pytest.raises(tables.FileRefused, match="2 GB"):
            list(blocks)
