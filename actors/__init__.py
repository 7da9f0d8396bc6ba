"""Act: whatever has a mailbox, a thread, a socket or a file, thin around `engine`."""
