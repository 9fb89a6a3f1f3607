"""Copy: what is asked of a model, what is taken of its answers, and that they are asked for once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import ValidationError

from jobs.config import Settings
from jobs.copywriter import Copy, CopyRequest, note, write
from jobs.desk import Desk
from jobs.kinds.base import FieldProblem
from jobs.truth import Truth
from pipeline.errors import InputError
from tests.jobs.model_server import Model, Reply, model, say

RIGHT = {"headline": "Portraits of nobody", "call_to_action": "Come and look"}


def copy_of(**changes: Any) -> Copy:
    """The keys of a job file, or those with some changed."""
    keys: dict[str, Any] = {
        "brief": "Autumn exhibition of portraits of nobody; museum, warm, no hype",
        "texts": {
            "headline": {"most_letters": 28, "about": "two to five words"},
            "call_to_action": {"most_letters": 18},
        },
    }
    return Copy.model_validate(keys | changes)


@contextmanager
def desk_at(truth: Truth, *replies: Reply, may_ask: bool = True) -> Iterator[tuple[Desk, Model]]:
    """A desk whose endpoint gives these replies, and the endpoint."""
    with model(*replies) as server:
        yield Desk(Settings(copy_url=server.url, copy_model="small", copy_timeout_s=5), truth, may_ask), server


def written(truth: Truth, *replies: Reply, locale: str = "en", **changes: Any) -> tuple[dict[str, str], Model]:
    """The texts for one audience, and the server that was asked."""
    with desk_at(truth, *replies) as (desk, server):
        request = CopyRequest("families", locale)
        return write([request], copy_of(**changes), desk)[request.key], server


def complaint(truth: Truth, wrong: Reply, right: Reply, **changes: Any) -> str:
    """What the model is told of an answer that is not right, and then mends."""
    _, server = written(truth, wrong, right, **changes)
    assert len(server.asked) == 2
    return server.told(1)


def test_one_question_asks_for_all_texts_and_says_what_they_are_about(truth: Truth) -> None:
    with desk_at(truth, RIGHT) as (desk, server):
        request = CopyRequest("families", "de", {"description": "parents with small children", "empty": ""})
        assert write([request], copy_of(tone="warm", glossary={"opening": {"de": "Eröffnung"}}, seed=7), desk) == {
            "families/de": RIGHT
        }
    [question] = server.asked
    assert (question["path"], question["model"], question["seed"]) == ("/v1/chat/completions", "small", 7)
    told = json.loads(server.told(0))
    assert told["about"] == {"description": "parents with small children"}
    assert (told["language"], told["tone"], told["glossary"]) == ("German (de)", "warm", {"opening": "Eröffnung"})
    assert told["texts"]["headline"] == {"most_letters": 28, "about": "two to five words"}
    assert question["response_format"]["json_schema"]["schema"]["required"] == ["headline", "call_to_action"]


@pytest.mark.parametrize(("form", "asked"), [("object", {"type": "json_object"}), ("text", None)])
def test_servers_without_schemas_are_asked_in_another_form(truth: Truth, form: Any, asked: Any) -> None:
    with model(RIGHT) as server:
        desk = Desk(Settings(copy_url=server.url, copy_model="small", copy_format=form), truth, may_ask=True)
        write([CopyRequest("all", "en")], copy_of(), desk)
    assert server.asked[0].get("response_format") == asked


def test_a_rerun_asks_nothing_and_has_the_same_texts(truth: Truth) -> None:
    first, _ = written(truth, RIGHT)
    again, server = written(truth, {"headline": "Something else", "call_to_action": "No"})
    assert (again, server.asked) == (first, [])


@pytest.mark.parametrize("change", [{"seed": 1}, {"brief": "Another"}, {"banned": ["no"]}, {"tone": "dry"}])
def test_another_question_is_asked_anew(truth: Truth, change: dict[str, Any]) -> None:
    written(truth, RIGHT)
    other = {"headline": "Faces of none", "call_to_action": "Enter"}
    assert written(truth, other, **change)[0] == other


def test_how_often_may_be_tried_makes_no_other_question(truth: Truth) -> None:
    written(truth, RIGHT, tries=1)
    assert written(truth, RIGHT, tries=9)[1].asked == []


def test_two_submitters_at_once_keep_the_first_answer(truth: Truth) -> None:
    replies = [{"headline": f"Number {number}", "call_to_action": "Come"} for number in range(8)]
    with desk_at(truth, *replies) as (desk, _), ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: write([CopyRequest("all", "en")], copy_of(), desk), range(8)))
    assert all(answer == answers[0] for answer in answers)


def test_texts_that_are_given_are_told_and_not_asked_for(truth: Truth) -> None:
    with desk_at(truth, {"call_to_action": "Come in"}) as (desk, server):
        request = CopyRequest("all", "en", given={"headline": "Faces"})
        assert write([request], copy_of(), desk) == {"all/en": {"call_to_action": "Come in"}}
        assert json.loads(server.told(0))["given"] == {"headline": "Faces"}
        whole = CopyRequest("some", "en", given={"headline": "Faces", "call_to_action": "Look"})
        assert write([whole], copy_of(), desk) == {}
    assert len(server.asked) == 1


def test_texts_of_the_job_file_are_taken_as_they_are(truth: Truth) -> None:
    texts, server = written(truth, RIGHT, written={"families/en": {"headline": "Ours", "call_to_action": "Go"}})
    assert (texts, server.asked) == ({"headline": "Ours", "call_to_action": "Go"}, [])


def test_many_audiences_are_asked_for_side_by_side(truth: Truth) -> None:
    requests = [CopyRequest(f"audience {number}", locale) for number in range(6) for locale in ("en", "en-GB")]
    with desk_at(truth, RIGHT) as (desk, server):
        assert write(requests, copy_of(), desk) == {request.key: RIGHT for request in requests}
    assert len(server.asked) == 12


def test_a_check_asks_nothing_and_counts_what_is_missing(truth: Truth) -> None:
    requests = [CopyRequest("old", "en"), CopyRequest("new", "en")]
    with desk_at(truth, RIGHT) as (desk, _):
        write(requests[:1], copy_of(), desk)
    with desk_at(truth, RIGHT, may_ask=False) as (desk, server):
        known = write(requests, copy_of(), desk)
        assert (known, server.asked) == ({"old/en": RIGHT}, [])
        said = note(requests, copy_of(written=known), desk.config)
    assert said == "copy: 2 texts would be asked of small on submission, in 1 question; they are part of the job"


def test_without_an_endpoint_the_templates_own_copy_is_used_and_that_is_noted(truth: Truth) -> None:
    config, requests = Settings(), [CopyRequest("all", "en")]
    assert write(requests, copy_of(), Desk(config, truth, may_ask=True)) == {}
    assert note(requests, copy_of(), config) == (
        "copy: 2 texts are not written, for no endpoint is set (ATELIER_COPY_URL); the template's own are used"
    )
    assert note(requests, copy_of(written={"all/en": RIGHT}), config) is None


# What answers must be


@pytest.mark.parametrize(
    ("headline", "said"),
    [
        ("Portraits of nobody, for everybody", "headline has 34 letters and may have 28"),
        ("**Portraits** of nobody", "headline holds '**', and must be plain words"),
        ("<b>Portraits</b> of nobody", "headline holds '<b', and must be plain words"),
        ("Portraits of {name}", "headline holds '{', and must be plain words"),
        ("Portraits of nobody 🎨", "headline holds '🎨', and must be plain words"),
        ("CHEAP portraits", "headline has 'cheap', which is banned"),
        ("Best  ever portraits", "headline has 'best ever', which is banned"),
        ("At the atelier", "headline must have 'Atelier', written exactly so, wherever it says 'Atelier'"),
        ("—", "headline is empty"),
        ("Πορτρέτα κανενός", "headline is not written in Latin letters"),
        ("Porträts der Person und mehr", "headline is in German ('der' and 'und')"),
    ],
)
def test_the_model_is_told_precisely_what_is_wrong(truth: Truth, headline: str, said: str) -> None:
    limits = {"banned": ["cheap", "best ever"], "glossary": {"Atelier": "Atelier"}}
    assert said in complaint(truth, RIGHT | {"headline": headline}, RIGHT, **limits).splitlines()[1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("Sure! Here it is.", "not one JSON object and nothing else"),
        (f"```json\n{json.dumps(RIGHT)}\n```", "not one JSON object and nothing else"),
        ('{"headline": "Portr', "not one JSON object and nothing else"),
        ('{"headline": "a", "headline": "b", "call_to_action": "c"}', "not one JSON object and nothing else"),
        ('{"headline": NaN, "call_to_action": "c"}', "not one JSON object and nothing else"),
        ("[" * 5000, "not one JSON object and nothing else"),
        ('["a", "b"]', "is JSON, but no object"),
        ('{"headline": "a"}', "has no 'call_to_action'; its keys are headline, call_to_action"),
        (json.dumps(RIGHT | {"more": "x"}), "has 'more', which was not asked for"),
        (json.dumps(RIGHT | {"headline": 3}), "headline is no string"),
        ("x" * 30_000, "has 30,000 characters; it is one small JSON object"),
    ],
)
def test_only_the_json_that_was_asked_for_is_read(truth: Truth, content: str, said: str) -> None:
    assert said in complaint(truth, content, RIGHT)


def test_an_answer_that_ran_out_of_length_is_asked_for_again(truth: Truth) -> None:
    def cut(handler: Any) -> None:
        say(handler, '{"headline": "Portr', finish="length")

    assert "the answer was cut off for its length" in complaint(truth, cut, RIGHT)


def test_what_was_right_once_stays(truth: Truth) -> None:
    first = {"headline": "Faces of none", "call_to_action": "Come and see it all soon"}
    second = {"headline": "Far too long a headline for any poster", "call_to_action": "Come"}
    texts, server = written(truth, first, second)
    assert texts == {"headline": "Faces of none", "call_to_action": "Come"}
    assert server.asked[1]["messages"][-2] == {"role": "assistant", "content": json.dumps(first)}


def test_texts_are_one_line_without_control_characters_and_outer_quotes(truth: Truth) -> None:
    messy = {"headline": " “Por\u00adtraits\u202e\x07 of\n nobody” ", "call_to_action": "Cafe\u0301 \ud800"}
    assert written(truth, messy)[0] == {"headline": "Portraits of nobody", "call_to_action": "Café"}


def test_without_a_locale_the_brief_says_the_language(truth: Truth) -> None:
    texts, server = written(truth, RIGHT | {"headline": "Πορτρέτα"}, locale="")
    assert (texts["headline"], json.loads(server.told(0))["language"]) == ("Πορτρέτα", "that of the brief")


def test_letters_are_what_people_count(truth: Truth) -> None:
    texts = {"headline": "नमस्ते", "call_to_action": "क्षि"}
    limits = {"headline": {"most_letters": 3}, "call_to_action": {"most_letters": 1}}
    assert written(truth, texts, locale="hi", texts=limits)[0] == texts


@pytest.mark.parametrize(
    ("locale", "headline", "is_right"),
    [
        ("de", "Porträts von niemandem", True),
        ("de", "Portraits of you and me", False),
        ("de", "Art for nobody", True),  # one small word may be a name's
        ("fr", "L'art de personne", True),
        ("fr", "The art of nobody", False),
        ("ru", "Портреты никого", True),
        ("ru", "Portrety nikogo", False),
        ("ja", "秋の肖像展", True),
        ("ja", "Autumn portraits", False),
        ("zh-Hant", "無人的肖像", True),
        ("ar", "صور لا أحد", True),
        ("sr-Latn", "Portreti nikoga", True),
        ("hu", "Senki portréi", True),
        ("xx", "Πορτρέτα", True),  # of which nothing is known
    ],
)
def test_another_language_is_noticed_where_it_shows(truth: Truth, locale: str, headline: str, is_right: bool) -> None:
    limits = {"headline": {"most_letters": 28}}
    if is_right:
        assert written(truth, {"headline": headline}, locale=locale, texts=limits)[0] == {"headline": headline}
    else:
        with pytest.raises(FieldProblem, match=rf"'families', {locale}: after 1 try headline is "):
            written(truth, {"headline": headline}, locale=locale, texts=limits, tries=1)


def test_terms_of_the_glossary_are_of_no_language(truth: Truth) -> None:
    name = {"headline": "The Art of Noise live", "call_to_action": "Jetzt kommen"}
    glossary = {"The Art of Noise": "The Art of Noise"}
    assert written(truth, name, locale="de", glossary=glossary)[0] == name


def test_a_term_is_written_as_its_language_has_it(truth: Truth) -> None:
    glossary = {"opening": {"de": "Eröffnung", "fr": "vernissage"}}
    with desk_at(truth, RIGHT | {"headline": "Opening heute"}, RIGHT | {"headline": "Eröffnung heute"}) as (
        desk,
        server,
    ):
        texts = write([CopyRequest("all", "de_AT")], copy_of(glossary=glossary), desk)
    assert texts["all/de-AT"]["headline"] == "Eröffnung heute"
    assert "headline must have 'Eröffnung', written exactly so, wherever it says 'opening'" in server.told(1)


@pytest.mark.parametrize(
    ("text", "banned", "is_there"),
    [
        ("Cheaper than ever", "cheap", False),
        ("So cheap!", "CHEAP", True),
        ("Große Kunst", "GROSSE", True),
        ("ch\u200deap art", "cheap", True),
        ("\uff23\uff28\uff25\uff21\uff30 art", "cheap", True),
        ("最安の展覧会", "最安", True),
        ("Save 50%", "50%", True),
    ],
)
def test_banned_words_are_whole_and_of_any_case(truth: Truth, text: str, banned: str, is_there: bool) -> None:
    limits = {"texts": {"headline": {"most_letters": 28}}, "banned": [banned], "tries": 1}
    if is_there:
        with pytest.raises(FieldProblem, match="which is banned"):
            written(truth, {"headline": text}, locale="xx", **limits)
    else:
        assert written(truth, {"headline": text}, locale="xx", **limits)[0] == {"headline": text}


def test_a_model_that_never_obeys_ends_with_audience_text_and_what_came_nearest(truth: Truth) -> None:
    answers = [RIGHT | {"call_to_action": "Come " * times} for times in (9, 5, 7)]
    with pytest.raises(FieldProblem) as caught:
        written(truth, *answers, tries=3)
    assert caught.value.keys == ("copy", "texts", "call_to_action")
    assert str(caught.value) == (
        "copy: audience 'families', en: after 3 tries call_to_action has 24 letters and may have 18 "
        "(“Come Come Come Come Come”); loosen its limits, raise tries, or write the text yourself"
    )


def test_a_model_that_never_writes_json_ends_with_a_sentence(truth: Truth) -> None:
    with pytest.raises(
        FieldProblem, match=r"'families', en: headline was not written in 2 tries: the answer is not one"
    ):
        written(truth, "I would rather not.", tries=2)


def test_what_was_answered_is_kept_when_another_audience_fails(truth: Truth) -> None:
    requests = [CopyRequest(name, "en") for name in ("good", "bad")]
    config = Settings(copy_model="small", copy_threads=1)
    with model(RIGHT, RIGHT | {"headline": "x" * 50}) as server:
        desk = Desk(config.model_copy(update={"copy_url": server.url}), truth, may_ask=True)
        with pytest.raises(FieldProblem, match="'bad'"):
            write(requests, copy_of(tries=1), desk)
    with desk_at(truth, RIGHT) as (desk, server):
        write(requests, copy_of(), desk)
    assert len(server.asked) == 1


# What may be asked


def test_one_audience_has_one_description(truth: Truth) -> None:
    twice = [CopyRequest("all", "en", {"age": age}) for age in ("20", "30")]
    with pytest.raises(FieldProblem, match="audience 'all', en stands there twice and differs"):
        write(twice, copy_of(), Desk(Settings(), truth, may_ask=False))


@pytest.mark.parametrize("locale", ["german", "1", "../x", "d"])
def test_a_locale_is_one(locale: str) -> None:
    with pytest.raises(InputError, match=r"audience 'all': locale '.*' is no language tag"):
        CopyRequest("all", locale)


@pytest.mark.parametrize(
    "change",
    [
        {"brief": " "},
        {"texts": {}},
        {"texts": {"Head Line": {"most_letters": 3}}},
        {"texts": {"headline": {"most_letters": 0}}},
        {"tries": 0},
        {"banned": ["!"]},
        {"glossary": {"opening": {}}},
        {"model": "large"},
    ],
)
def test_keys_that_say_nothing_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        copy_of(**change)
