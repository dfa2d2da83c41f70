//! No terminal: one line or one JSON object per event.
