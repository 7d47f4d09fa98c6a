"""Made-up articles for benches: the same for the same number, as long as real ones, in topics, and citing codes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random

from django.db import transaction

from kb.articles.models import Article, Revision, Topic
from kb.codes.models import Code
from kb.text.plain import from_html

MARK = "made-up"  # begins the slugs of articles and topics
TOPICS = 20
A_BATCH = 500
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
TITLES = (
    "{0} {1} with {2}",
    "How to {0} {1}",
    "When {1} shows {0}",
    "{1}: {0} and {2}",
    "Why {2} has {0} {1}",
)


class Words:
    """Words as a text has them: a few everywhere, very many seldom. The common ones are those of the shipped articles."""

    def __init__(self, rarer: int = 20_000):
        known: dict[str, int] = {}
        for plain in Revision.objects.exclude(article__slug__startswith=MARK).values_list("plain", flat=True):
            for word in plain.lower().split():
                if word.isalpha():
                    known[word] = known.get(word, 0) + 1
        common = sorted(known, key=lambda word: (-known[word], word))[:4000] or ["mail", "box", "server"]
        self.all = common + [f"{common[at % len(common)]}{_syllables(at)}" for at in range(rarer)]
        self.weights = [1 / (place + 3) for place in range(len(self.all))]
        self.sums = []
        total = 0.0
        for weight in self.weights:
            total += weight
            self.sums.append(total)

    def some(self, random: Random, count: int) -> list[str]:
        return random.choices(self.all, cum_weights=self.sums, k=count)


def fill(number: int) -> Iterator[int]:
    """Make so many articles, a batch a transaction; yields how many there are."""
    topics = [_topic(at) for at in range(TOPICS)]
    codes = list(Code.objects.order_by("pk"))
    words, done = Words(), 0
    numbers = iter(range(1, number + 1))
    while batch := list(islice(numbers, A_BATCH)):
        with transaction.atomic():
            _make(batch, topics, codes, words)
        done += len(batch)
        yield done


def _make(numbers, topics, codes, words):
    made = [_revision(number, topics, codes, words) for number in numbers]
    articles = Article.objects.bulk_create(article for article, _, _ in made)
    for article, (_, revision, _) in zip(articles, made, strict=True):
        revision.article = article
    revisions = Revision.objects.bulk_create(revision for _, revision, _ in made)
    links = Revision.codes.through
    links.objects.bulk_create(
        links(revision=revision, code=code)
        for revision, (_, _, cited) in zip(revisions, made, strict=True)
        for code in cited
    )


def _revision(number, topics, codes, words):
    random = Random(number)  # noqa: S311 (made-up text is no secret)
    title = random.choice(TITLES).format(*words.some(random, 3))[:100].capitalize()
    cited = random.sample(codes, min(random.choice((0, 0, 1, 1, 2, 4)), len(codes)))
    html = "".join(_paragraph(random, words, code) for code in [*cited, *[None] * random.randint(4, 14)])
    moment = FIRST + timedelta(minutes=number)
    article = Article(
        slug=f"{MARK}-{number}",
        topic=random.choice(topics),
        state="published",
        reviewed_on=moment.date(),
    )
    revision = Revision(
        title=f"{title} {number}",
        summary=_sentence(random, words),
        keywords=", ".join(words.some(random, 4)),
        body=html,
        html=html,
        plain=from_html(html),
        made_at=moment,
        approved_at=moment,
        publish_at=moment,
    )
    return article, revision, cited


def _paragraph(random, words, code):
    says = f" Servers say {code.usual_value} then." if code else ""
    sentences = " ".join(_sentence(random, words) for _ in range(random.randint(2, 6)))
    return f"<p>{sentences}{says}</p>\n"


def _sentence(random, words):
    return f"{' '.join(words.some(random, random.randint(6, 18)))}.".capitalize()


def _topic(at):
    name = f"Made-up topic {at + 1}"
    return Topic.objects.get_or_create(
        slug=f"{MARK}-{at + 1}", defaults={"name": name, "position": 1000 + at}
    )[0]


def _syllables(at):
    parts = ("ra", "to", "mi", "ne", "lu", "so", "ka", "vi")
    return "".join(parts[at // 8**place % 8] for place in range(4))


def others() -> int:
    """How many articles people made here: neither shipped nor made up."""
    return Article.objects.filter(key=None).exclude(slug__startswith=MARK).count()
