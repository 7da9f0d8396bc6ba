"""What carries alerts: a thread for each service, and a handler that makes alerts of errors that are logged."""
