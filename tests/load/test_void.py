"""A generator that was the bottleneck is told from one that was well."""

import pytest

from simulator.load.histogram import Histogram
from simulator.load.result import GeneratorHealth, Series, Window
from simulator.load.void import examine


def spans(seconds: float, count: int = 1000) -> Histogram:
    """Return a histogram of one duration."""
    made = Histogram()
    made.record_ns(round(seconds * 1e9), count)
    return made


WELL = GeneratorHealth(cpu_share=0.3, run_wait_share=0.005)


def test_a_generator_that_was_in_time_is_trusted() -> None:
    assert examine(WELL, spans(0.0001), spans(0.01), Series()).reasons == ()


def test_lateness_voids_when_it_is_a_part_of_what_was_measured() -> None:
    void = examine(WELL, spans(0.005), spans(0.02), Series())

    assert "was late: p99 5.0 ms" in void.reasons[0]


def test_lateness_does_not_matter_beside_a_slow_target() -> None:
    assert examine(WELL, spans(0.005), spans(2.0), Series()).reasons == ()


def test_lateness_does_not_matter_where_nothing_is_due() -> None:
    assert examine(WELL, spans(0.5), spans(0.5), Series(), saturates=True).reasons == ()


@pytest.mark.parametrize(
    ("health", "said"),
    [
        (GeneratorHealth(run_wait_share=0.2, cpu_share=0.9), "another process"),
        (GeneratorHealth(run_wait_share=0.06, cpu_share=0.09), "another process"),
        (GeneratorHealth(steal_share=0.1), "host took 10 %"),
        (GeneratorHealth(gc_longest_s=0.3), "garbage"),
        (GeneratorHealth(sockets_refused=3), "ulimit"),
    ],
)
def test_the_machine_voids_a_test(health: GeneratorHealth, said: str) -> None:
    assert said in examine(health, spans(0.0001), spans(0.01), Series()).reasons[0]


def window(sent: int, late_s: float) -> Window:
    """Return a second in which so much was sent, so late."""
    return Window(sent_in=sent, lateness=spans(late_s, sent))


def test_the_honest_rate_is_that_of_the_busiest_window_in_time() -> None:
    series = Series(windows=[window(1000, 0.0001), window(2000, 0.0001), window(3000, 0.1)])

    void = examine(WELL, spans(0.1), spans(0.1), series)

    assert void.honest_rate == 2000


def test_no_rate_is_honest_where_it_was_late_at_all_of_them() -> None:
    series = Series(windows=[window(1000, 0.1), window(1000, 0.0001)])

    assert examine(WELL, spans(0.1), spans(0.1), series).honest_rate is None


def test_a_full_processor_says_what_it_could_have_done() -> None:
    full = GeneratorHealth(cpu_share=1.0)
    series = Series(windows=[window(1000, 0.1)])

    assert examine(full, spans(0.1), spans(0.1), series).honest_rate == pytest.approx(700)
