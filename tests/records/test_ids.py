from tracemill.records.ids import trace_id


def test_the_end_of_a_trace_id_does_not_say_which_sample_it_is():
    ends = {trace_id(problem, "symbolic", "single", "0").partition("-")[2] for problem in ("a1", "b2", "c3")}
    assert len(ends) == 3
