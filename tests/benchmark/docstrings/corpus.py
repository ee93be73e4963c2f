"""Build corpus.jsonl, a search corpus from the docstrings of networkx and scipy.

Made for networkx==3.4.2 and scipy==1.14.1; no network is needed:

    python corpus.py corpus.jsonl

One document for each public function or class: _id is its qualified name, title its
docstring's summary, text the rest as prose. The same versions give the same bytes.
"""

import hashlib
import importlib
import inspect
import json
import pkgutil
import re
import sys
import warnings

import numpy as np

PACKAGES = ("networkx", "scipy")
MIN_WORDS, MAX_WORDS, MAX_DOCS = 40, 300, 1500
DROPPED_SECTIONS = {"Examples", "Example", "References", "See Also", "See also", "Methods", "Attributes"}
PRIVATE = re.compile(r"(^|\.)(_|tests?(\.|$)|conftest)")
NOT_SUMMARY = re.compile(r"^\W*(\w+ = )?[\w.]+\(.*\)\.?$|^\.\. ", re.S)  # a signature or a directive
UNDERLINE = re.compile(r"^\s*[-=~]{3,}\s*$")


def public_objects(package):
    """Yield (qualified name, docstring), each object once, under its shortest public name."""
    names = [package] + [m.name for m in pkgutil.walk_packages(
        importlib.import_module(package).__path__, package + ".", onerror=lambda name: None)]
    seen = {}  # keeps the objects, so that no id is used again
    for name in sorted((n for n in names if not PRIVATE.search(n)), key=lambda n: (n.count("."), n)):
        try:
            module = importlib.import_module(name)
        except ImportError:  # needs an optional package
            continue
        for attribute in sorted(getattr(module, "__all__", None) or dir(module)):
            thing = getattr(module, attribute, None)
            thing = getattr(thing, "orig_func", thing)  # under networkx's dispatch decorator
            kind = inspect.isroutine(thing) or inspect.isclass(thing) or isinstance(thing, np.ufunc)
            home = getattr(thing, "__module__", None) or name
            foreign = home.split(".")[0] != package or getattr(np, getattr(thing, "__name__", ""), None) is thing
            if attribute.startswith("_") or not kind or id(thing) in seen or foreign:
                continue
            seen[id(thing)] = thing
            if isinstance(thing.__doc__, str):
                yield f"{name}.{attribute}", inspect.cleandoc(thing.__doc__)


def plain(text):
    """reStructuredText markup taken off, white space made single."""
    text = re.sub(r":[\w:]+:`~?([^`<]*?)\s*(<[^>]*>)?`", r"\1", text)  # roles
    text = re.sub(r"\s*\[[\w\s,.-]+\]_", "", text)  # citations
    text = re.sub(r"\.\. (?:version\w+|deprecated):: *[\d.]*|\.\. [\w-]+::", " ", text)  # directives
    text = re.sub(r"`+_?|\*\*|\|", "", text)
    return " ".join(text.split())


def split_docstring(docstring):
    """(title, text) of one docstring."""
    paragraphs = re.split(r"\n\s*\n", docstring.strip())
    while paragraphs and NOT_SUMMARY.match(paragraphs[0].strip()):
        paragraphs.pop(0)
    if not paragraphs:
        return "", ""
    summary = re.sub(r"^[\w.]+\([^)]*\)\s+(?=[A-Z])", "", plain(paragraphs[0]))
    rest = "\n\n".join(paragraphs[1:])
    title, *more = re.split(r"(?<=[a-z)]\.)\s+(?=[A-Z])", summary, maxsplit=1)
    lines, kept, keep = rest.split("\n"), [], True
    for line, following in zip(lines, lines[1:] + [""]):
        if line.strip() and UNDERLINE.match(following):  # a section's heading
            keep = line.strip() not in DROPPED_SECTIONS
            line = line.strip() + "."
        elif UNDERLINE.match(line) or re.match(r"\s*(>>>|\.\.\. |\.\. (index|seealso|plot))", line):
            continue
        if keep:
            kept.append(line)
    return title, plain(" ".join(more) + "\n" + "\n".join(kept))


def main(path):
    warnings.simplefilter("ignore")
    documents, titles, texts = [], set(), set()
    for name, docstring in sorted(pair for package in PACKAGES for pair in public_objects(package)):
        title, text = split_docstring(docstring)
        words = text.split()
        text = " ".join(words[:MAX_WORDS])
        if not title or len(words) < MIN_WORDS or title in titles or text in texts:
            continue
        titles.add(title)
        texts.add(text)
        documents.append({"_id": name, "title": title, "text": text})
    documents.sort(key=lambda d: hashlib.sha256(d["_id"].encode()).hexdigest())
    documents = sorted(documents[:MAX_DOCS], key=lambda d: d["_id"])
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(d, ensure_ascii=False) + "\n" for d in documents)
    print(f"{len(documents)} documents, {sum(len(d['text'].split()) for d in documents) / len(documents):.0f} words each")


if __name__ == "__main__":
    main(sys.argv[1])
