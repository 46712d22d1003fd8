"""The forms that an answer can have, one for each kind of check: how its text is read, and when it is right."""
