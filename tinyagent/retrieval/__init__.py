"""Retrieval: which few tools could the words mean? Tool2Vec vectors, an MLC head, and their combination."""
