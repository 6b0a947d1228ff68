"""Pages go compressed to those who can read that; files, and answers to programs, go as they are."""

import gzip

import pytest
from django.test import Client
from django.urls import reverse

LIST = reverse("customers:list")
READS_GZIP = {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"}


def test_a_page_is_a_third_as_long_and_the_same(enter):
    client = enter("marketer")
    plain, sent = client.get(LIST), client.get(LIST, **READS_GZIP)
    assert sent.headers["Content-Encoding"] == "gzip"
    assert int(sent.headers["Content-Length"]) == len(sent.content) < len(plain.content) / 3
    assert "王*芳" in gzip.decompress(sent.content).decode()
    assert "Content-Encoding" not in plain.headers
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_two_answers_alike_differ_in_length(client: Client):
    lengths = {len(client.get(reverse("accounts:login"), **READS_GZIP).content) for _ in range(12)}
    assert len(lengths) > 1  # or their length would tell what the secrets in a page have in common with what is asked


@pytest.mark.parametrize("headers", [{}, READS_GZIP])
def test_a_file_that_streams_is_not_compressed(enter, headers):
    answer = enter("marketer").post(reverse("lists:export", args=["customer"]), {"everything": "1", "next": LIST}, **headers)
    assert (answer.status_code, answer.streaming) == (200, True)
    assert "Content-Encoding" not in answer.headers
    assert "王*芳" in b"".join(answer.streaming_content).decode()


def test_an_answer_to_a_program_is_not_compressed(client: Client):
    answer = client.get("/api/v1/openapi.json", **READS_GZIP)
    assert answer.status_code == 200
    assert len(answer.content) > 10_000
    assert "Content-Encoding" not in answer.headers
