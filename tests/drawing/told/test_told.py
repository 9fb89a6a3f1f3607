"""Pictures and their sentences: every word follows from a fact, and every fact from the picture's attributes."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.drawing.told import KINDS, held_out, mirrored, some
from pipeline.drawing.told import motifs as told_motifs
from pipeline.drawing.told import portraits as told_portraits
from pipeline.drawing.told import rooms as told_rooms
from pipeline.models.words.vocabulary import spoken

PORTRAIT = {
    "kind": "portrait", "age": "young", "who": "woman", "skin": "fair", "hair": "bob", "hair colour": "ginger",
    "glasses": "glasses", "headwear": "beanie", "headwear colour": "purple", "garment": "hoodie",
    "garment colour": "dark blue", "smile": "smiling", "turn": "left", "backdrop": "disc", "backdrop colour": "teal",
}  # fmt: skip
ROOM = {"kind": "room", "time": "at night", "walls": "white", "sofa": "orange", "rug": "none", "plants": "some"}


def test_a_portrait_is_told_in_a_sentence() -> None:
    assert told_portraits.sentence(PORTRAIT) == (
        "a portrait of a young woman with fair skin, a ginger bob and glasses, wearing a purple beanie and a dark blue "
        "hoodie, smiling, turned to the left, before a teal wall with a disc"
    )
    assert told_portraits.sentence({"kind": "portrait", "who": "man"}) == "a portrait of a man"


def test_a_room_is_told_with_what_is_not_there() -> None:
    assert told_rooms.sentence(ROOM) == ("a living room at night with white walls, an orange sofa, no rug and plants")
    assert told_rooms.sentence({"kind": "room"}) == "a living room"


def test_a_motif_is_told_with_its_number() -> None:
    facts = {"kind": "poster", "count": "3", "subject": "stars", "colour": "red", "ground": "beige"}
    assert told_motifs.sentence(facts) == "a poster of three red stars on a beige ground"
    assert told_motifs.sentence({**facts, "count": "1"}) == "a poster of one red star on a beige ground"
    house = {"kind": "poster", "subject": "house", "colour": "orange", "second": "black"}
    assert told_motifs.sentence(house) == "a poster of an orange house with a black roof"


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_a_picture_and_a_sentence_that_says_all_of_it(kind: str) -> None:
    for seed in range(6):
        picture, facts = KINDS[kind].picture(seed, 32)
        again, _ = KINDS[kind].picture(seed, 32)
        assert (picture.shape, picture.dtype) == ((32, 32, 3), np.uint8)
        assert np.array_equal(picture, again)
        assert facts["kind"] == kind
        sentence = KINDS[kind].sentence(facts)
        assert "  " not in sentence
        for name in KINDS[kind].pair:
            assert set(spoken(facts.get(name, ""))) - {"stars", "hearts", "circles", "vase"} <= set(spoken(sentence))


def test_leaving_facts_out_only_takes_words_away() -> None:
    rng = np.random.default_rng(0)
    for _ in range(40):
        part = some(PORTRAIT, rng)
        assert part.items() <= PORTRAIT.items()
        assert {"kind", "who"} <= part.keys()
        # A colour alone is said of what has a name of its own.
        added = set(spoken(told_portraits.sentence(part))) - set(spoken(told_portraits.sentence(PORTRAIT)))
        assert added <= {"hair"}


def test_a_mirror_image_turns_the_other_way() -> None:
    assert mirrored(PORTRAIT) == {**PORTRAIT, "turn": "right"}
    assert mirrored(mirrored(PORTRAIT)) == PORTRAIT


def test_a_twelfth_of_all_pairs_is_held_out() -> None:
    motifs = [told_motifs.facts(told_motifs.motifs.sample(seed)) for seed in range(1500)]
    share = np.mean([held_out(facts) for facts in motifs])
    assert 0.03 < share < 0.16
    pairs = {(facts["subject"], facts["colour"]): held_out(facts) for facts in motifs}
    assert all(pairs[facts["subject"], facts["colour"]] == held_out(facts) for facts in motifs)
