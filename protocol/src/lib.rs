//! What to send, what a reply means, when to ask again and when to stop.
