"""The verifier `answer`: finds the final answer in a text and compares it with the expected one."""
