"""Context dependence: does a unit read the token, the bigram, the position, or more?"""
