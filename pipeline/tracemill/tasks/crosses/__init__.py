"""`biology.genetics.crosses`: what fraction of the offspring of a cross has some form, with parents known by their kin.

task.py      the task: families, the text of the problem, the whole solution
family.py    a family as data, and the laws of inheritance as premises
parents.py   from the forms of a family to what the parents of a cross carry and pass on
telling.py   from that to fractions of the offspring, step by step
words.yaml   animals and plants, sentences, phrases, mistakes
oracle.py    what is right, found by going through all genotypes of everybody
"""
