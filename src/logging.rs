//! A log file when one is asked for (`WEIGHTSCOPE_LOG=FILE`), nothing otherwise; never a line on the screen.
