"""Claims of the kind `execution`: what happens when a function of a package is called."""
