"""What runs in a cage beside a repository's own files; read as text, never imported here. Standard library only.

run_visible_tests.py     runs the tests that lie in a repository and says which fail, for the tool `run_tests`
evaluate_expression.py   evaluates an expression in a module, or follows a function line by line
pytest_stand_in.py       what of pytest's interface test files use
"""
