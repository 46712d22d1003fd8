"""Problems that are answered by a program, from files of the shapes that the field uses.

code_source.py   the source of kind `code`: reads the file, runs the reference solutions, measures the tests
shapes.py        from a row to a problem: HumanEval, MBPP, APPS, TACO, LiveCodeBench, KodCode
packed_tests.py  the hidden tests of LiveCodeBench, unpacked without running what is in them
"""
