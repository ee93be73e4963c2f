"""The words and texts of the goldens, written for this project.

Nothing here is random: the vocabularies of the tiny tokenizers and the texts that every golden
answers come from these lists alone, so that a golden can be made again bit for bit.
"""

from __future__ import annotations

# Known words of the tiny tokenizers; "##" marks the continuation of a word (WordPiece).
WORDS: list[str] = (
    "the a an and of in on to is are was it this that for with at by from after before "
    "river rain water sea snow wind storm warm cold day night three two sun moon "
    "bread baker kitchen soup cook rice salt apple market price "
    "train bike road city bridge map travel ship port "
    "piano song band music sing play dance film book letter read write word "
    "cat dog horse bird tree leaf garden seed bee "
    "doctor heart sleep pain cure run walk swim game win lose team ball "
    "search find query index passage text answer question star planet light stone house"
).split()
CONTINUATIONS: list[str] = ["##s", "##es", "##ed", "##ing", "##er", "##ly", "##ish", "##ness", "##ful"]
CHARACTERS: str = "abcdefghijklmnopqrstuvwxyz0123456789"
PUNCTUATION: str = "!\"$%&'()*+,-./:;?@[]_{}—…"
IDEOGRAPHS: str = "数据水山"

# What every dense and sparse golden encodes: short, long, empty, blank, of one letter, accented
# (composed and decomposed), of several scripts, with emoji, invisible and control characters, with
# special tokens spelled out, exactly as long as the goldens' limit of 32 tokens allows, one token
# longer, far longer, and one word longer than WordPiece takes.
TEXTS: list[str] = [
    "The river rises after three days of rain.",
    "After three days of rain, the river is rising.",
    "A baker sells warm bread before sunrise.",
    "Which planet is the coldest?",
    "",
    "   ",
    "x",
    "Crème brûlée, smørrebrød & jalapeño — naïve façade, Straße!",
    "composed é, decomposed e\u0301",
    "全文検索 finds 数据 and 검색",
    "\U0001f6b2 uphill \U0001f469\u200d\U0001f680 and\u200bback, so\u00adft \u0007bell",
    "tab\there\nnew line\r\nend",
    "McDonald's iPhone-15 costs 1,299.00 EUR (50% off) #deal @home a_b/c",
    "?!?! ... ;;; --",
    "before [SEP] and </s> after [MASK] or <mask>",
    " ".join(["rain"] * 30),
    " ".join(["rain"] * 31),
    " ".join(["the dog and the cat walk by the river in the rain after a long day;"] * 12),
    "z" * 150,
]

# What every cross golden scores: near and far meanings, an empty side, both sides too long, one of
# them only (longest_first takes from the longer one), and the odd texts from above.
PAIRS: list[tuple[str, str]] = [
    (TEXTS[0], TEXTS[1]),
    (TEXTS[0], TEXTS[2]),
    ("Which bird sings at night?", "The bird sings a song in the garden before sunrise."),
    ("", TEXTS[0]),
    (TEXTS[0], ""),
    (TEXTS[17], TEXTS[15]),
    (TEXTS[2], TEXTS[17]),
    (TEXTS[17], TEXTS[2]),
    (TEXTS[7], TEXTS[9]),
    (TEXTS[10], TEXTS[11]),
    (TEXTS[14], TEXTS[18]),
]
