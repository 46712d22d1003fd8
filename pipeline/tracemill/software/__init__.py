"""Programs of several files: working copies of repositories, the tools that read and change them, their tests, their
mutants."""
