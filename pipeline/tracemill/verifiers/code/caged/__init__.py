"""What runs inside of cages beside test files and candidates. Standard library only; read as text, and put into a cage
as files of its own.

remote_link.py       two programs that talk: calls, built-in values, handles for all else
candidate_host.py    beside the candidate: carries out what the tests ask
test_runner.py       beside the test files: a stand-in for the candidate's module, and the results
"""
