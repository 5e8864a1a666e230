"""What the functions share: the HTTP edge, sessions, permissions, and the clients of outside services."""
