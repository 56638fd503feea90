"""One walk of a data set through a model, here or on a cluster, that can be stopped and resumed."""
