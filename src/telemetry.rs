//! Log lines: text for people or one JSON object a line.
