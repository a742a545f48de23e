#!/bin/bash
# What openbox starts here: a background only. The browser comes from custom_startup.sh.
hsetroot -solid '#35566b'
