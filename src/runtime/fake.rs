//! A runtime in memory with scripted delays and failures, for paths a real engine shows rarely.
