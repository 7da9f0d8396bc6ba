"""The gateway: from wishes about orders to calls of an exchange, each certain in the end."""
