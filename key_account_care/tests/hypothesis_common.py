"""Tests with examples that hypothesis invents, where it is installed."""

from random import Random
from unittest import skipUnless
from unittest.mock import patch

try:
    import hypothesis
    from hypothesis import strategies
    from hypothesis.internal.constants_ast import Constants
except ImportError:
    hypothesis = strategies = None

needs_hypothesis = skipUnless(hypothesis, "hypothesis is not installed; requirements-test.txt names it")


def run_examples(play, *arguments, max_examples, known=(), shrink=True):
    """Call a method with the known examples, then with invented ones, which are the same in each run.

    :param arguments: a strategy for each argument of the method
    :param known: tuples of arguments
    :param shrink: whether a failing example is made shorter, which takes minutes where examples are long
    """
    phases = list(hypothesis.Phase) if shrink else [hypothesis.Phase.explicit, hypothesis.Phase.generate]
    settings = hypothesis.settings(
        derandomize=True, database=None, deadline=None, max_examples=max_examples, phases=phases,
        suppress_health_check=list(hypothesis.HealthCheck))
    test = hypothesis.given(*arguments)(play)
    for example in known:
        test = hypothesis.example(*example)(test)
    # else the examples change with the constants in a thousand files of Odoo, which take seconds to read
    with patch('hypothesis.internal.conjecture.providers._get_local_constants', Constants, create=True):
        settings(test)()


def run_drawn(play, make, max_examples, known=()):
    """Call a method with what is drawn at random. Hypothesis invents the seeds: what it invents itself is much the same again
    and again, and nearly never anything that a rule should find.

    :param make: function that makes an example by a ``random.Random``, see :func:`draw`
    :param known: examples to begin with
    """
    examples = strategies.integers(0, 2 ** 32).map(lambda seed: make(Random(seed)))
    run_examples(play, examples, max_examples=max_examples, known=[(example,) for example in known], shrink=False)


def draw(kind, /, **choices):
    """:return: function that makes such a tuple of choices, see :func:`pick`"""
    return lambda random: kind(**{name: pick(random, choice) for name, choice in choices.items()})


def many(choice, count):
    """:return: function that makes a list of so many choices"""
    return lambda random: [pick(random, choice) for __ in range(count)]


def pick(random, choice):
    """:param choice: values to choose from, or a function that makes one by a ``random.Random``"""
    chosen = choice if callable(choice) else random.choice(choice)
    return chosen(random) if callable(chosen) else chosen
