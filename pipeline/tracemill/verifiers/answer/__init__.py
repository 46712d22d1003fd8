r"""The verifier `answer`: finds the final answer in a text and compares it with the expected one.

From a text to a verdict, with the folder that does it:

    verifier.py   takes the content of the last assistant turn
    check.py      makes the form of the answer from the problem's check and expected answer
    finding/      where the text states its final answer:  `So it is \boxed{\frac12}.`
    forms/        a form for each kind of check; it has the text of the answer read, and judges what was read
    grammar/      what the text says, with every token accounted for: spelling, tokens, numbers and trees, and
                  the kind of answer that they are (a value with its unit, a time, a set, an interval, a relation, …)
    comparing/    whether two answers are the same: by their kind, then their terms as polynomials, then their values
                  at points, and last by computer algebra in another process
    question.py   what the question asks for, where a text has two senses
    canaries.py   cases with known outcomes; mutations.py: pairs made by rule, on which the verifier is measured
"""
