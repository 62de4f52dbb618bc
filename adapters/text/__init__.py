"""What can be read from the text of application messages, whatever carried them."""

from .message_columns import MessageColumns, read_messages
from .named_peer import named_peers

__all__ = ["MessageColumns", "named_peers", "read_messages"]
