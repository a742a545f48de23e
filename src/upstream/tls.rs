//! TLS towards desktops: their certificate is self-signed, without a name (kasm-image P5), so it proves nothing and
//! is not checked; what protects the way is that it never leaves this host.
