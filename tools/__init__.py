"""What is run at development time alone."""
