//! Taking the terminal and giving it back, exactly once.
