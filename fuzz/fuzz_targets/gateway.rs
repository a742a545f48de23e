#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| desktop_gateway::fuzzing::gateway(bytes));
