"""The HTTP edge: an API Gateway event in, an answer of the contract out."""
