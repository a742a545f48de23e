#!/bin/sh
# Makes self.pem the way a kasmweb container does at every start: RSA-2048, CN=kasm, CA:TRUE, no SAN.
# The result is committed so that tests need no openssl. It guards nothing: a test certificate and its key.
set -eu
cd "$(dirname "$0")"
openssl req -x509 -nodes -newkey rsa:2048 -days 36500 -subj /CN=kasm -keyout key.tmp -out cert.tmp
cat key.tmp cert.tmp > self.pem
rm key.tmp cert.tmp
