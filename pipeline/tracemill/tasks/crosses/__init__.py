"""`biology.genetics.crosses`: what fraction of the offspring of a cross has some form, with parents known by their kin.

task.py      the task: families, the text of the problem, the whole solution
family.py    a family as data, and the laws of inheritance as premises
telling.py   from forms to genotypes, gametes and fractions, step by step
words.yaml   animals and plants, sentences, phrases, mistakes
oracle.py    what is right, found by going through all genotypes of everybody
"""
